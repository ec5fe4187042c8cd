"""The gradient of a convolution by its input, for few channels and 5×5 taps: products, then sums.

All taps are one matrix, (taps·C, O) @ (O, places), whose rows are added up where their taps read.
As a convolution of the gradient with turned weights it would be a product with C rows, and BLAS
needs some ten rows to be fast. With more channels, or with more taps, the sums cost more than that
saves; with fewer taps it depends on the padding, and is left to the convolution.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["is_faster", "scatter_taps"]

Array = Any

CHANNELS, TAPS = range(3, 7), range(16, 26)  # for which this was faster, by a tenth to a half
BLOCK = 1 << 18  # elements of the products for a block of rows


def is_faster(outputs: int, channels: int, taps: int) -> bool:
    """Whether to take this way for a group with so many outputs, channels and taps."""
    return channels in CHANNELS and taps in TAPS and channels < outputs


def scatter_taps(
    rows: Array, weight: Array, lengths: Sequence[int], axes: Sequence[Any], groups: int
) -> Array:
    """rows (H', O, W', ..., N) with weight (O, C/groups, sizes) -> (H, C, W, ..., N).

    `axes` say what each output place reads: start + stride·q + dilation·k.
    """
    height, outputs, *places, batch = rows.shape
    channels, sizes = weight.shape[1], weight.shape[2:]
    matrix = weight.reshape(groups, outputs // groups, channels, -1).transpose(0, 3, 2, 1)
    matrix = matrix.reshape(groups, 1, -1, outputs // groups)
    source = rows.reshape(height, groups, outputs // groups, -1).swapaxes(0, 1)
    # room for all that is read, also outside of the input
    low = [min(a.start, 0) for a in axes]
    high = [
        max(n, a.start + (a.places - 1) * a.stride + (a.size - 1) * a.dilation + 1)
        for n, a in zip(lengths, axes, strict=True)
    ]
    room = [end - begin for end, begin in zip(high, low, strict=True)]
    out = np.zeros((room[0], groups, channels, *room[1:], batch), rows.dtype)
    taps = list(itertools.product(*map(range, sizes)))
    block = max(1, BLOCK // max(1, groups * len(taps) * channels * math.prod(places) * batch))
    for row in range(0, height, block):
        part = np.matmul(matrix, source[:, row : row + block])
        count = part.shape[1]
        part = part.reshape(groups, count, len(taps), channels, *places, batch)
        for number, tap in enumerate(taps):
            first, *others = (
                _read(along, k, -begin) for along, k, begin in zip(axes, tap, low, strict=True)
            )
            start = first.start + row * axes[0].stride
            met = slice(start, start + (count - 1) * axes[0].stride + 1, axes[0].stride)
            out[met, :, :, *others] += part[:, :, number].swapaxes(0, 1)
    inner = [slice(-begin, n - begin) for begin, n in zip(low, lengths, strict=True)]
    kept = out[inner[0], :, :, *inner[1:]]
    return kept.reshape(lengths[0], groups * channels, *lengths[1:], batch)


def _read(along: Any, tap: int, shift: int) -> slice:
    """What all output places of an axis read by one tap."""
    start = along.start + tap * along.dilation + shift
    return slice(start, start + (along.places - 1) * along.stride + 1, along.stride)
