"""What is Goodword? A referral platform in which every event becomes a posted reward that explains itself."""

__version__ = "0.1.0"
