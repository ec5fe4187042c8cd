"""Sums of many numbers: vector code over blocks, whose sums are added up in double precision.

A number of a block is rounded in as many additions as by NumPy's pairwise summation, or fewer, and
a sum of blocks once. The pieces that threads share do not depend on how many threads there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import rounded, share_rows, single

__all__ = ["row_sums"]

Array = Any

BLOCK = 256  # numbers: eight in each of 32 lanes
PIECE = 1 << 16  # numbers of a row, for which there is one sum in double precision
SHARED = 1 << 20  # numbers for a thread: fewer are added up by the time that another has begun


def row_sums(x: Array) -> Any:
    if not single(x):
        return NotImplemented
    rows, length = x.shape
    each = max(1, -(-length // PIECE))
    sums = np.empty((rows, each), np.float64)
    flat = sums.reshape(-1)
    share_rows(
        lambda at: _add_up(x, flat, each, at.start, at.stop),
        flat.size, min(length, PIECE), SHARED,
    )  # fmt: skip
    return (sums[:, 0] if each == 1 else np.add.reduce(sums, axis=1)).astype(np.float32)


@rounded
def _add_up(x: Array, sums: Array, each: int, begin: int, end: int) -> None:
    """The sums of some pieces, of which each row has so many."""
    for k in range(begin, end):
        start = k % each * PIECE
        piece = x[k // each, start : start + PIECE]
        total = 0.0
        for first in range(0, len(piece), BLOCK):
            block, s = piece[first : first + BLOCK], np.float32(0)
            for i in range(len(block)):
                s += block[i]
            total += np.float64(s)
        sums[k] = total
