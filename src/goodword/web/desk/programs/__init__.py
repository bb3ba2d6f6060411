"""What is promised? The programs of a client, read only, as sentences."""
