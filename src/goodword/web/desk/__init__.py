"""Where do agents work? Lists, the story of one referral, the event inspector."""
