"""Programs as users write them, for type checkers: one that is right, one of mistakes alone."""
