"""Which brands are served? The list, a new one in ten minutes, and the settings of one."""
