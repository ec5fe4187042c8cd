"""Differences over a grid, and angles without jumps: NumPy's gradient, ediff1d, unwrap, interp."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.operands import joined
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, AxisError, ShapeError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.indexing.take import take
from autograd.ops.reduction.differences import diff
from autograd.ops.reduction.recurrence import along
from autograd.ops.shape.join import concat
from autograd.ops.shape.rank import ravel

_PLACES = np.array([0.0, 0.5, 2.0, 2.5, 4.0])


@composite(
    "∂x",
    samples=samples(
        lambda: sample(draw(5)),
        lambda: sample(draw(3, 5), axis=1, spacing=(0.5,)),
        lambda: sample(draw(5, 3), axis=-2, spacing=(_PLACES,)),
        lambda: sample(draw(5), spacing=(_PLACES,), edge_order=2),
        lambda: sample(draw(4, complex_=True), edge_order=2, label="complex"),
    ),
    reference=lambda x, spacing=(), **params: np.gradient(x, *spacing, **params),
)
def _gradient(
    x: Array, /, spacing: tuple[Any, ...] = (), axis: Any = None, edge_order: int = 1
) -> Any:
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    ndim = np.ndim(x)
    axes = range(ndim) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    steps = list(spacing) or [1.0]
    steps = steps * len(axes) if len(steps) == 1 else steps
    if len(steps) != len(axes):
        raise ArgumentError(f"gradient: {len(steps)} spacings for {len(axes)} axes")
    if edge_order not in (1, 2):
        raise ArgumentError(f"gradient: edge_order is 1 or 2, not {edge_order!r}")
    slopes = []
    for a, h in zip(axes, steps, strict=True):
        if not -ndim <= a < ndim:
            raise AxisError(f"gradient: x is {np.shape(x)} and has no axis {a}")
        slopes.append(np.moveaxis(_slope(np.moveaxis(x, a, 0), h, edge_order), 0, a))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(f: Array, step: Any, edge_order: int) -> Array:
    """Differences along the first axis, whose places are given or equally far apart."""
    length = np.shape(f)[0]
    if length < edge_order + 1:
        raise ShapeError(f"gradient needs {edge_order + 1} elements along its axis, got {length}")
    if np.ndim(step) == 0:
        gaps: Any = [step] * (length - 1)
        inner = (f[2:] - f[:-2]) / (2 * step)
    else:
        if np.shape(step) != (length,):
            raise ShapeError(f"gradient: {length} places are needed, got {np.shape(step)}")
        step = (
            step
            if hasattr(step, "_value")
            else np.asarray(step, np.abs(np.zeros((), f.dtype)).dtype)
        )
        gaps = diff(step)
        h = gaps.reshape((-1,) + (1,) * (np.ndim(f) - 1))
        before, after = h[:-1], h[1:]
        change = after / before * (f[1:-1] - f[:-2]) + before / after * (f[2:] - f[1:-1])
        inner = change / (before + after)
    first, last = (f[1:2] - f[:1]) / gaps[0], (f[-1:] - f[-2:-1]) / gaps[-1]
    if edge_order == 2:  # the parabola through three places
        first = first + (first - (f[2:3] - f[1:2]) / gaps[1]) * gaps[0] / (gaps[0] + gaps[1])
        inside = (f[-2:-1] - f[-3:-2]) / gaps[-2]
        last = last + (last - inside) * gaps[-1] / (gaps[-1] + gaps[-2])
    return concat([first, inner, last])


def gradient(x: Array, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The slopes of x along its axes: central differences, one-sided at the ends.

    The `varargs` say how far apart the elements are: one number for all axes, or for each axis a
    number or the places themselves, which may be Tensors. With `edge_order` 2 the slopes at the
    ends are those of the parabola through three elements.

    Shape: any -> the same, for each of several axes one, in a tuple. Integers give floats.

    >>> import autograd as ag
    >>> ag.gradient(ag.Tensor([1.0, 2.0, 4.0]))
    Tensor([1. , 1.5, 2. ], dtype=float32)
    """
    return _gradient(x, varargs, axis, edge_order)


@composite(
    "xₜ₊₁ − xₜ",
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(4), to_begin=np.array([1.0, 2.0]), to_end=3.0),
    ),
)
def ediff1d(x: Array, /, to_end: Array = None, to_begin: Array = None) -> Array:
    """The differences of neighbours in the flat array.

    What is given as `to_begin` and `to_end` is put before and behind them.

    Shape: any -> (size - 1 + what is added,).

    >>> import autograd as ag
    >>> ag.ediff1d(ag.Tensor([1.0, 4.0, 9.0]))
    Tensor([3., 5.], dtype=float32)
    """
    parts = [diff(ravel(x))]
    dtype = parts[0].dtype
    for end, place in ((to_begin, 0), (to_end, 2)):
        if end is not None:
            end = joined(end)
            end = np.astype(end if hasattr(end, "dtype") else np.asarray(end), dtype)
            parts.insert(place, ravel(end))
    return concat(parts)


def _turned(steps: Array, axis: int, period: float, discont: float | None) -> Array:
    """What is added to each angle after the first: whole periods."""
    half = period / 2
    near = np.mod(steps + half, period) - half
    near = np.where((near == -half) & (steps > 0), half, near)
    turns = np.where(np.abs(steps) < (half if discont is None else discont), 0, near - steps)
    return np.cumsum(turns, axis=axis).astype(steps.dtype)


@composite(
    "unwrap x",
    real_only=True,
    samples=samples(
        lambda: sample(np.array([0.1, 3.0, -3.0, 0.4, 6.9])),
        lambda: sample(draw(2, 4) * 4, axis=0),
        lambda: sample(draw(5) * 4, period=2.5, discont=2.0),
    ),
)
def unwrap(
    x: Array, /, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi
) -> Array:
    """Angles without jumps: neighbours that differ by more than half a period are brought near.

    `discont` is the least jump that counts, if it is more than half the `period`.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.unwrap(ag.Tensor([0.0, 3.0, 5.0]), period=4)
    Tensor([ 0., -1.,  1.], dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    turned = computed(_turned, diff(x, axis=axis), axis=axis, period=period, discont=discont)
    return concat([x[along(axis, slice(0, 1))], x[along(axis, slice(1, None))] + turned], axis=axis)


def _periodic(x: Array, xp: Array, fp: Array, period: float) -> tuple[Array, Array, Array]:
    order = computed(np.argsort, xp % period)
    x, xp, fp = x % period, take(xp % period, order), take(fp, order)
    return x, concat([xp[-1:] - period, xp, xp[:1] + period]), concat([fp[-1:], fp, fp[:1]])


@composite(
    "f(x) between xᵢ",
    wide=True,
    real_only=True,
    samples=samples(
        lambda: sample(np.array([[-1.0, 0.2], [2.3, 9.0]]), _PLACES, draw(5)),
        lambda: sample(np.array([-1.0, 0.2, 9.0]), _PLACES, draw(5), left=-1.0, right=2.0),
        lambda: sample(np.array([5.3, 0.2, -9.1]), _PLACES, draw(5), period=5.0),
    ),
)
def interp(
    x: Array,
    xp: Array,
    fp: Array,
    /,
    left: Array = None,
    right: Array = None,
    period: float | None = None,
) -> Array:
    """The piecewise linear function through the points (xp, fp), at x.

    Left of all of them it is `left` (or the first value), right of them `right` (or the last). With
    a `period` it repeats, and the points need no order.

    Shape: x and (N,), (N,) -> that of x. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.interp(ag.Tensor([0.5, 3.0]), [0.0, 1.0], ag.Tensor([2.0, 4.0]))
    Tensor([3., 4.], dtype=float32)
    """
    xp, fp = (v if hasattr(v, "dtype") else np.asarray(v) for v in (xp, fp))
    x = x if hasattr(x, "dtype") else np.asarray(x, xp.dtype if xp.dtype.kind == "f" else None)
    x, xp, fp = (v + 0.0 if v.dtype.kind in "biu" else v for v in (x, xp, fp))
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not np.size(xp):
        raise ShapeError(f"interp: points are {np.shape(xp)} and {np.shape(fp)}: as many of each")
    if period is not None:
        x, xp, fp = _periodic(x, xp, fp, abs(period))
        left = right = None
    last = np.size(xp) - 1
    low = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(last - 1, 0))
    high = np.minimum(low + 1, last)
    left_x, left_f = take(xp, low), take(fp, low)
    width: Any = take(xp, high) - left_x
    width = np.where(np.equal(width, 0), 1, width)
    inside = left_f + (x - left_x) * ((take(fp, high) - left_f) / width)
    ends = (fp[0] if left is None else left, fp[-1] if right is None else right)
    inside = np.where(np.less(x, xp[0]), ends[0], inside)
    return np.where(np.greater(x, xp[last]), ends[1], inside)
