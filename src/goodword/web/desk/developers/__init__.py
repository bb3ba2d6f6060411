"""What developers of a client need: keys, events and their decisions, and a place to try an event."""
