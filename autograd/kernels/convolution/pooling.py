"""Windows that slide over the last axes of an array: their maximum, its place, their sum.

No window is ever copied out. A position within the windows is a strided view of the array, with an
element for each window (but those where the position lies in the padding, which nobody reads), and
the loops go over these views: a few for a window, each as long as the output. A maximum or sum over
a larger window is taken axis by axis, the first axis first, whose views have whole rows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.kernels.convolution.windows import inside
from autograd.kernels.parallel.twins import twin

__all__ = [
    "Windows",
    "gather_planes",
    "max_pool",
    "max_pool_indices",
    "max_pool_pull",
    "scatter_planes",
    "weighted_products",
    "weighted_spread",
    "weighted_sum",
    "window_spread",
    "window_sum",
]

Array = Any
Slices = tuple[Any, ...]

FEW = 4  # so many positions are gone through at once: a second pass costs more than it saves


class Windows(NamedTuple):
    """Windows over the last axes of an array, a number for each of these axes."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    counts: tuple[int, ...]  # how many windows there are

    @property
    def disjoint(self) -> bool:
        """Whether no two windows share an element."""
        spans = ((k - 1) * d + 1 for k, d in zip(self.size, self.dilation, strict=True))
        return all(s >= span for s, span in zip(self.stride, spans, strict=True))


def max_pool(x: Array, windows: Windows) -> Array:
    """The maximum of every window; NaN where it has one."""
    kind = x.dtype.kind
    lowest = -np.inf if kind == "f" else False if kind == "b" else np.iinfo(x.dtype).min
    for stage in _stages(x.shape, windows):
        x = _reduced(x, stage, np.maximum, lowest)
    return x


def max_pool_indices(x: Array, maximum: Array, windows: Windows) -> Array:
    """The place of the maximum of every window: its number in the flat array of the last axes.

    Of equal elements the first one counts, of several NaN the last one.
    """
    positions = _positions(x.shape, windows)
    missing = np.ones_like(maximum, bool)  # not met at any position so far
    differs = np.empty_like(missing)
    # the position of the maximum is the number of positions before it, counted as we go
    found = np.zeros_like(maximum, np.min_scalar_type(len(positions)))
    for place, source in positions[:-1]:
        differs.fill(True)
        np.not_equal(x[source], maximum[place], out=differs[place])
        missing &= differs
        found += missing.view(np.uint8)
    if np.isnan(maximum).any():
        for number, (place, source) in enumerate(positions):
            np.copyto(found[place], number, where=np.isnan(x[source]))
    return _numbers(found, x.shape, windows)


@twin(1 << 10, double=True)
def max_pool_pull(v: Array, x: Array, maximum: Array, windows: Windows) -> Array:
    """Zeros like x, with v, a number for each window, added where the window has its maximum."""
    if np.isnan(maximum).any():
        indices = max_pool_indices(x, maximum, windows)
        return scatter_planes(v, indices, x.shape, len(windows.size), windows.disjoint)
    out = np.zeros_like(x, v.dtype)
    missing = np.ones_like(maximum, bool)
    here, kept = np.empty_like(missing), np.empty_like(v)
    for place, source in _positions(x.shape, windows):
        met, rest = here[place], missing[place]
        np.equal(x[source], maximum[place], out=met)
        met &= rest
        rest ^= met
        target = out[source]
        if windows.disjoint:
            _where(met, v[place], target)
        else:
            target += _where(met, v[place], kept[place])
    return out


_BITS = {2: np.int16, 4: np.int32, 8: np.int64}  # integers as wide as floating numbers, by bytes


def _where(mask: Array, v: Array, out: Array) -> Array:
    """v where the mask is true and else 0, written to out.

    The numbers are taken as bits and anded with ones or zeros: several times faster than a copy
    under a mask, and right for infinite numbers, as a product with the mask is not.
    """
    kind = _BITS.get(v.itemsize) if v.dtype.kind == "f" else None
    if kind is None:
        out.fill(0)
        np.copyto(out, v, where=mask)
        return out
    ones = mask.astype(kind)
    np.bitwise_and(v.view(kind), np.negative(ones, out=ones), out=out.view(kind))
    return out


def _numbers(found: Array, shape: tuple[int, ...], windows: Windows) -> Array:
    """Positions within windows as numbers in the flat array of the last axes."""
    rank = len(windows.size)
    lengths = shape[len(shape) - rank :]
    steps = [math.prod(lengths[axis + 1 :]) for axis in range(rank)]
    within: Array = np.zeros((), np.intp)
    first: Array = np.zeros((), np.intp)
    for axis, (k, s, p, d, n) in enumerate(zip(*windows, strict=True)):
        within = np.add.outer(within, np.arange(k) * d * steps[axis])
        first = np.add.outer(first, (np.arange(n) * s - p) * steps[axis])
    numbers = np.take(within.ravel(), found)
    numbers += first
    return numbers


def scatter_planes(
    v: Array, indices: Array, shape: tuple[int, ...], rank: int, disjoint: bool
) -> Array:
    """Zeros of a shape, with v added at numbers in the flat array of its last `rank` axes.

    `shape` has the same leading axes as v. `disjoint` promises that no number comes twice.
    """
    out = np.zeros_like(v, shape=shape, order="C")
    flat, places = out.reshape(-1), _places(indices, shape, rank)
    if disjoint:
        flat[places] = v
    else:
        np.add.at(flat, places.ravel(), v.ravel())
    return out


def gather_planes(x: Array, indices: Array, rank: int) -> Array:
    """The elements of x at numbers in the flat array of its last `rank` axes."""
    return np.take(x, _places(indices, x.shape, rank))


def _places(indices: Array, shape: tuple[int, ...], rank: int) -> Array:
    """Numbers within the last axes as numbers within the whole."""
    lead = shape[: len(shape) - rank]
    if math.prod(lead) == 1:
        return indices
    size = math.prod(shape[len(lead) :])
    starts = np.arange(0, math.prod(lead) * size, size) if size else np.zeros(lead, np.intp)
    return indices + starts.reshape(lead + (1,) * (indices.ndim - len(lead)))


def window_sum(x: Array, windows: Windows) -> Array:
    """The sum of every window; the padding counts as zeros."""
    for stage in _stages(x.shape, windows):
        x = _reduced(x, stage, np.add, 0)
    return x


def window_spread(v: Array, shape: tuple[int, ...], windows: Windows) -> Array:
    """Zeros of a shape, with every element of v added to its whole window: the sum's transpose."""
    stages = list(_stages(shape, windows))
    rank = len(windows.size)
    shapes = [shape, *((*shape[:-rank], *stage.counts) for stage in stages[:-1])]
    for stage, larger in zip(reversed(stages), reversed(shapes), strict=True):
        out = np.zeros_like(v, shape=larger)
        for place, target in _positions(larger, stage):
            if stage.disjoint:
                out[target] = v[place]
            else:
                out[target] += v[place]
        v = out
    return v


# The weights below are (C, *size), or one set for all channels; channels lie before the windows.


def weighted_sum(x: Array, weight: Array, windows: Windows) -> Array:
    """The sum of every window, each position times its weight."""
    rank = len(windows.size)
    dtype = np.result_type(x, weight)
    out = np.zeros_like(x, dtype, shape=(*x.shape[: x.ndim - rank], *windows.counts), order="C")
    for factor, (place, source) in _weighted(weight, _positions(x.shape, windows), rank):
        out[place] += x[source] * factor
    return out


def weighted_spread(v: Array, weight: Array, shape: tuple[int, ...], windows: Windows) -> Array:
    """Zeros of a shape, with v times the weights added to its windows."""
    out = np.zeros_like(v, np.result_type(v, weight), shape=shape, order="C")
    for factor, (place, target) in _weighted(weight, _positions(shape, windows), len(windows.size)):
        out[target] += v[place] * factor
    return out


def weighted_products(v: Array, x: Array, windows: Windows) -> Array:
    """For each channel and position, the sum of v times what lies there in its windows."""
    rank = len(windows.size)
    axes = tuple(a for a in range(x.ndim) if a != x.ndim - rank - 1)
    sums = [
        np.sum(v[place] * x[source], axis=axes) for place, source in _positions(x.shape, windows)
    ]
    return np.stack(sums, axis=-1).reshape(-1, *windows.size)


def _weighted(weight: Array, positions: Any, rank: int) -> Iterator[tuple[Array, Any]]:
    factors = weight.reshape(weight.shape[0], -1).T
    return zip((f.reshape(-1, *(1,) * rank) for f in factors), positions, strict=True)


# ---- how the loops go ----------------------------------------------------------------------------


def _reduced(x: Array, windows: Windows, combine: Callable[..., Array], neutral: Any) -> Array:
    """All positions of the windows combined."""
    shape = (*x.shape[: x.ndim - len(windows.size)], *windows.counts)
    out = np.empty_like(x, shape=shape)
    fresh = True
    for place, source in _positions(x.shape, windows):
        values, part = x[source], out[place]
        if not fresh:
            combine(part, values, out=part)
            continue
        if part.shape != out.shape:
            out.fill(neutral)
        part[...] = values
        fresh = False
    return out


def _stages(shape: tuple[int, ...], windows: Windows) -> Iterator[Windows]:
    """The same windows, taken one axis after the other, or all at once if they are small."""
    if math.prod(windows.size) <= FEW:
        yield windows
        return
    lengths = list(shape[len(shape) - len(windows.size) :])
    for axis, (size, stride, count) in enumerate(
        zip(windows.size, windows.stride, windows.counts, strict=True)
    ):
        if size == stride == 1 and count == lengths[axis]:
            continue
        lengths[axis] = count
        yield Windows(
            _only(axis, windows.size, 1),
            _only(axis, windows.stride, 1),
            _only(axis, windows.padding, 0),
            _only(axis, windows.dilation, 1),
            tuple(lengths),
        )


def _only(axis: int, numbers: tuple[int, ...], neutral: int) -> tuple[int, ...]:
    return tuple(n if a == axis else neutral for a, n in enumerate(numbers))


def _positions(shape: tuple[int, ...], windows: Windows) -> tuple[tuple[Slices, Slices], ...]:
    """For each position in a window, in C order: which windows have it inside, and where it is."""
    return _positions_over(shape[len(shape) - len(windows.size) :], windows)


@lru_cache(maxsize=256)
def _positions_over(
    lengths: tuple[int, ...], windows: Windows
) -> tuple[tuple[Slices, Slices], ...]:
    axes = [
        [inside(n, k * d - p, s, count) for k in range(size)]
        for n, size, s, p, d, count in zip(lengths, *windows, strict=True)
    ]
    pairs = (zip(*position, strict=True) for position in itertools.product(*axes))
    return tuple(((..., *place), (..., *source)) for place, source in pairs)
