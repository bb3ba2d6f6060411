"""Where does Goodword live on this machine? The data folder, its PostgreSQL and the processes that serve it."""
