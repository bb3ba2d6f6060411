"""What is held, what speaks against it, and what do people decide? The room Review."""
