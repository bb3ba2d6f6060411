"""The room of one referral: what became of it, and why."""
