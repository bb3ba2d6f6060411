"""What do screens list and show? One read a page, a fixed number of queries each, all inside the scope of a client."""
