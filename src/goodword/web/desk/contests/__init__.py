"""Who leads, what is frozen, and who won what? The contest of a program, round by round."""
