"""What does a program mean, told as a story a clerk can read? The language of scenario files, and how they are played."""
