"""Who speaks for a program by a contract? Applications, vetting, contracts, briefs, posts, and the way in from outside."""
