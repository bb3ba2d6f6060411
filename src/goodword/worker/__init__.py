"""Who decides what was received? The chain's worker: lanes, due moments, the outbox, the sealer and daily jobs."""
