"""Partly sorted: partition and argpartition; and what tells of membership: isin, digitize."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.trail import computed
from autograd.errors import ArgumentError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.indexing.take import take, take_along_axis
from autograd.ops.shape.join import concat
from autograd.ops.shape.rank import ravel

_PARTS = samples(
    lambda: sample(draw(2, 5), kth=2),
    lambda: sample(draw(3, 2), kth=(0, -1), axis=0),
    lambda: sample(draw(2, 2), kth=1, axis=None),
)


@op("places of parts of x", real_only=True, samples=_PARTS)
def argpartition(x: Array, /, kth: Any, axis: int | None = -1) -> Array:
    """The places of the elements in an order in which those of a rank are where sorting puts them.

    `kth` is that rank, or several: none before it is larger, none behind it smaller.

    Shape: any -> the same, or 1-D if `axis` is None. Gives int64. Complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.argpartition(ag.Tensor([3.0, 1.0, 2.0]), 0)[0]
    Tensor(1, dtype=int64)
    """
    return np.argpartition(x, kth, axis)


@composite("parts of x", real_only=True, samples=_PARTS)
def partition(x: Array, /, kth: Any, axis: int | None = -1) -> Array:
    """The elements in an order in which those of a rank are where sorting puts them.

    `kth` is that rank, or several: none before it is larger, none behind it smaller.

    Shape: any -> the same, or 1-D if `axis` is None. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.partition(ag.Tensor([3.0, 1.0, 2.0]), 0)[0]
    Tensor(1., dtype=float32)
    """
    if axis is None:
        x, axis = ravel(x), -1
    return take_along_axis(x, argpartition(x, kth, axis), axis=axis)


@op(
    "bin of x",
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3), np.array([0.5, 1.0, 2.0])),
        lambda: sample(np.array([0.5, 1.0, 2.5]), np.array([2.0, 1.0]), right=True),
    ),
)
def digitize(x: Array, bins: Array, /, right: bool = False) -> Array:
    """The number of the bin in which each element lies: bins[i − 1] ≤ x < bins[i].

    `bins` are in ascending or descending order; `right` closes them on the other side.

    Shape: x and (B,) -> that of x. Gives int64. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.digitize(ag.Tensor([0.5, 2.5]), [1.0, 2.0])
    Tensor([0, 2], dtype=int64)
    """
    return np.digitize(x, bins, right)


@op(
    "x in y",
    samples=samples(
        lambda: sample(np.array([[1.0, 2], [3, 4]]), np.array([2.0, 3])),
        lambda: sample(np.array([1, 2]), np.array([2]), invert=True),
    ),
)
def isin(x: Array, y: Array, /, assume_unique: bool = False, invert: bool = False) -> Array:
    """Whether each element of x is one of those of y (or none of them, with `invert`).

    `assume_unique` says that none occurs twice.

    Shape: x and any -> that of x. Gives booleans.

    >>> import autograd as ag
    >>> ag.isin(ag.Tensor([1.0, 2.0]), [2.0, 3.0])
    Tensor([False,  True], dtype=bool)
    """
    return np.isin(x, y, assume_unique=assume_unique, invert=invert)


_SETS = samples(
    lambda: sample(np.array([3.0, 1.5, 2.0, 1.5]), np.array([2.0, 1.5, 7.0]), smooth=False),
    lambda: sample(np.array([[3.0, 1.5]]), np.array([4.0]), smooth=False),
)


def _distinct(x: Array) -> Array:
    return np.unique(x, return_index=True)[1]


def _common(x: Array, y: Array, assume_unique: bool) -> tuple[Array, Array, Array]:
    return np.intersect1d(x, y, assume_unique, return_indices=True)


def _first(x: Array) -> Any:
    """The places of the distinct elements, in ascending order of these."""
    return computed(_distinct, x)


@composite("x ∪ y", counts=True, real_only=True, samples=_SETS)
def union1d(x: Array, y: Array, /) -> Array:
    """The distinct elements of x and of y in order; the gradient goes to the first of equal ones.

    Shape: any -> (count,). Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.union1d(ag.Tensor([3.0, 1.0]), ag.Tensor([2.0, 1.0]))
    Tensor([1., 2., 3.], dtype=float32)
    """
    both = concat([ravel(x), ravel(y)])
    return take(both, _first(both))


@composite("x ∩ y", counts=True, real_only=True, samples=_SETS)
def intersect1d(
    x: Array, y: Array, /, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """The distinct elements of x that are in y too, in order; the gradient goes to the first in x.

    With `return_indices` their first places in x and in y come too. `assume_unique` says that none
    occurs twice in x or y.

    Shape: any -> (count,). Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.intersect1d(ag.Tensor([3.0, 1.0]), ag.Tensor([2.0, 1.0]))
    Tensor([1.], dtype=float32)
    """
    _, places, theirs = computed(_common, x, y, assume_unique=assume_unique)
    found = take(ravel(x), places)
    return (found, places, theirs) if return_indices else found


@composite("x \\ y", counts=True, real_only=True, samples=_SETS)
def setdiff1d(x: Array, y: Array, /, assume_unique: bool = False) -> Array:
    """The distinct elements of x that are not in y, in order; the gradient goes to the first.

    `assume_unique` says that none occurs twice, and leaves them in their order.

    Shape: any -> (count,). Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.setdiff1d(ag.Tensor([3.0, 1.0]), ag.Tensor([2.0, 1.0]))
    Tensor([3.], dtype=float32)
    """
    return take(ravel(x), computed(_left_over, x, y, assume_unique=assume_unique))


def _left_over(x: Array, y: Array, assume_unique: bool) -> Array:
    """The first places of the elements of x that are not in y."""
    flat = np.ravel(x)
    places = np.arange(flat.size) if assume_unique else np.unique(flat, return_index=True)[1]
    return places[~np.isin(flat[places], y)]


@composite("x △ y", counts=True, real_only=True, samples=_SETS)
def setxor1d(x: Array, y: Array, /, assume_unique: bool = False) -> Array:
    """The distinct elements that are in x or in y, but not in both, in order.

    `assume_unique` says that none occurs twice in x or y.

    Shape: any -> (count,). Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.setxor1d(ag.Tensor([3.0, 1.0]), ag.Tensor([2.0, 1.0]))
    Tensor([2., 3.], dtype=float32)
    """
    return union1d(setdiff1d(x, y), setdiff1d(y, x))


@op(
    "index of i",
    samples=samples(
        lambda: sample(np.array([0, 1, 1]), np.array([2, 0, 1]), dims=(2, 3)),
        lambda: sample(np.array([4]), np.array([-1]), dims=(2, 3), mode="clip"),
    ),
    reference=lambda *xs, **params: np.ravel_multi_index(xs, **params),
)
def _ravel_multi_index(
    *xs: Array, dims: tuple[int, ...], mode: Any = "raise", order: str = "C"
) -> Array:
    try:
        return np.ravel_multi_index(xs, dims, mode, order)  # type: ignore[call-overload]
    except TypeError:
        raise ArgumentError("ravel_multi_index: indices and lengths are whole numbers") from None


def ravel_multi_index(
    multi_index: Any, dims: tuple[int, ...], mode: Any = "raise", order: str = "C"
) -> Array:
    """The places in the flat array of elements that are named by one index for each axis.

    `multi_index` are those indices, an array for each axis, and `dims` the lengths of the axes.
    `mode` says what becomes of an index out of range ("raise", "wrap", "clip"); `order` is "C", or
    "F" for columns first.

    Shape: that to which the indices broadcast. Gives int64.

    >>> import autograd as ag
    >>> ag.ravel_multi_index(([0, 1], [2, 0]), (2, 3))
    array([2, 3])
    """
    return _ravel_multi_index(*multi_index, dims=tuple(dims), mode=mode, order=order)


_COMPLEX = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(3, complex_=True), label="complex"),
    lambda: sample(np.array([1 + 2j, 1 - 1j, 0.5 + 0j]), label="same real parts", smooth=False),
)


@op(
    "places of x in order",
    samples=_COMPLEX,
    reference=lambda x: np.lexsort((np.imag(x), np.real(x)), axis=-1),
)
def complex_order(x: Array, /) -> Array:
    """The places of the elements along the last axis, by their real parts, then the imaginary."""
    return np.argsort(x, axis=-1, kind="stable")


@composite("x in order", samples=_COMPLEX, reference=lambda x: np.sort(x, axis=-1) + 0j)
def sort_complex(x: Array, /) -> Array:
    """The elements along the last axis as complex numbers, by their real parts, then the imaginary.

    Shape: any -> the same. Gives complex numbers, of the precision of x.

    >>> import autograd as ag
    >>> ag.sort_complex(ag.Tensor([2.0, 1.0]))
    Tensor([1.+0.j, 2.+0.j], dtype=complex64)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    kind = np.result_type(x, np.complex64)
    ordered: Array = take_along_axis(x, complex_order(x), axis=-1)
    return np.astype(ordered, kind)
