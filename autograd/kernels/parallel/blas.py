"""The OpenBLAS libraries of this process: how many threads they use, and their functions by name.

NumPy brings one, SciPy another. A call of threadpoolctl's takes 10 µs, one of the function 1, and
a convolution makes several.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["blas_function", "blas_threads", "set_blas_threads"]


@lru_cache(maxsize=1)
def _libraries() -> list[Any]:
    from threadpoolctl import ThreadpoolController  # late: looks through all libraries

    return list(ThreadpoolController().select(internal_api="openblas").lib_controllers)


def blas_function(name: str) -> Any:
    """A function of the first OpenBLAS that has it, as ctypes sees it; None without one."""
    return next(filter(None, (_function(library, name) for library in _libraries())), None)


def blas_threads() -> int:
    """The largest number of threads that one of them uses; 0 if there is none, as on macOS."""
    return max((library.get_num_threads() for library in _libraries()), default=0)


def set_blas_threads(number: int) -> None:
    """Let each use so many threads."""
    for set_threads in _setters():
        set_threads(number)


@lru_cache(maxsize=1)
def _setters() -> list[Callable[[int], Any]]:
    return [
        library.set_num_threads  # OpenMP counts the threads, not OpenBLAS
        if library.threading_layer == "openmp"
        else _function(library, "openblas_set_num_threads") or library.set_num_threads
        for library in _libraries()
    ]


def _function(library: Any, name: str) -> Any:
    """Builds with 64-bit integers, and SciPy's and NumPy's own, have other names."""
    names = (f"{before}{name}{behind}" for before in ("scipy_", "") for behind in ("64_", ""))
    return next((getattr(library.dynlib, n) for n in names if hasattr(library.dynlib, n)), None)
