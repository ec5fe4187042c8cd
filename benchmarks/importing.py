"""Time to import a library in a fresh interpreter, into which nothing else was loaded, in ms."""

import sys
from time import perf_counter

PACKAGES = {
    "chaingrad": ("autograd", "nn", "optim"),
    "numpy": ("numpy",),
    "torch": ("torch",),
    "jax": ("jax", "jax.numpy"),
}

start = perf_counter()
for package in PACKAGES[sys.argv[2]]:
    __import__(package)
print(f'{{"number": {(perf_counter() - start) * 1e3}}}')
