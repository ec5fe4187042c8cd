"""Elements taken, put, repeated and padded."""
