"""What is a person's own at the desk: how it looks, its keys, views with a name, texts not yet sent."""
