"""The desk of a demo: its ribbon, its clock, and how it is taken away. Outside a demo none of these addresses exists."""
