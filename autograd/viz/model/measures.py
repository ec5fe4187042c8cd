"""What is measured of an array of numbers, in parts that stay in a cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.viz.model.numbers import remembered

__all__ = ["BINS", "Spread", "sparkline", "spread"]

BINS = 16
_PART = 1 << 15  # numbers that are looked at together
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Spread:
    """How the numbers of an array lie: of those that are finite, and of complex ones the sizes."""

    low: float
    high: float
    mean: float
    finite: int
    zeros: int
    nans: int
    infinite: int
    counts: tuple[int, ...]  # in as many parts, equally wide, from the least to the largest


@remembered
def spread(value: Any) -> Spread:
    """That of an array of any dtype; of nothing all is 0.

    >>> found = spread([0.0, 1.0, 2.0, float("nan")])
    >>> found.low, found.high, found.mean, found.zeros, found.nans
    (0.0, 2.0, 1.0, 1, 1)
    """
    low, high, total = np.inf, -np.inf, 0.0
    finite = zeros = nans = size = 0
    for part in _parts(value):
        kept = _finite(part)
        if kept.size:
            low, high = min(low, float(kept.min())), max(high, float(kept.max()))
            with np.errstate(over="ignore"):
                total += float(kept.sum())
        size, finite = size + part.size, finite + kept.size
        zeros += part.size - int(np.count_nonzero(part))
        nans += int(np.count_nonzero(part != part)) if kept.size < part.size else 0
    if not finite:
        return Spread(0.0, 0.0, 0.0, 0, zeros, nans, size - nans, (0,) * BINS)
    counts = _counts(value, low, high, finite)
    return Spread(low, high, total / finite, finite, zeros, nans, size - finite - nans, counts)


def _counts(value: Any, low: float, high: float, finite: int) -> tuple[int, ...]:
    counts = np.zeros(BINS, int)
    if low == high:
        counts[BINS // 2] = finite
        return tuple(counts.tolist())
    base, width = low / 2, high / 2 - low / 2  # halves: the range may overflow
    for part in _parts(value):
        place = ((_finite(part) / 2 - base) / width * BINS).astype(np.intp)
        counts += np.bincount(np.minimum(place, BINS - 1), minlength=BINS)
    return tuple(counts.tolist())


def _parts(value: Any) -> Iterator[Any]:
    """The numbers in double precision, some at a time."""
    flat = np.asarray(value).reshape(-1)
    for start in range(0, flat.size, _PART):
        part = flat[start : start + _PART]
        yield (np.abs(part) if part.dtype.kind == "c" else part).astype(np.float64)


def _finite(part: Any) -> Any:
    kept = np.isfinite(part)
    return part if kept.all() else part[kept]


@remembered
def sparkline(value: Any) -> str:
    """The histogram of the finite values, of complex ones of their sizes, from least to largest.

    >>> sparkline([0.0, 1.0, 1.0])
    '▅▁▁▁▁▁▁█'
    """
    found = spread(value)
    if not found.finite:
        return ""
    counts = np.reshape(found.counts, (len(_BARS), -1)).sum(1)
    if found.low == found.high:
        counts = np.array([0, 0, 0, 1, 0, 0, 0, 0])
    heights = np.ceil(counts / counts.max() * 7 - 1e-9).astype(int)
    return "".join(_BARS[h] for h in heights)
