"""How does Django talk to PostgreSQL here? Its own backend, kept within the rules of row security and of Citus."""
