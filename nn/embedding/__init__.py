"""Tables of vectors, looked up one by one or in bags."""
