"""What does the hot path ask of PostgreSQL? Statements over psycopg, with no Django import, each naming its client."""
