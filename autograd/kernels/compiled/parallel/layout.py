"""Images turned to the order of convolutions: NumPy walks across memory, this loop along both."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import exact, share_rows, single

__all__ = ["rows_of_images"]

Array = Any

FEW = 8  # images whose rows may lie at the same place of a cache


def rows_of_images(x: Array) -> Any:
    if not single(x):
        return NotImplemented
    batch, channels, height, width = x.shape
    out = np.empty((height, channels, width, batch), np.float32)
    share_rows(lambda at: _turn(x, out, at.start, at.stop), height, out[:1].size)
    return out


@exact
def _turn(x: Array, out: Array, begin: int, end: int) -> None:
    """A few images at a time: more would drive one another's rows out of the cache."""
    _, channels, width, batch = out.shape
    for h in range(begin, end):
        for c in range(channels):
            for first in range(0, batch, FEW):
                part = x[first : first + FEW, c, h]
                for w in range(width):
                    row = out[h, c, w, first : first + FEW]
                    for n in range(len(part)):
                        row[n] = part[n, w]
