"""How does what happened get in? The hot path: bare ASGI, msgspec and one writer thread; a receipt is given only after the commit."""
