"""What is looked for when a training goes wrong: NaN, lost digits, kept memory, hidden branches."""
