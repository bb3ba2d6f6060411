"""Today: what is due, why it is mine, and one Start."""
