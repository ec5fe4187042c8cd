"""Windows copied out one beside the other, and added up again.

`axes` says where windows lie along each of the last axes: see `convolution.Along`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.kernels.convolution.convolution import Along
from autograd.kernels.convolution.windows import inside

__all__ = ["fold", "unfold"]

Array = Any
Slices = tuple[Any, ...]


def unfold(x: Array, axes: Sequence[Along]) -> Array:
    """x (N, C, ...) as (N, C, sizes, places): what each tap of a window reads; 0 outside of x."""
    shape = (*x.shape[:2], *(a.size for a in axes), *(a.places for a in axes))
    out = np.zeros_like(x, shape=shape, order="C")
    for tap, place, source in _taps(x.shape[2:], axes):
        out[:, :, *tap, *place] = x[:, :, *source]
    return out


def fold(v: Array, lengths: Sequence[int], axes: Sequence[Along]) -> Array:
    """Zeros (N, C, lengths) with v (N, C, sizes, places) added where `unfold` reads."""
    out = np.zeros_like(v, shape=(*v.shape[:2], *lengths), order="C")
    for tap, place, target in _taps(lengths, axes):
        out[:, :, *target] += v[:, :, *tap, *place]
    return out


def _taps(
    lengths: Sequence[int], axes: Sequence[Along]
) -> Iterator[tuple[tuple[int, ...], Slices, Slices]]:
    """Each tap of a window, which windows have it inside, and where it is."""
    for tap in itertools.product(*(range(a.size) for a in axes)):
        met = [
            inside(n, a.start + k * a.dilation, a.stride, a.places)
            for n, a, k in zip(lengths, axes, tap, strict=True)
        ]
        yield tap, tuple(place for place, _ in met), tuple(where for _, where in met)
