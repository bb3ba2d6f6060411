"""How the machine does: one page for whoever keeps it running."""
