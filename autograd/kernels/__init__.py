"""Loops that NumPy has no function for, on plain arrays: a family a file, in NumPy.

A kernel takes arrays and gives arrays; it knows nothing of Tensors, rules or modules. It works in
blocks that stay in cache and writes with `out=` where that is faster, and says why. Some have a
twin in `compiled`, which runs where Numba is installed: `twins` exchanges them.
"""
