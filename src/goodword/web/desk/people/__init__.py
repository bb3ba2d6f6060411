"""The room of people: find anybody by anything, and all that is known of one."""
