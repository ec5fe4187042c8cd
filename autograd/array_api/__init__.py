"""The array API standard's names that are no operations: dtypes, constants, questions, and info."""
