"""Kernels and their compiled twins: the NumPy function defines one, Numba's runs where it fits.

The twin of `autograd.kernels.X.Y.f` is `autograd.kernels.compiled.X.Y.f`, found by these names,
with the same arguments. It is loaded at the first call that is large enough, if the optional extra
`fast` is installed; without it the NumPy function runs. A twin that declines what it got returns
NotImplemented before it writes anything, and the NumPy function runs. CHAINGRAD_FAST=0 in the
environment, read when the package is imported, leaves all twins alone.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import Any, TypeVar

import numpy as np

from autograd.kernels.parallel.probe import Probe
from autograd.system.forks import after_fork, forkable

__all__ = ["compiled_twin", "few_twins", "numpy_only", "twin", "twins_run"]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_SINGLE = frozenset((np.dtype(np.float32),))
_DOUBLE = _SINGLE | {np.dtype(np.float64)}
# files whose kernels plans call too; others they have loops of their own for
_CALLED = frozenset(("attention", "gru", "lstm", "pooling", "taps", "winograd"))
_FAST = os.environ.get("CHAINGRAD_FAST", "1") != "0"


class _Switch:
    """Whether twins run; which threads have a `numpy_only` open; whether Numba's fault was told."""

    def __init__(self) -> None:
        self.lock = forkable(threading.RLock())
        self.closed: list[int] = []  # by whom, of the threads
        self.told = False
        self.spared = 0  # how many `few_twins` are open
        self.budget = 1 << 25  # elements that NumPy takes meanwhile, in a tenth of a second or so

    def spares(self, size: int) -> bool:
        """Whether a twin that is not loaded yet is not worth it."""
        if self.spared:  # where Numba is there, a twin is loaded in a tenth of the time
            self.budget -= 10 * size if "numba" in sys.modules else size
        return self.spared > 0 and self.budget >= 0

    def after_fork(self) -> None:
        """Of the parent's threads a child process has one."""
        self.closed = [thread for thread in self.closed if thread == threading.get_ident()]


_switch = _Switch()
after_fork(_switch.after_fork)


def twin(
    least: int, *, double: bool = False, exact: bool = False, repaid: int = 0
) -> Callable[[Kernel], Kernel]:
    """Let the compiled twin of a kernel run where its first argument has `least` elements or more.

    Below, loading Numba (half a second and 120 MiB, once) is not worth what it saves. A twin that
    saves little in a call loads it after so many elements that it is `repaid`, or runs as soon as
    another has loaded it. It must agree with NumPy to the last bit: any call may be its first.
    Nor does a call load Numba whose first argument has a dtype that no loop is compiled for: all
    take single precision, and those of a `double` twin double precision too. One that is `exact`
    gives NumPy's bits for each element by itself, so that an elementwise kernel may go in blocks.
    """

    def decorate(kernel: Kernel) -> Kernel:
        if not _FAST:
            return kernel
        run: Callable[..., Any] | None = None  # the twin, once it has been looked for
        ahead = repaid  # elements before it looks
        dtypes = _DOUBLE if double else _SINGLE
        is_called = kernel.__module__.rpartition(".")[2] in _CALLED

        @wraps(kernel)
        def choose(*args: Any, **options: Any) -> Any:
            nonlocal run, ahead
            first = args[0]
            if type(first) is np.ndarray and first.size >= least and not _switch.closed:
                if run is None:
                    is_early = ahead > 0 and "numba" not in sys.modules
                    is_early = is_early or (not is_called and _switch.spares(first.size))
                    if first.dtype not in dtypes or is_early:
                        ahead -= first.size
                        return kernel(*args, **options)
                    run = compiled_twin(kernel) or _declines
                try:
                    result = run(*args, **options)
                except Exception as error:
                    if not type(error).__module__.startswith("numba."):
                        raise
                    _tell(error, "cannot compile a kernel")  # it has not run: nothing is written
                    run, result = _declines, NotImplemented
                if result is not NotImplemented:
                    return result
            elif type(first) is Probe and not exact:
                raise TypeError("what a twin computes is not made of NumPy's operations")
            return kernel(*args, **options)

        return choose  # type: ignore[return-value]

    return decorate


def twins_run() -> bool:
    """Whether twins run where they fit: Numba is installed, and nothing keeps them from it."""
    return _FAST and not _switch.closed and _has_numba()


@lru_cache(maxsize=1)
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def compiled_twin(kernel: Callable[..., Any]) -> Callable[..., Any] | None:
    """The compiled twin of a NumPy kernel, or None without Numba; a broken Numba warns once."""
    home = kernel.__module__.replace(".kernels.", ".kernels.compiled.", 1)
    with _switch.lock:
        try:
            import numba
        except ModuleNotFoundError as error:
            if error.name == "numba":
                return None
            _tell(error)
            return None
        except (ImportError, AttributeError, OSError, SystemError) as error:
            _tell(error)
            return None
        if getattr(numba.config, "DISABLE_JIT", 0):  # loops would run in Python
            return None
        found = getattr(importlib.import_module(home), kernel.__name__)
    return found  # type: ignore[no-any-return]


@contextmanager
def numpy_only() -> Iterator[None]:
    """The NumPy kernels alone, in the whole process, as for a comparison.

    >>> with numpy_only():
    ...     pass
    """
    with _switch.lock:
        _switch.closed.append(threading.get_ident())
    try:
        yield
    finally:
        with _switch.lock:
            _switch.closed.remove(threading.get_ident())


@contextmanager
def few_twins() -> Iterator[None]:
    """A block in which twins that are not loaded are left alone, as for a call that is made once.

    What is run often may be native code of another kind, and then Numba is never needed. A few
    large calls load it all the same.
    """
    with _switch.lock:
        _switch.spared += 1
    try:
        yield
    finally:
        with _switch.lock:
            _switch.spared -= 1


def _declines(*args: Any, **options: Any) -> Any:
    return NotImplemented


def _tell(error: Exception, what: str = "cannot be imported") -> None:
    if not _switch.told:
        _switch.told = True
        first = next(iter(str(error).splitlines()), "")
        warnings.warn(
            f"Numba is installed and {what} ({type(error).__name__}: {first}), so NumPy runs "
            "instead. Install a Numba that goes with this NumPy, uninstall it, or set "
            "CHAINGRAD_FAST=0",
            RuntimeWarning,
            stacklevel=4,
        )
