"""A program read once more: its formulas and rules, run on lazy values, as instructions."""
