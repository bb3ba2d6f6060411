"""The room of referrals: find, narrow, choose, take away, enter by hand."""
