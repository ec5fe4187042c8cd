"""The first-order linear recurrence: what the derivatives of running products and sums are."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.parallel.layout import in_three
from autograd.kernels.recurrent.cumulative import recurrence
from autograd.ops.shape.shape import normal_axis


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """The index that takes a part along one axis and everything along the others."""
    if axis >= 0:
        return (slice(None),) * axis + (part,)
    return (Ellipsis, part) + (slice(None),) * (-axis - 1)


def _shifted(x: Array, axis: int, fill: float = 0, reverse: bool = False) -> Array:
    out = np.roll(np.moveaxis(x, axis, 0), -1 if reverse else 1, 0)
    out[slice(-1, None) if reverse else slice(1)] = fill
    return np.moveaxis(out, 0, axis)


@op(
    "xₜ₋₁",
    x=lambda g, axis, reverse: shift(g, axis, reverse=not reverse),
    jvp={"x": lambda t, axis, reverse: shift(t, axis, reverse=reverse)},  # the fill is constant
    samples=samples(
        lambda: sample(draw(4), axis=0),
        lambda: sample(draw(2, 3), axis=-1, fill=1, reverse=True),
        lambda: sample(draw(0, 2), axis=0),
    ),
    reference=_shifted,
)
def shift(x: Array, /, axis: int, fill: float = 0, *, reverse: bool = False) -> Array:
    """Each element gives way to the one before it (in reverse, after it); the first to `fill`."""
    out = np.full_like(x, fill)
    to, source = slice(1, None), slice(None, -1)
    if reverse:
        to, source = source, to
    out[along(axis, to)] = x[along(axis, source)]
    return out


_RECURRENCES = samples(
    lambda: sample(draw(5), draw(5, seed=1)),
    lambda: sample(draw(2, 3), draw(2, 3, seed=1), axis=-1, reverse=True),
    lambda: sample(draw(3, 2) * [[1], [0], [1]], draw(3, 2, seed=1), axis=0, label="zeros"),
    lambda: sample(draw(2, 0), draw(2, 0)),
)


def _recurrence_as_a_matrix(a: Array, b: Array, axis: int = -1, reverse: bool = False) -> Array:
    """hₜ = Σₛ (Π of aᵣ for s < r ≤ t) bₛ."""
    a, b = (np.moveaxis(v, axis, 0)[:: -1 if reverse else 1] for v in (a, b))
    rows = [
        np.sum([np.prod(a[s + 1 : t + 1], axis=0) * b[s] for s in range(t + 1)], axis=0)
        for t in range(len(b))
    ]
    h = np.reshape(rows, b.shape)
    return np.moveaxis(h[:: -1 if reverse else 1], 0, axis)


def d_linear_recurrence(
    g: Array, a: Array, out: Array, axis: int, reverse: bool
) -> tuple[Array, Array]:
    # The adjoint of a recurrence is the recurrence run the other way: λₜ = gₜ + aₜ₊₁ λₜ₊₁.
    adjoint = linear_recurrence(shift(a, axis, reverse=not reverse), g, axis, reverse=not reverse)
    return adjoint * shift(out, axis, reverse=reverse), adjoint


@op(
    "hₜ = aₜ hₜ₋₁ + bₜ",
    wide=True,
    joint=d_linear_recurrence,
    jvp={
        "a": lambda t, a, out, axis, reverse: linear_recurrence(
            a, t * shift(out, axis, reverse=reverse), axis, reverse=reverse
        ),
        "b": lambda t, a, axis, reverse: linear_recurrence(a, t, axis, reverse=reverse),
    },
    samples=_RECURRENCES,
    reference=_recurrence_as_a_matrix,
)
def linear_recurrence(a: Array, b: Array, /, axis: int = -1, *, reverse: bool = False) -> Array:
    """hₜ = aₜ hₜ₋₁ + bₜ along an axis, from h₋₁ = 0: a sum that is scaled as it runs.

    Discounted returns, moving averages and linear state-space models are of this form. `a` and `b`
    have the same shape; a[0] plays no part. `reverse` runs from the end to the beginning. There is
    no division in it or in its derivatives, so zeros in `a` are as good as any other number.

    Shape: (..., N, ...) twice -> the same; others raise ShapeError.

    >>> import autograd as ag
    >>> ag.linear_recurrence(ag.Tensor([0.5, 0.5, 0.5]), ag.Tensor([1.0, 1.0, 1.0]))
    Tensor([1.  , 1.5 , 1.75], dtype=float32)
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(
            f"a and b must have the same shape, not {np.shape(a)} and {np.shape(b)}; "
            "use broadcast_to"
        )
    dtype, shape = np.result_type(a, b), np.shape(b)
    at = normal_axis(axis, len(shape))
    a, b = (in_three(np.asarray(v, dtype), shape, at) for v in (a, b))
    return recurrence(a, b, reverse).reshape(shape)
