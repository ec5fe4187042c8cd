"""Loops as C calls them, of addresses and numbers, in parts that threads share.

A worker begins such a part without the interpreter's lock, where there is a compiler of plans to
hand it over: what Python hands over begins a tenth of a millisecond later, half as long as a part
of a small convolution takes. Everything that a part needs is laid out before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
from numba import types
from numba.core.ccallback import CFunc

from autograd.kernels.compiled.parallel.kept import LoopCache
from autograd.kernels.parallel.threads import share
from autograd.kernels.parallel.workers import run_parts
from autograd.system.addresses import address_of
from autograd.system.forks import forkable

__all__ = ["Parts", "cut"]

Array = Any

_lock = forkable(threading.RLock())


class Parts:
    """A loop `f(addresses, numbers)` of two addresses, of int64 each; it raises nothing."""

    def __init__(self, loop: Callable[[int, int], None]) -> None:
        self.loop = loop
        self._made: Any = None

    def __call__(self, parts: Sequence[tuple[Sequence[int], Sequence[int]]]) -> None:
        """Call it for each of the parts."""
        made = self._made or self._compiled()
        given = [(np.array(a, np.int64), np.array(n, np.int64)) for a, n in parts]
        if len(given) > 1 and run_parts(made.address, given):
            return
        share(lambda part: made.ctypes(*map(address_of, part)), given)

    def _compiled(self) -> Any:
        with _lock:
            if self._made is None:
                signature = types.void(types.intp, types.intp)
                options: Any = {"error_model": "numpy", "fastmath": {"contract"}}
                made: Any = CFunc(self.loop, (signature.args, signature.return_type), {}, options)
                with suppress(RuntimeError):  # there is no directory to keep it in
                    made._cache = LoopCache(self.loop)
                made.compile()
                self._made = made
            return self._made


def cut(begin: int, end: int, count: int) -> list[tuple[int, int]]:
    """A range in so many parts, or in fewer where it has no more."""
    count = max(1, min(count, end - begin))
    bounds = [begin + (end - begin) * i // count for i in range(count + 1)]
    return list(pairwise(bounds))
