"""A program compiled: read once more as calls of NumPy, fused into loops, run as a static plan."""
