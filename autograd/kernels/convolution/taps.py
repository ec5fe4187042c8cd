"""Convolution of images tap by tap: each tap of the kernel joins places of input and output.

The three partial derivatives of one sum over all that taps join, of arrays that lie in memory as
(H, C, W, N). Written as slices, the transpose of a convolution is the same loop with input and
output exchanged. NumPy makes a pass over memory for each tap, which products of larger matrices
outdo (`im2col.py`, `shifted.py`); compiled code goes through the taps
with the sums in registers, and outdoes these.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.kernels.convolution.windows import Along, Meeting, meetings
from autograd.kernels.parallel.twins import twin, twins_run

__all__ = ["LARGEST", "convolve_taps", "correlate_taps", "is_direct", "spread_taps"]

Array = Any

LANES = 32  # images at least, which compiled code takes at a time
LARGEST = 1 << 14  # channels times outputs up to which the gradient by the weight is faster so
LEAST = 1 << 13  # elements of the first array from where on it is worth to load compiled code


def is_direct(dtype: Any, axes: Sequence[Along], groups: int, x: Array, outputs: int) -> bool:
    """Whether a convolution of x (N, C, ...) goes this way: where compiled code runs."""
    return (
        dtype == np.float32
        and groups == 1
        and len(axes) <= 2
        and len(x) >= LANES
        and min(x.size, outputs * len(x) * axes[0].places * axes[-1].places) >= LEAST
        and twins_run()
    )


@twin(LEAST)
def convolve_taps(
    x: Array, weight: Array, bias: Array | None, out: Array, axes: Sequence[Along]
) -> None:
    """out (H', O, W', N) = x (H, C, W, N) with weight (O, C, kernel) and bias (O,) or None."""
    out[...] = 0 if bias is None else bias.reshape(-1, 1, 1)
    for rows, columns in _joined(axes, x):
        goal = out[rows.places, :, columns.places]
        source = x[rows.sources, :, columns.sources]
        goal += _product(weight[:, :, rows.tap, columns.tap], source)


@twin(LEAST)
def spread_taps(g: Array, weight: Array, out: Array, axes: Sequence[Along]) -> None:
    """out (H, C, W, N): what reaches the input from g (H', O, W', N) through the weight."""
    out[...] = 0
    for rows, columns in _joined(axes, out):
        goal = out[rows.sources, :, columns.sources]
        source = g[rows.places, :, columns.places]
        goal += _product(weight[:, :, rows.tap, columns.tap].T, source)


@twin(LEAST)
def correlate_taps(g: Array, x: Array, axes: Sequence[Along]) -> Array:
    """The gradient by the weight (O, C, kernel), from g (H', O, W', N) and x (H, C, W, N)."""
    sizes = [along.size for along in axes]
    out = np.zeros((g.shape[1], x.shape[1], *sizes), np.result_type(g, x))
    for rows, columns in _joined(axes, x):
        values = g[rows.places, :, columns.places]
        source = x[rows.sources, :, columns.sources]
        out[:, :, rows.tap, columns.tap] = np.tensordot(values, source, ((0, 2, 3), (0, 2, 3)))
    return out


def _joined(axes: Sequence[Along], x: Array) -> Iterator[tuple[Meeting, ...]]:
    """For each tap of the kernel, what it joins along H and along W."""
    tall, wide = axes
    return itertools.product(meetings(tall, len(x)), meetings(wide, x.shape[2]))


def _product(matrix: Array, images: Array) -> Array:
    """A matrix times the channels of images (H, C, W, N)."""
    height, channels, *rest = images.shape
    product = np.matmul(matrix, images.reshape(height, channels, rest[0] * rest[1]))
    return product.reshape(height, len(matrix), *rest)
