"""Histograms with bins of an eighth of an octave, read off the bits of numbers without sorting."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Histogram", "histogram_of"]

_BITS = 20  # of a float32 that tell numbers within a bin apart; the sign and 11 others say which
_SIGN = 1 << 31 - _BITS
_INFINITE = 255 << 23 - _BITS  # the bin from which on there are infinities and NaN
_LARGEST = float(np.finfo(np.float32).max)


class Histogram(NamedTuple):
    """What `add_histogram_raw` takes."""

    min: float
    max: float
    num: int
    sum: float
    sum_squares: float
    bucket_limits: Any
    bucket_counts: Any


def histogram_of(values: Any) -> Histogram | None:
    """The histogram of what is finite among real numbers; None if nothing is.

    What float32 does not hold is counted beside the largest that it does.
    """
    numbers = np.ascontiguousarray(values).reshape(-1)
    if numbers.dtype != np.float32:
        numbers = numbers.astype(np.float64)
        numbers = numbers[np.isfinite(numbers)]
        narrow = numbers.clip(-_LARGEST, _LARGEST).astype(np.float32)
    else:
        narrow = numbers
    counts = np.bincount(narrow.view(np.uint32) >> _BITS, minlength=2 * _SIGN)
    above, below = counts[:_INFINITE], counts[_SIGN : _SIGN + _INFINITE]
    count = int(above.sum() + below.sum())
    if count < numbers.size:
        numbers = numbers[np.isfinite(numbers)]
    if not count:
        return None
    wide = numbers.astype(np.float64, copy=False)
    limits, kept = _bins(np.concatenate([below[::-1], above]))
    low, high = float(numbers.min()), float(numbers.max())
    with np.errstate(over="ignore", invalid="ignore"):
        squares = float(np.square(wide).sum())  # not @, whose threads would be woken for it
        return Histogram(low, high, count, float(wide.sum()), squares, limits, kept)


@functools.cache
def _edges() -> Any:
    """The limits of all bins, in their order: bin k is from k to k + 1."""
    edges = (np.arange(_INFINITE + 1, dtype=np.uint32) << _BITS).view(np.float32)
    edges[-1] = _LARGEST  # the next is infinity
    return np.concatenate([-edges[:0:-1], edges]).astype(np.float64)


def _bins(counts: Any) -> tuple[Any, Any]:
    """Upper limits and counts of the bins in which there are any, and of the gaps between them."""
    places = np.flatnonzero(counts)
    gaps = places[1:][np.diff(places) > 1] - 1  # one bin for all that are empty
    shown = np.sort(np.concatenate([places, gaps]))
    return _edges()[shown + 1], counts[shown]
