"""Along an axis: running sums, products and extrema; differences; the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.op import form_of
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.parallel.layout import in_three
from autograd.kernels.recurrent import cumulative as kernel
from autograd.ops.reduction.recurrence import linear_recurrence, shift
from autograd.ops.shape.join import concat
from autograd.ops.shape.shape import astype, normal_axis

_SHAPES = samples(
    lambda: sample(draw(5), axis=0),
    lambda: sample(draw(2, 3)[:, ::-1], axis=-1),
    lambda: sample(draw(2, 3, 2), axis=1),
    lambda: sample(draw(0, 2), axis=0),
)
_ZEROS = samples(
    lambda: sample(draw(5) * [1, 0, 1, 1, 1], axis=0, label="a zero"),
    lambda: sample(draw(5) * [1, 0, 1, 0, 1], axis=0, label="two zeros"),
    lambda: sample(draw(4, complex_=True), axis=0, label="complex"),
)


def _run(kernel: Callable[..., Array], x: Array, axis: int, option: bool) -> Array:
    """A kernel of (O, L, I) along an axis."""
    rows = in_three(x, x.shape, normal_axis(axis, x.ndim))
    return kernel(rows, option).reshape(x.shape)


def d_cumsum(g: Array, x_shape: tuple[int, ...], axis: int | None) -> Array:
    return np.reshape(kernel.cumsum(g, axis, reverse=True), x_shape)


@op(
    "Σ x₀…xₜ",
    wide=True,
    x=d_cumsum,
    linear=True,
    samples=lambda: chain(_SHAPES(), samples(lambda: sample(draw(2, 3)))()),
)
def cumsum(x: Array, /, axis: int | None = None, dtype: Any = None) -> Array:
    """The sums of the elements up to each one, along an axis (over all of x flattened if None).

    Shape: any -> the same, or 1-D if `axis` is None. Small integers and booleans are added in
    int64.

    >>> import autograd as ag
    >>> ag.cumsum(ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3., 6.], dtype=float32)
    """
    return np.cumsum(x, axis=axis, dtype=dtype) if dtype is not None else kernel.cumsum(x, axis)


def d_cumprod(g: Array, x: Array, out: Array, axis: int) -> Array:
    # yₜ = xₜ yₜ₋₁ is a recurrence, and so is its adjoint: exact where an x is 0, to every order
    after = linear_recurrence(shift(x, axis, reverse=True), g, axis, reverse=True)
    return after * shift(out, axis, 1)


def t_cumprod(t: Array, x: Array, out: Array, axis: int) -> Array:
    return linear_recurrence(x, t * shift(out, axis, 1), axis)


@op(
    "Π x₀…xₜ",
    wide=True,
    x=d_cumprod,
    jvp={"x": t_cumprod},
    samples=lambda: chain(_SHAPES(), _ZEROS()),
    reference="numpy.cumprod",
)
def _cumprod(x: Array, /, axis: int) -> Array:
    if x.dtype.kind not in "fc":  # integers that NumPy widens
        return np.cumprod(x, axis=axis)
    return _run(kernel.cumulative_product, x, axis, False)


@checked
def cumprod(x: Array, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The products of the elements up to each one, along an axis (over x flattened if None).

    The derivatives of all orders are exact where elements are zero.

    Shape: any -> the same, or 1-D if `axis` is None. Small integers and booleans are multiplied in
    int64.

    >>> import autograd as ag
    >>> ag.cumprod(ag.Tensor([2.0, 3.0, 4.0]))
    Tensor([ 2.,  6., 24.], dtype=float32)
    """
    x = _in_dtype(joined(x), dtype)
    if axis is None or (np.ndim(x) == 0 and axis in (0, -1)):  # NumPy's of a number is 1-D
        return _in_dtype(_cumprod(np.reshape(x, (-1,)), 0), dtype)
    return _in_dtype(_cumprod(x, axis), dtype)


def _in_dtype(x: Array, dtype: Any) -> Array:
    """x in a dtype asked for: NumPy cumulates small integers in int64, which wraps alike."""
    return x if dtype is None or getattr(x, "dtype", None) == dtype else astype(x, dtype)


def _with_initial(x: Array, axis: int | None, include: bool, cumulate: Any, empty: Any) -> Array:
    """The array API's form of a cumulation: an axis unless x is 1-D, and the empty one in front."""
    if axis is None:
        if not np.ndim(x):
            x = np.reshape(x, (1,))
        if np.ndim(x) != 1:
            raise ShapeError(f"cumulative: x is {np.shape(x)}; say along which axis")
        axis = 0
    out = cumulate(x, axis=axis)
    if not include:
        return out
    initial = empty(np.sum(out, axis=axis, keepdims=True))
    return concat((initial, out), axis=axis)


_INITIAL = samples(
    lambda: sample(draw(4)),
    lambda: sample(draw(2, 3), axis=-1, include_initial=True),
    lambda: sample(draw(0, 3), axis=0, include_initial=True),
)


@composite("Σ x₀…xₜ", samples=_INITIAL)
def cumulative_sum(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """The sums of the elements up to each one; `include_initial` puts the empty sum 0 in front.

    `axis` may be left out for 1-D x alone, and for a number; else ShapeError is raised.

    Shape: that of x ((1,) for a number), or one longer along `axis` with `include_initial`. Small
    integers and booleans are added in int64.

    >>> import autograd as ag
    >>> ag.cumulative_sum(ag.Tensor([1.0, 2.0, 3.0]), include_initial=True)
    Tensor([0., 1., 3., 6.], dtype=float32)
    """
    out = _with_initial(_in_dtype(x, dtype), axis, include_initial, cumsum, np.zeros_like)
    return _in_dtype(out, dtype)


@composite("Π x₀…xₜ", samples=_INITIAL)
def cumulative_prod(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """The products of the elements up to each one; `include_initial` puts a 1 in front.

    `axis` may be left out for 1-D x alone, and for a number; else ShapeError is raised.

    Shape: that of x ((1,) for a number), or one longer along `axis` with `include_initial`. Small
    integers and booleans are multiplied in int64.

    >>> import autograd as ag
    >>> ag.cumulative_prod(ag.Tensor([2.0, 3.0]), include_initial=True)
    Tensor([1., 2., 6.], dtype=float32)
    """
    out = _with_initial(_in_dtype(x, dtype), axis, include_initial, cumprod, np.ones_like)
    return _in_dtype(out, dtype)


def finite_base(x: Array) -> Array:
    """x, but 0 for −∞: what may be subtracted from −∞ without giving NaN."""
    return np.where(x == -np.inf, 0, x)


def d_logcumsumexp(g: Array, x: Array, axis: int) -> Array:
    # Σ over t ≥ j of gₜ exp(xⱼ) / Σᵢ exp(xᵢ), i ≤ t, scaled by the largest xᵢ so that nothing
    # overflows. (exp(xⱼ − outₜ) is as wrong as outₜ is rounded: by much, where that is large.)
    top = cummax(x, axis)
    terms = np.exp(x - finite_base(top))
    total = linear_recurrence(np.exp(shift(top, axis) - finite_base(top)), terms, axis)
    decay = np.exp(top - finite_base(shift(top, axis, np.inf, reverse=True)))
    shares = g / np.where(total == 0, 1, total)
    return terms * linear_recurrence(decay, shares, axis, reverse=True)


@op(
    "log Σ exp x₀…xₜ",
    wide=True,
    x=d_logcumsumexp,
    real_only=True,
    samples=lambda: chain(
        _SHAPES(),
        samples(
            lambda: sample(np.array([-np.inf, -np.inf, 1, -np.inf, 2]), axis=0, smooth=False),
            lambda: sample(np.array([1000.0, -1000, 1001, 0]), axis=0, label="large"),
        )(),
    ),
    reference=lambda x, axis: np.logaddexp.accumulate(x, axis),
)
def logcumsumexp(x: Array, /, axis: int) -> Array:
    """log(exp(x₀) + … + exp(xₜ)) along an axis, without overflow.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.logcumsumexp(ag.Tensor([0.0, 0.0, 1000.0]), 0)
    Tensor([0.000000e+00, 6.931472e-01, 1.000000e+03], dtype=float32)
    """
    return np.logaddexp.accumulate(x, axis=normal_axis(axis, np.ndim(x)))


def d_running_extremum(g: Array, out: Array, axis: int) -> Array:
    # the cotangents of all places where a record stands go to the element that set it
    # NaN stands for ever
    stands = np.logical_or(out == shift(out, axis, np.nan), shift(out != out, axis, 0))
    kept = linear_recurrence(shift(stands, axis, reverse=True), g, axis, reverse=True)
    return np.where(stands, 0, kept)


_RECORDS = samples(
    lambda: sample(draw(6), axis=0),
    lambda: sample(draw(2, 4), axis=-1),
    lambda: sample(np.array([1.0, 1.0, 2.0, 2.0, 1.0]), axis=0, label="ties", smooth=False),
    lambda: sample(draw(0, 2), axis=0),
)


@op(
    "max x₀…xₜ",
    wide=True,
    x=d_running_extremum,
    real_only=True,
    samples=_RECORDS,
    reference=lambda x, axis: np.maximum.accumulate(x, axis),
)
def cummax(x: Array, /, axis: int) -> Array:
    """The largest element so far, along an axis; the gradient goes to the first that reached it.

    NaN stands for ever. With `return_indices=True` a pair: also the place of that first one.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.cummax(ag.Tensor([1.0, 3.0, 2.0]), 0)
    Tensor([1., 3., 3.], dtype=float32)
    """
    return _run(kernel.cumulative_extremum, x, axis, True)


@op(
    "min x₀…xₜ",
    wide=True,
    x=d_running_extremum,
    real_only=True,
    samples=_RECORDS,
    reference=lambda x, axis: np.minimum.accumulate(x, axis),
)
def cummin(x: Array, /, axis: int) -> Array:
    """The smallest element so far, along an axis; the gradient goes to the first that reached it.

    NaN stands for ever. With `return_indices=True` a pair: also the place of that first one.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.cummin(ag.Tensor([3.0, 1.0, 2.0]), 0)
    Tensor([3., 1., 1.], dtype=float32)
    """
    return _run(kernel.cumulative_extremum, x, axis, False)


class Record(NamedTuple):
    """What `cummax` and `cummin` return with `return_indices`."""

    values: Tensor
    indices: Tensor


def _record(op: Callable[..., Any]) -> Callable[..., Any]:
    """The call with `return_indices`: beside the records the first place where each was reached."""

    def form(x: Array, axis: int, *, return_indices: bool = False) -> Any:
        values = op(x, axis)
        if not return_indices:
            return values
        at = normal_axis(axis, np.ndim(values))
        before = shift(values, at, reverse=False)
        same = np.logical_or(
            np.equal(values, before), np.logical_and(values != values, before != before)
        )
        steps = np.arange(np.shape(values)[at])
        steps = steps.reshape([-1 if a == at else 1 for a in range(np.ndim(values))])
        begins = np.where(np.logical_and(same, steps > 0), 0, steps)
        return Record(values, cummax(begins, at))

    return form


for _op in (cummax, cummin):
    form_of(_op)(_record(_op))
