"""Blocks that stay in cache, sums through BLAS, digits: what kernels of channels and rows share.

BLAS adds up several times faster than `np.add.reduce`, in the dtype of its input; what belongs to a
row is kept in double precision from there on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.kernels.parallel.probe import is_symbol
from autograd.kernels.parallel.threads import share

__all__ = [
    "FAR",
    "block_by_block",
    "blocks",
    "is_far",
    "like",
    "polynomial",
    "rounding",
    "row_dots",
    "row_sums",
    "scratch_for",
]  # fmt: skip

Array = Any  # an ndarray
Index = tuple[slice, slice]

_BLOCK = 1 << 16  # elements: 256 KiB in single precision
_PART = 1 << 17  # the same where no more than a few temporaries are alive
_LONG = 1 << 12  # elements that are summed in the dtype of x; sums of sums are in double precision
FAR = 8.0  # mean / deviation: beyond, products with x itself would lose a digit


def blocks(shape: tuple[int, ...]) -> Iterator[Index]:
    """Pairs of slices of the first two axes that cut an array into contiguous blocks."""
    each = max(1, math.prod(shape[2:]))
    wide = max(1, min(shape[1], _BLOCK // each))
    tall = max(1, _BLOCK // (wide * each))
    for i in range(0, shape[0], tall):
        for j in range(0, shape[1], wide):
            yield slice(i, i + tall), slice(j, j + wide)


def scratch_for(x: Array) -> Array:
    """Room for the largest block of x, in the byte order that BLAS writes."""
    each = max(1, math.prod(x.shape[2:]))
    return np.empty(min(x.size, max(_BLOCK, each)), x.dtype.newbyteorder("="))


def like(scratch: Array, block: Array) -> Array:
    """The front of scratch, in the shape of a block."""
    return scratch[: block.size].reshape(block.shape)


def row_sums(block: Array) -> Array:
    """Σ over the last axis."""
    length = block.shape[-1]
    if length > _LONG:
        return sum(row_sums(piece) for piece in _pieces(block))
    sums = np.dot(block.reshape(-1, length), np.ones(length, block.dtype))
    return sums.reshape(block.shape[:-1]).astype(np.float64)


def row_dots(a: Array, b: Array) -> Array:
    """Σ a·b over the last axis."""
    if a.shape[-1] > _LONG:
        return sum(row_dots(*pieces) for pieces in zip(_pieces(a), _pieces(b), strict=True))
    return np.vecdot(a, b).astype(np.float64)


def _pieces(block: Array) -> Iterator[Array]:
    """Pieces of long rows, which BLAS would add up one number after the other."""
    return (block[..., i : i + _LONG] for i in range(0, block.shape[-1], _LONG))


def is_far(mean: Array, inverse: Array) -> bool:
    """Whether a mean is so large beside the deviation that it must be subtracted first."""
    return bool(np.any(np.abs(mean * inverse) > FAR))


def rounding(rest: Array, mean: Array, x: Array) -> Array:
    """The mean of x − mean, as far as it comes from the mean's own rounding; else 0."""
    return np.where(np.abs(rest) <= np.finfo(x.dtype).eps * np.abs(mean), rest, 0.0)


def block_by_block(function: Callable[[Array], Array], x: Array) -> Array:
    """An elementwise function of one array, block by block, so that temporaries stay in cache.

    Threads share the blocks. Smaller ones take longer: 1M numbers through gelu's slope took 8.1 ms
    with 16k, on two threads as well, which then wait for the interpreter's lock, and 4.3 with 128k.
    """
    if is_symbol(x):  # it is one block
        return function(x)
    flat = np.ravel(x)
    found = np.empty_like(flat)

    def work(at: slice) -> None:
        found[at] = function(flat[at])

    share(work, (slice(start, start + _PART) for start in range(0, flat.size, _PART)))
    return np.reshape(found, np.shape(x))[()]


def polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """c₀ + c₁ x + c₂ x² + ... by Horner's scheme."""
    total = x * coefficients[-1]
    total += coefficients[-2]
    for c in coefficients[-3::-1]:
        total *= x
        total += c
    return total
