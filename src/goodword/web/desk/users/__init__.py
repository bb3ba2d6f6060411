"""Who works here? The rooms of the team, of everybody, of what each role may do, and of seeing the desk as another."""
