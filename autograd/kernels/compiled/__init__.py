"""Compiled twins of the kernels in NumPy: same room, same file, same name, same arguments.

They need Numba, the optional extra `fast`, and are loaded by `kernels.parallel.twins` alone. A twin
is a Python function that makes its results and calls loops marked with `loops.jit`, which large
arrays share by `kernels.parallel.threads`.
"""
