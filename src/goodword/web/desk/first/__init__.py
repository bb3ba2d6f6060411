"""The way from an empty installation to a program that works: four steps, each ticked by what is really there."""
