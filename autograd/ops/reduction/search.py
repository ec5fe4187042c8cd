"""Questions about the elements: which, where, how many. Their answers have no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.op import form_of
from autograd.extend import Array, draw, op, sample, samples
from autograd.ops.elementwise.compare import isclose
from autograd.ops.reduction.reduce import Axis, of_nothing

_SIGNS = samples(
    lambda: sample(np.array([[0.0, 1, 2], [0, 0, -1]])),
    lambda: sample(np.array([[0.0, 1, 2], [0, 0, -1]]), axis=0),
    lambda: sample(np.array([[0.0, 1, 2], [0, 0, -1]]), axis=-1, keepdims=True),
    lambda: sample(np.array([True, False])),
    lambda: sample(np.zeros((0, 2)), axis=0),
    lambda: sample(draw()),
)
_PLACES = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3), axis=0),
    lambda: sample(draw(2, 3), axis=-1, keepdims=True),
    lambda: sample(np.array([1.0, 3, 3]), label="the first of ties"),
    lambda: sample(draw(0, 3), axis=1),
    lambda: sample(draw()),
)
_FLAGS = samples(
    lambda: sample(np.array([0.0, 2, 0, -1])),
    lambda: sample(np.array([[True, False], [True, True]])),
    lambda: sample(np.zeros((0, 2))),
)


@op("all x", samples=_SIGNS)
def all(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether all elements over an axis, several, or all are true (not zero).

    Of none `all` is true and `any` false; NaN counts as true.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives booleans.

    >>> import autograd as ag
    >>> ag.all(ag.Tensor([1.0, 0.0]))
    Tensor(False, dtype=bool)
    """
    return np.all(x, axis=axis, keepdims=keepdims)


@op("any x", samples=_SIGNS)
def any(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether any element over an axis, several, or all is true (not zero).

    Of none `all` is true and `any` false; NaN counts as true.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives booleans.

    >>> import autograd as ag
    >>> ag.any(ag.Tensor([1.0, 0.0]))
    Tensor(True, dtype=bool)
    """
    return np.any(x, axis=axis, keepdims=keepdims)


@op("#(x ≠ 0)", samples=_SIGNS)
def count_nonzero(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """How many elements over an axis, several, or all are not zero.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives int64.

    >>> import autograd as ag
    >>> ag.count_nonzero(ag.Tensor([1.0, 0.0, 2.0]))
    Tensor(2, dtype=int64)
    """
    return np.sum(np.not_equal(x, 0), axis=axis, keepdims=keepdims)


@op("argmax x", real_only=True, samples=_PLACES, hint=of_nothing)
def argmax(x: Array, /, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the largest element along an axis (in x flattened if None); the first of ties.

    The first NaN, where there is one. A ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives int64.
    Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.argmax(ag.Tensor([1.0, 5.0, 2.0]))
    Tensor(1, dtype=int64)
    """
    return np.argmax(x, axis=axis, keepdims=keepdims)


@op("argmin x", real_only=True, samples=_PLACES, hint=of_nothing)
def argmin(x: Array, /, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the smallest element along an axis (in x flattened if None); the first of ties.

    The first NaN, where there is one. A ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Gives int64.
    Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.argmin(ag.Tensor([1.0, 5.0, 0.0]))
    Tensor(2, dtype=int64)
    """
    return np.argmin(x, axis=axis, keepdims=keepdims)


def allclose(
    x: Any, y: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether |x - y| <= atol + rtol * |y| everywhere: True or False.

    NaN is close to NaN only with `equal_nan`.

    Shape: x and y broadcast -> bool, of Python; shapes that do not raise ShapeError.

    >>> import autograd as ag
    >>> ag.allclose(ag.Tensor([1.0, 2.0]), ag.Tensor([1.000001, 2.0]))
    True
    """
    return bool(all(isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)))


@op("x ≠ 0 where", samples=_FLAGS, counts=True, outputs=0)
def nonzero(x: Array, /) -> tuple[Array, ...]:
    """The indices of the elements that are not zero, one array per axis.

    Shape: (N, ...) -> (count,) for each axis. Gives int64. A number without axes is an error.

    >>> import autograd as ag
    >>> ag.nonzero(ag.Tensor([0.0, 3.0, 5.0]))
    (Tensor([1, 2], dtype=int64),)
    """
    return tuple(np.nonzero(x))


@op("x ≠ 0 where", samples=_FLAGS, counts=True)
def argwhere(x: Array, /) -> Array:
    """The indices of the elements that are not zero, one row each: shape (count, ndim).

    Shape: any -> (count, ndim). Gives int64.

    >>> import autograd as ag
    >>> ag.argwhere(ag.Tensor([0.0, 3.0, 5.0])).tolist()
    [[1], [2]]
    """
    return np.argwhere(x)


@op("x ≠ 0 where", samples=_FLAGS, counts=True)
def flatnonzero(x: Array, /) -> Array:
    """The indices in x flattened of the elements that are not zero.

    Shape: any -> (count,). Gives int64.

    >>> import autograd as ag
    >>> ag.flatnonzero(ag.Tensor([0.0, 3.0, 5.0]))
    Tensor([1, 2], dtype=int64)
    """
    return np.flatnonzero(x)


@op(
    "place of v",
    real_only=True,
    samples=samples(
        lambda: sample(np.array([1.0, 2, 2, 5]), np.array([[0.0, 2], [3, 9]])),
        lambda: sample(np.array([1.0, 2, 2, 5]), 2.0, side="right"),
        lambda: sample(draw(0), draw(3)),
    ),
)
def searchsorted(x: Array, v: Array, /, side: Any = "left") -> Array:
    """Where the elements of v belong in the sorted 1-D x: left or right of those equal to them.

    `side` is "left" or "right".

    Shape: (N,) and v -> that of v. Gives int64. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.searchsorted(ag.Tensor([1.0, 2.0, 3.0]), 2.5)
    Tensor(2, dtype=int64)
    """
    return np.searchsorted(x, v, side=side)


def _in_sorted(x: Array, v: Array, /, side: Any = "left", *, sorter: Array | None = None) -> Array:
    """The form of a call with `sorter`: the order in which x is sorted."""
    return searchsorted(x if sorter is None else x[sorter], v, side)


form_of(searchsorted)(_in_sorted)


@op(
    "distinct x",
    counts=True,
    outputs=0,
    samples=samples(
        lambda: sample(np.array([[3.0, 1], [3, 2]])),
        lambda: sample(np.array([3, 1, 3]), return_index=True, return_counts=True),
        lambda: sample(np.array([[1, 2], [1, 2]]), return_inverse=True, axis=0),
        lambda: sample(draw(0)),
    ),
)
def unique(
    x: Array,
    /,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    equal_nan: bool = True,
) -> Any:
    """The distinct elements of x in order (or its distinct slices along an axis).

    With the flags a tuple: the elements; with `return_index` the index of the first of each; with
    `return_inverse` the place of every element of x among them; with `return_counts` how often each
    occurs. Nothing of it has a gradient; x[index] has. All NaN are one, or with
    equal_nan=False each its own.

    Shape: any -> (count,), or (..., count, ...) along `axis`; the places have the shape of x.

    >>> import autograd as ag
    >>> ag.unique(ag.Tensor([3.0, 1.0, 3.0]))
    Tensor([1., 3.], dtype=float32)
    """
    find: Any = np.unique  # its many overloads tell the flags apart by literal values
    return find(x, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan)


@op(
    "Σ w of x = i",
    weights=lambda g, x: g[x],
    counts=True,
    linear=True,
    real_only=True,
    samples=samples(
        lambda: sample(np.array([0, 2, 2]), draw(3)),
        lambda: sample(np.array([0, 2, 2]), draw(3), minlength=5),
        lambda: sample(np.array([], int), draw(0)),
    ),
)
def bincount(x: Array, weights: Array = None, /, minlength: int = 0) -> Array:
    """How often each of 0, 1, 2, … occurs in the integers x; or the sums of their weights.

    The `weights`, one for each element of x, alone have a gradient.

    Shape: (N,) -> (max(x) + 1,), or (minlength,) if that is more. Counts are int64; as weights
    integers give floats, and complex numbers raise DTypeError, as does an x of floats. Negative
    numbers in x are errors.

    >>> import autograd as ag
    >>> ag.bincount(ag.Tensor([0, 2, 2]), ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 0., 5.], dtype=float32)
    """
    counts = np.bincount(x, weights, minlength)
    if weights is None:
        return counts
    kind = np.result_type(weights)
    return counts.astype(kind, copy=False) if kind.kind == "f" else counts
