"""How loops are compiled, and how large arrays are cut into pieces for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core.compiler_lock import global_compiler_lock

from autograd.kernels.compiled.parallel.kept import LoopCache
from autograd.kernels.parallel.layout import as_run, memory_order
from autograd.kernels.parallel.threads import get_num_threads, share
from autograd.system.forks import held_at_forks

__all__ = [
    "called",
    "constant",
    "elementwise",
    "exact",
    "fused",
    "plain",
    "rounded",
    "share_rows",
    "single",
]

Array = Any
Loop = TypeVar("Loop", bound=Callable[..., Any])

PIECE = 1 << 19  # elements: a loop over so many takes as long as a thread that sleeps to begin

_SINGLE = np.dtype(np.float32)
_DTYPES = frozenset((_SINGLE, np.dtype(np.float64)))

held_at_forks(global_compiler_lock.acquire, global_compiler_lock.release)  # a loop compiles late


def exact(loop: Loop) -> Loop:
    """Compile a loop that rounds as NumPy does, operation by operation.

    It is compiled at its first call for each kind of arguments and kept on disk: beside the source,
    as Python keeps bytecode, else in the user's cache directory (NUMBA_CACHE_DIR names another).
    """
    return _kept(loop, set())


def fused(loop: Loop) -> Loop:
    """Compile a loop, or a function that loops call, where a·b + c may be one step."""
    return _kept(loop, {"contract"})


def rounded(loop: Loop) -> Loop:
    """Compile a loop that may round otherwise: a·b + c in one step, a sum's terms in any order.

    NaN and infinity stay what they are.
    """
    return _kept(loop, {"contract", "arcp", "nsz", "reassoc"})


def called(function: Loop) -> Loop:
    """Compile a function that loops call and Python never does, where a·b + c may be one step.

    That saves a wrapper, and it is not kept by itself: what is, is the loop with all that it calls.
    """
    return _compiled(function, {"contract"}, no_cpython_wrapper=True)


def _kept(loop: Loop, fastmath: set[str]) -> Loop:
    compiled: Any = _compiled(loop, fastmath)
    with suppress(RuntimeError):  # there is no directory to keep it in
        compiled._cache = LoopCache(loop)
    return compiled  # type: ignore[no-any-return]


def _compiled(loop: Loop, fastmath: set[str], **more: bool) -> Loop:
    njit: Any = numba.njit
    options = {"nogil": True, "error_model": "numpy", "fastmath": fastmath, **more}
    compiled: Loop = njit(no_cfunc_wrapper=True, **options)(loop)  # C calls nothing of them
    return compiled


def constant(number: int) -> int:
    """A whole number for functions that are `called`: Numba compiles them anew for each int."""
    found: Any = np.intp(number)
    return found  # type: ignore[no-any-return]


def plain(*arrays: Array) -> bool:
    """Whether arrays are what loops are compiled for, and no others: of one dtype of 4 or 8 bytes,
    contiguous, aligned and writable. None in the place of one is left out.
    """
    dtype = arrays[0].dtype
    if dtype not in _DTYPES:
        return False
    for a in arrays:
        if type(a) is not np.ndarray:
            if a is None:
                continue
            return False
        if not a.flags.carray:
            return False
        if a.dtype is not dtype and a.dtype != dtype:  # the first is faster, and nearly always so
            return False
    return True


def single(*arrays: Array) -> bool:
    """`plain`, and of single precision: for loops whose sums are in double, or approximate."""
    return arrays[0].dtype == np.float32 and plain(*arrays)


def elementwise(loop: Callable[..., None], *arrays: Array, numbers: tuple[float, ...] = ()) -> Any:
    """A function of each number of arrays of single precision and one shape, by a loop over runs.

    The loop takes those, the result's, and then the `numbers`, in single precision. Arrays may lie
    in memory in any way, and the result lies as NumPy's of the last one would.
    """
    last = arrays[-1]
    for x in arrays:
        if type(x) is not np.ndarray or x.dtype != _SINGLE or x.shape != last.shape:
            return NotImplemented
    out = np.empty_like(last)
    order = None if out.flags.c_contiguous else memory_order(out)
    runs, constants = [as_run(x, order) for x in (*arrays, out)], tuple(map(np.float32, numbers))
    if out.size < 2 * PIECE:
        loop(*runs, *constants)
    else:
        share_rows(lambda at: loop(*[run[at] for run in runs], *constants), out.size, 1)
    return out


def share_rows(work: Callable[[slice], object], rows: int, each: int, piece: int = PIECE) -> None:
    """Call work on slices that cut `rows` rows of `each` elements, each slice on a thread.

    No slice has fewer than `piece` elements.
    """
    pieces = min(get_num_threads(), rows, rows * each // piece)
    if pieces < 2:
        work(slice(0, rows))
        return
    stops = [rows * k // pieces for k in range(pieces + 1)]
    share(work, (slice(a, b) for a, b in itertools.pairwise(stops)))
