"""Running sums and products along an axis, differences, and the recurrence behind them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.op import Array, composite, op
from autograd.ops.shape import astype
from autograd.samples import draw, sample, samples

__all__ = [
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "linear_recurrence",
    "logcumsumexp",
    "trapezoid",
]


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """The index that takes a part along one axis and all of the others."""
    if axis >= 0:
        return (slice(None),) * axis + (part,)
    return (Ellipsis, part) + (slice(None),) * (-axis - 1)


def directed(x: Array, axis: int, reverse: bool) -> Array:
    """x as it is, or seen from its end."""
    return np.flip(x, axis) if reverse else x


@op(
    "xₜ₋₁",
    x=lambda g, axis, reverse: _shift(g, axis, reverse=not reverse),
    samples=samples(
        lambda: sample(draw(4), axis=0),
        lambda: sample(draw(2, 3), axis=-1, fill=1, reverse=True),
        lambda: sample(draw(0, 2), axis=0),
    ),
    reference=lambda x, axis, fill=0, reverse=False: np.roll(
        np.where(
            np.arange(x.shape[axis]).reshape((-1,) + (1,) * (-axis % x.ndim and x.ndim - 1 - axis % x.ndim))
            == (0 if reverse else x.shape[axis] - 1),
            fill,
            x,
        ),
        -1 if reverse else 1,
        axis,
    ),
)
def _shift(x: Array, /, axis: int, fill: float = 0, *, reverse: bool = False) -> Array:
    """Each element replaced by the one before it (after it, in reverse); the first by `fill`."""
    out = np.full_like(x, fill)
    to, source = slice(1, None), slice(None, -1)
    if reverse:
        to, source = source, to
    out[along(axis, to)] = x[along(axis, source)]
    return out
