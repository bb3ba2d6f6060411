"""The door of the house: how staff prove who they are, what protects their account, and where they are signed in."""
