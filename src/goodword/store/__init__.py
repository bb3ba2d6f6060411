"""Where does everything a client owns lie, and who may touch it? The only Django app with tables; the only queries."""
