"""Resampling along one axis: every target is a weighted sum of a few sources.

Which sources with which weights is a small table, made once for each kind and pair of lengths. It
is kept by columns: the first source of all targets, the second of those that have one, and so on. A
column is one `take`, and a table read the other way round is the table of the transpose.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Resampling", "matrix", "resample", "spans"]

Array = Any

BLOCK = 65536  # elements of a block, which then stays in cache while its columns are added


class Resampling(NamedTuple):
    """A table, by what it is made from."""

    kind: str
    length: int  # of the source
    size: int  # of the target
    scale: float = 1.0  # sources per target
    corners: bool = False  # whether the first and the last target lie on the ends of the source
    before: int = 0  # how many targets lie before the source


class Column(NamedTuple):
    """One source of some of the targets."""

    rows: Any  # the targets: a slice or their numbers; None if it is all of them
    places: Array  # the sources
    weights: Array  # None if all are one


def resample(x: Array, axis: int, table: Resampling, transposed: bool = False) -> Array:
    """The targets of a table along an axis of x; `transposed`: of a cotangent, the sources."""
    size = table.length if transposed else table.size
    columns = _columns(table, transposed, x.dtype.str)
    axis %= x.ndim
    shape = x.shape
    before = int(np.prod(shape[:axis], dtype=int))
    x = x.reshape(before, shape[axis], int(np.prod(shape[axis + 1 :], dtype=int)))
    out = np.empty_like(x, shape=(before, size, x.shape[2]), order="C")
    block = max(1, BLOCK // max(1, size * x.shape[2]))
    spare = np.empty_like(out, shape=(min(block, before), *out.shape[1:]))
    for start in range(0, before, block):
        part = out[start : start + block]
        _add_columns(x[start : start + block], part, columns, spare[: len(part)])
    return out.reshape(*shape[:axis], size, *shape[axis + 1 :])


def _add_columns(x: Array, out: Array, columns: list[Column], spare: Array) -> None:
    fresh = True
    if not columns or columns[0].rows is not None:
        out.fill(0)
        fresh = False
    for rows, places, weights in columns:
        if rows is not None:
            taken = np.take(x, places, 1, mode="clip")
            out[:, rows] += taken if weights is None else taken * weights
            continue
        # "clip" lets NumPy write to `out` without a copy; no place is outside
        taken = np.take(x, places, 1, out=out if fresh else spare, mode="clip")
        if weights is not None:
            taken *= weights
        if not fresh:
            out += taken
        fresh = False


# ---- tables --------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _columns(table: Resampling, transposed: bool, dtype: str) -> list[Column]:
    targets, sources, weights = _entries(table, np.dtype(dtype))
    if transposed:
        targets, sources = sources, targets
    order = np.lexsort((sources, targets))
    targets, sources, weights = targets[order], sources[order], weights[order]
    count = table.length if transposed else table.size
    starts = np.searchsorted(targets, np.arange(count))
    number = np.arange(targets.size) - starts[targets]  # which one of its target an entry is
    columns = []
    for n in range(int(number.max(initial=-1)) + 1):
        chosen = number == n
        rows, w = targets[chosen], weights[chosen].astype(dtype)
        columns.append(
            Column(_as_slice(rows, count), sources[chosen], None if np.all(w == 1) else w[:, None])
        )
    return columns


def _as_slice(rows: Array, count: int) -> Any:
    if rows.size == count:
        return None
    if rows[-1] - rows[0] == rows.size - 1:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _entries(table: Resampling, dtype: Any = np.float64) -> tuple[Array, Array, Array]:
    """(target, source, weight) of all pairs that have a weight."""
    if table.kind.startswith("nearest"):
        places, weights = _nearest(table, dtype)
    else:
        places, weights = _KINDS[table.kind](table)
    targets = np.broadcast_to(np.arange(table.size)[:, None], places.shape)
    weights = np.broadcast_to(weights, places.shape)
    chosen = weights != 0
    return targets[chosen], places[chosen], weights[chosen]


def matrix(table: Resampling) -> Array:
    """The table as a matrix (size, length)."""
    targets, sources, weights = _entries(table)
    dense = np.zeros((table.size, table.length))
    np.add.at(dense, (targets, sources), weights)
    return dense


def spans(length: Any, size: int) -> tuple[Array, Array]:
    """The first place that each of `size` equal parts of a length touches, and one past the last.

    >>> spans(5, 2)
    (array([0, 2]), array([3, 5]))
    """
    target = np.arange(size)
    return target * length // size, ((target + 1) * length + (size - 1)) // size


# Each gives the sources and their weights: (size, n) and what broadcasts with it.


def _padded(table: Resampling) -> tuple[Array, Array]:
    last = table.length - 1
    place = np.arange(table.size) - table.before
    if table.kind == "replicate":
        place = np.clip(place, 0, last)
    elif table.kind == "circular":
        place = place % table.length
    else:  # to the end and back again, without the ends twice
        place = last - np.abs(last - place % max(1, 2 * last)) if last else place * 0
    return place[:, None], np.ones(1)


def _nearest(table: Resampling, dtype: Any = np.float64) -> tuple[Array, Array]:
    """Reckoned in the precision of the numbers, and rounded to single, as in PyTorch.

    Where a place is an integer, the last bit decides which pixel is taken.
    """
    real: Any = np.float32 if dtype == np.float32 else np.float64
    target, scale = np.arange(table.size), float(real(table.scale))
    if table.kind == "nearest-exact":  # PyTorch's product and difference are rounded together
        place = ((target + 0.5) * scale - 0.5).astype(real) + real(0.5)
    else:
        place = target * scale
    place = np.floor(place.astype(np.float32)).astype(int)
    return np.minimum(place, table.length - 1)[:, None], np.ones(1)


def _centres(table: Resampling) -> Array:
    """Where each target lies among the sources, which lie at 0, 1, ..."""
    target = np.arange(table.size)
    return target * table.scale if table.corners else (target + 0.5) * table.scale - 0.5


def _linear(table: Resampling) -> tuple[Array, Array]:
    centre = np.clip(_centres(table), 0, table.length - 1)[:, None]
    low = np.floor(centre).astype(int)
    share = centre - low
    places = np.concatenate([low, np.minimum(low + 1, table.length - 1)], axis=1)
    return places, np.concatenate([1 - share, share], axis=1)


def _cubic(table: Resampling) -> tuple[Array, Array]:
    centre = _centres(table)[:, None]
    places = np.floor(centre).astype(int) + np.arange(-1, 3)
    return np.clip(places, 0, table.length - 1), _keys(centre - places, -0.75)


def _keys(distance: Array, a: float) -> Array:
    """Keys' kernel of cubic convolution, with the slope a at distance 1."""
    x = np.abs(distance)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _area(table: Resampling) -> tuple[Array, Array]:
    """The average of all sources that a target touches."""
    first, last = spans(table.length, table.size)
    places = first[:, None] + np.arange(int(np.max(last - first, initial=0)))
    inside = places < last[:, None]
    return np.where(inside, places, 0), inside / (last - first)[:, None]


def _smoothed(table: Resampling) -> tuple[Array, Array]:
    """A kernel as wide as a target where that is wider than a source: without aliases."""
    reach, kernel = _SMOOTH[table.kind]
    stretch = max(table.scale, 1.0)
    centre = (np.arange(table.size) + 0.5) * table.scale
    first = np.maximum(np.floor(centre - reach * stretch + 0.5), 0)
    last = np.minimum(np.floor(centre + reach * stretch + 0.5), table.length)
    places = (first[:, None] + np.arange(int(np.max(last - first)))).astype(int)
    weights = kernel((places - centre[:, None] + 0.5) / stretch)
    weights = np.where(places < last[:, None], weights, 0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return np.minimum(places, table.length - 1), weights


_SMOOTH: dict[str, tuple[float, Callable[[Array], Array]]] = {
    "linear-antialias": (1.0, lambda x: np.maximum(0.0, 1 - np.abs(x))),
    "cubic-antialias": (2.0, lambda x: _keys(x, -0.5)),
    "lanczos-antialias": (3.0, lambda x: np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)),
}
_KINDS: dict[str, Callable[[Resampling], tuple[Array, Array]]] = {
    "reflect": _padded, "replicate": _padded, "circular": _padded,
    "linear": _linear, "cubic": _cubic, "area": _area,
    "linear-antialias": _smoothed, "cubic-antialias": _smoothed,
    "lanczos-antialias": _smoothed,
}  # fmt: skip
