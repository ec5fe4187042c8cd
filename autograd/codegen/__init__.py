"""From a formula to the loop that computes it, in native code where llvmlite is, else in NumPy."""
