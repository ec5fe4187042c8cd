"""Reductions: one value, or one per slice, from many."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.dtypes import HALF
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.activation.choice import choose
from autograd.kernels.matrix.sums import FEW, MANY, sum_of_many, sum_of_runs
from autograd.ops.reduction.recurrence import shift

Axis = int | tuple[int, ...] | None

_FILLED = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3), axis=0),
    lambda: sample(draw(2, 3, 4), axis=(0, -1), keepdims=True),
    lambda: sample(draw(3, 2, 2).T, axis=(-1, 0), label="not contiguous"),
    lambda: sample(draw(2, 3), axis=()),
    lambda: sample(draw()),
    lambda: sample(draw(0, 3), axis=1, label="no slices"),
)
_EMPTY = samples(lambda: sample(draw(0, 3), axis=0), lambda: sample(draw(0)))
_COMPLEX = samples(lambda: sample(draw(2, 3, complex_=True), axis=1, label="complex"))


_LARGEST_HALF = 65504  # the largest number of half precision


def axes_of(ndim: int, axis: Axis) -> tuple[int, ...]:
    """The axes that a reduction goes over, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    return normalize_axis_tuple(axis, ndim)


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many elements go into each result."""
    return math.prod(shape[a] for a in axes_of(len(shape), axis))


def added_up(x: Array, axis: Axis, dtype: Any, keepdims: bool) -> Array:
    """np.sum; of an array at once what it comes to after 1 µs of questions.

    Numbers of half precision are added up in single: NumPy does so along some axes alone.
    """
    if type(x) is np.ndarray:
        if x.dtype == HALF and dtype is None:
            return np.add.reduce(x, axis=axis, dtype=np.float32, keepdims=keepdims).astype(HALF)  # type: ignore[call-overload]
        if x.size >= FEW and dtype is None:
            found = sum_of_many(x, axis, keepdims) if x.size >= MANY else None
            found = sum_of_runs(x, axis, keepdims) if found is None else found
            if found is not None:
                return found
        return np.add.reduce(x, axis=axis, dtype=dtype, keepdims=keepdims)  # type: ignore[call-overload]
    return np.sum(x, axis=axis, dtype=dtype, keepdims=keepdims)


def spread(g: Array, axis: Axis, keepdims: bool) -> Array:
    """The cotangent of a reduction with its axes put back as length 1; it broadcasts over x."""
    return g if axis is None or keepdims else np.expand_dims(g, axis)


@op(
    "Σ x",
    x=spread,
    linear=True,
    samples=lambda: chain(_FILLED(), _EMPTY(), _COMPLEX()),
)
def sum(x: Array, /, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """The sum of the elements over an axis, several, or all; 0 of none.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Small integers and
    booleans are added in int64, unless `dtype` says otherwise.

    >>> import autograd as ag
    >>> ag.sum(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([4., 6.], dtype=float32)
    """
    return added_up(x, axis, dtype, keepdims)


def d_mean(g: Array, x_shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Array:
    share = spread(g, axis, keepdims)
    n = count(x_shape, axis)
    if n > _LARGEST_HALF and share.dtype == HALF:
        share = share.astype(np.float32)
    return share / n if n else share  # of no elements: the engine makes it empty


@op(
    "mean x",
    x=d_mean,
    linear=True,
    samples=lambda: chain(_FILLED(), _COMPLEX()),
)
def mean(x: Array, /, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """The mean of the elements over an axis, several, or all; NaN of none, with NumPy's warning.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats.

    >>> import autograd as ag
    >>> ag.mean(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([2., 3.], dtype=float32)
    """
    if dtype is None and type(x) is np.ndarray and x.size and x.dtype.char in "fd":
        total = added_up(x, axis, None, keepdims)
        return total / (x.size if axis is None else count(x.shape, axis))
    return np.mean(x, axis=axis, dtype=dtype, keepdims=keepdims)


def product_of_others(x: Array, out: Array, axes: tuple[int, ...]) -> Array:
    """For each element the product of all others in its slice, of which `out` is the product.

    It is the product of those before times that of those after, so there is no division, and zeros
    are as good as any other number. Several axes are taken one after the other. In a slice whose
    product is neither 0 nor near it nor infinite, it is the product divided by the element.
    """
    rest, divides = x, None
    if type(x) is np.ndarray and x.dtype.kind == "f" and axes:
        size = np.abs(out)
        divides = (size >= np.finfo(x.dtype).tiny) & (size < np.inf)
        if np.all(divides):
            return out / x
        rest = np.where(divides, 1, x)
    others: Any = 1
    for axis in axes:
        before = shift(np.cumprod(rest, axis=axis), axis, 1)
        after = np.flip(np.cumprod(np.flip(rest, axis), axis=axis), axis)
        others = others * (before * shift(after, axis, 1, reverse=True))
        rest = np.prod(rest, axis=axis, keepdims=True)
    return others if divides is None else np.divide(out, x, out=others, where=divides)


def d_prod(
    g: Array, x: Array, out: Array, x_shape: tuple[int, ...], axis: Axis, keepdims: bool
) -> Array:
    axes = axes_of(len(x_shape), axis) if x_shape else ()
    return spread(g, axis, keepdims) * product_of_others(x, spread(out, axis, keepdims), axes)


@op(
    "Π x",
    wide=True,
    x=d_prod,
    samples=lambda: chain(
        _FILLED(),
        _EMPTY(),
        _COMPLEX(),
        samples(
            lambda: sample(draw(4) * [1, 0, 1, 1], label="a zero"),
            lambda: sample(draw(4) * [1, 0, 1, 0], label="two zeros"),
            lambda: sample(draw(2, 3) * [[1, 0, 1], [0, 0, 1]], label="zeros over axes"),
        )(),
    ),
)
def prod(x: Array, /, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """The product of the elements over an axis, several, or all; 1 of none.

    The derivatives of all orders are exact where elements are zero.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Small integers and
    booleans are multiplied in int64, unless `dtype` says otherwise.

    >>> import autograd as ag
    >>> ag.prod(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([3., 8.], dtype=float32)
    """
    return np.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)


def d_extremum(g: Array, x: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    """Equal parts to all elements that attain the extremum (to the NaNs, where it is NaN)."""
    attains = np.logical_or(x == spread(out, axis, keepdims), x != x)
    ties = np.sum(attains, axis=axis, keepdims=True, dtype="float32")
    return choose(attains, spread(g, axis, keepdims) / ties, 0)


def t_extremum(t: Array, x: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    """The mean over the elements that attain the extremum."""
    attains = np.logical_or(x == spread(out, axis, keepdims), x != x)
    ties = np.sum(attains, axis=axis, keepdims=keepdims, dtype="float32")
    return np.sum(np.where(attains, t, 0), axis=axis, keepdims=keepdims) / ties


def of_nothing(x: Array, axis: Axis = None, keepdims: bool = False) -> str | None:
    """What to say when there is no element to choose."""
    shape = np.shape(x)
    axes = axis if isinstance(axis, tuple) else range(len(shape)) if axis is None else (axis,)
    empty = [a for a in axes if -len(shape) <= a < len(shape) and shape[a] == 0]
    if not empty:
        return None
    return (
        f"x is {shape}: there is no element to choose along axis {empty[0]}, which has length 0.\n"
        "  Leave empty slices away, or join a lowest (highest) value first."
    )


_TIES = samples(
    lambda: sample(np.array([[1.0, 3, 3], [2, 2, 2]]), axis=1, label="ties", smooth=False),
)


@op(
    "max x",
    x=d_extremum,
    jvp={"x": t_extremum},
    real_only=True,
    samples=lambda: chain(_FILLED(), _TIES()),
    hint=of_nothing,
)
def max(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest element over an axis, several, or all; ties share the gradient evenly.

    NaN where there is a NaN, which then gets the gradient. A ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Complex numbers
    raise DTypeError.

    >>> import autograd as ag
    >>> ag.max(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([3., 4.], dtype=float32)
    """
    return np.max(x, axis=axis, keepdims=keepdims)


@op(
    "min x",
    x=d_extremum,
    jvp={"x": t_extremum},
    real_only=True,
    samples=lambda: chain(_FILLED(), _TIES()),
    hint=of_nothing,
)
def min(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest element over an axis, several, or all; ties share the gradient evenly.

    NaN where there is a NaN, which then gets the gradient. A ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Complex numbers
    raise DTypeError.

    >>> import autograd as ag
    >>> ag.min(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([1., 2.], dtype=float32)
    """
    return np.min(x, axis=axis, keepdims=keepdims)


@composite(
    "max x",
    real_only=True,
    samples=samples(lambda: sample(draw(2, 3)), lambda: sample(draw(2, 3), axis=1, keepdims=True)),
)
def amax(x: Array, /, axis: Axis = None, keepdims: bool = False, **options: Any) -> Array:
    """The largest element over an axis, several, or all: `max` by a name that PyTorch shares.

    The `options` are NumPy's initial=, where= and out=, as those of `max`.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. NaN if there is
    one. No elements are an error, and complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.amax(ag.Tensor([[1.0, 5.0], [3.0, 2.0]]), axis=0)
    Tensor([3., 5.], dtype=float32)
    """
    return max(x, axis, keepdims, **options)


@composite(
    "min x",
    real_only=True,
    samples=samples(lambda: sample(draw(2, 3)), lambda: sample(draw(2, 3), axis=1, keepdims=True)),
)
def amin(x: Array, /, axis: Axis = None, keepdims: bool = False, **options: Any) -> Array:
    """The smallest element over an axis, several, or all: `min` by a name that PyTorch shares.

    The `options` are NumPy's initial=, where= and out=, as those of `min`.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. NaN if there is
    one. No elements are an error, and complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.amin(ag.Tensor([[1.0, 5.0], [3.0, 2.0]]), axis=0)
    Tensor([1., 2.], dtype=float32)
    """
    return min(x, axis, keepdims, **options)


@composite(
    "max x − min x",
    real_only=True,
    samples=lambda: chain(_FILLED(), _TIES()),
    reference=lambda x, **params: np.max(x, **params) - np.min(x, **params),
)
def ptp(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The range of the values, from the smallest to the largest ("peak to peak").

    Ties share the gradient evenly. A ShapeError where there is no element.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Complex numbers
    raise DTypeError. Booleans raise DTypeError.

    >>> import autograd as ag
    >>> ag.ptp(ag.Tensor([1.0, 5.0, 2.0]))
    Tensor(4., dtype=float32)
    """
    return max(x, axis=axis, keepdims=keepdims) - min(x, axis=axis, keepdims=keepdims)


def _shares(x: Array, out: Array, axis: Axis, keepdims: bool) -> tuple[Array, Array]:
    """exp x up to a factor, and its sum, which is not quite 1 since `out` is rounded.

    Where the result is −∞ all elements are, and none has a share: exp(−∞ − 0) = 0, not NaN.
    """
    terms = np.exp(x - spread(np.where(out == -np.inf, 0, out), axis, keepdims))
    total = np.sum(terms, axis=axis, keepdims=keepdims)
    return terms, total + (total == 0)


def d_logsumexp(g: Array, x: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    terms, total = _shares(x, out, axis, keepdims)
    return spread(g / total, axis, keepdims) * terms


def t_logsumexp(t: Array, x: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    terms, total = _shares(x, out, axis, keepdims)
    return np.sum(t * terms, axis=axis, keepdims=keepdims) / total


@op(
    "log Σ eˣ",
    wide=True,
    x=d_logsumexp,
    jvp={"x": t_logsumexp},
    real_only=True,
    samples=lambda: chain(
        _FILLED(),
        _EMPTY(),
        samples(
            lambda: sample(np.array([1000.0, 1000.5, -1000]), label="large"),
            lambda: sample(np.array([[-np.inf, 0, 1], [-np.inf] * 3]), axis=1, smooth=False),
        )(),
    ),
    reference=lambda x, axis=None, keepdims=False: np.logaddexp.reduce(
        x, axis=axis, keepdims=keepdims
    ),
)
def logsumexp(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """log Σ exp x over an axis, several, or all, without overflow; −∞ of nothing.

    A slice that is −∞ throughout gives −∞, and the gradient 0.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.logsumexp(ag.Tensor([1000.0, 0.0]))
    Tensor(1000., dtype=float32)
    """
    if np.result_type(x).kind in "biu":
        x = x + 0.0
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):  # log 0 = −∞ is meant
        out = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axis)[()]
