"""BLAS's threads go to sleep soon after a product, and leave their cores to others.

After a product on several threads OpenBLAS's threads wait for the next one in a loop, so as to be
there at once: for 2²⁸ cycles, which is 100 ms at 2.6 GHz. A loop that chaingrad shares with threads
of its own meanwhile has a core less. A training step of a convolutional network on two cores took
150 ms instead of 105, for the sake of one small product at its end. A millisecond or two is
long enough for products that come one after the other, which are as fast as before.

OpenBLAS reads the time from the environment when its threads start, so they are started anew. If
OPENBLAS_THREAD_TIMEOUT is set, its user has decided; in other libraries nothing is done.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import Any

from autograd.kernels.parallel.symbols import addresses, loaded

__all__ = ["let_blas_sleep"]

_VARIABLE = "OPENBLAS_THREAD_TIMEOUT"
_CYCLES = "22"  # a power of two: 1.6 ms at 2.6 GHz
_RESTART = ("openblas_read_env", "blas_thread_shutdown_", "blas_thread_init")


def let_blas_sleep() -> bool:
    """Have the threads of NumPy's OpenBLAS wait for a millisecond or two; whether it was done.

    Not while there are other threads in Python, of which one may be in the middle of a product.
    """
    extension = sys.modules.get("numpy._core._multiarray_umath")
    if extension is None or _VARIABLE in os.environ or threading.active_count() > 1:
        return False
    restarts = _exported(str(extension.__file__)) or _hidden()
    if not restarts:
        return False
    os.environ[_VARIABLE] = _CYCLES
    try:
        for function in restarts:
            function()
    finally:
        del os.environ[_VARIABLE]
    return True


def _exported(extension: str) -> list[Any]:
    """The functions, of builds that export them."""
    # a handle of NumPy's own extension finds the names of the library that it is linked with
    library = ctypes.CDLL(extension)
    return [getattr(library, n) for n in _RESTART] if hasattr(library, _RESTART[-1]) else []


def _hidden() -> list[Any]:
    """The functions of every OpenBLAS of the process, of builds that only name them."""
    names = [name.encode() for name in _RESTART]
    found = [a for path, start in loaded("openblas") for a in addresses(path, start, names)]
    return [ctypes.CFUNCTYPE(ctypes.c_int)(address) for address in found]
