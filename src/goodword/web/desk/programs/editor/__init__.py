"""Where is a program's next version written? The rule as a sentence whose values open where they stand."""
