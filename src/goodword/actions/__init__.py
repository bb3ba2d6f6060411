"""What can be done here? The verbs of the platform: one function is one transaction, one permission and one audit line."""
