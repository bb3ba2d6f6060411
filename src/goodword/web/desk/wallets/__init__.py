"""The points of one person: what they hold until when, what became of it, and what it is redeemed for."""
