"""Quantiles: interpolation between the elements in order."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import numpy as np

from autograd.engine.operands import joined
from autograd.engine.trail import seen
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, AxisError
from autograd.extend import Array, composite, draw, op, raw, sample, samples
from autograd.kernels.matrix.ranks import at_ranks
from autograd.ops.indexing.take import add_along_axis
from autograd.ops.reduction.reduce import Axis, axes_of, count
from autograd.ops.reduction.sort import ranked
from autograd.ops.reduction.weighted import by_weights, in_a_row

_SHAPES = samples(
    lambda: sample(draw(5)),
    lambda: sample(draw(2, 4), axis=-1),
    lambda: sample(draw(2, 3, 2), axis=(0, -1), keepdims=True),
    lambda: sample(draw()),
    lambda: sample(np.array([1.0, 2, 2, 2]), label="ties", smooth=False),
    lambda: sample(draw(0, 3), axis=1, label="no slices"),
)
# places between elements: what becomes of them, and those of Hyndman and Fan (1996), by the
# parameters (a, b) of n q + a + q (1 - a - b) - 1
_PLACE: dict[str, Any] = {
    "lower": np.floor,
    "higher": np.ceil,
    "nearest": np.rint,
    "midpoint": lambda place: (np.floor(place) + np.ceil(place)) / 2,
}
_BETWEEN = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
_STEPS: dict[str, Any] = {
    "inverted_cdf": lambda q, n: np.ceil(n * q) - 1,
    "averaged_inverted_cdf": lambda q, n: np.where(
        n * q == np.floor(n * q), n * q - 0.5, np.ceil(n * q) - 1
    ),
    "closest_observation": lambda q, n: _nearest_odd(n * q - 1.5),
}
_METHODS = (*_BETWEEN, *_PLACE, *_STEPS)


def _nearest_odd(place: Any) -> Any:
    """The next whole number, but a whole number that is odd as it is."""
    below = np.floor(place)
    return np.where((place == below) & (below % 2 == 1), below, below + 1)


def _place(q: Any, n: int, method: str) -> Any:
    """The fractional index of a quantile among n sorted elements."""
    if method in _BETWEEN:
        a, b = _BETWEEN[method]
        if method == "linear":
            return q * (n - 1)
        return np.clip(n * q + a + q * (1 - a - b) - 1, 0, n - 1)
    q = without_gradient(q, method)
    place = _PLACE[method](q * (n - 1)) if method in _PLACE else _STEPS[method](q, n)
    return np.clip(place, 0, n - 1)


def without_gradient(q: Any, method: str) -> Any:
    """The numbers of a q that can have no gradient."""
    if getattr(q, "requires_grad", False):
        raise ArgumentError(
            f"quantile: method {method!r} jumps, so that q has no gradient; give its number, "
            "q.item(), or take another method"
        )
    return np.asarray(raw(q), float)


def weights(dtype: Any, part: float) -> Array:
    """Of the two neighbours of a place, that lies a part of the way from one to the other."""
    return np.array([1 - part, part], np.result_type(dtype, np.float16))


def d_between(g: tuple[Array, Array], out: tuple[Array, Array], x_shape: Any, part: float) -> Array:
    both = np.expand_dims(g[0], -1) * weights(g[0].dtype, part)
    return add_along_axis(both, out[1], x_shape)


def t_between(t: Array, out: tuple[Array, Array], part: float) -> tuple[Array, Array]:
    both = np.take_along_axis(t, out[1], -1) * weights(t.dtype, part)
    return np.sum(both, axis=-1), out[1]


def _between_by_sorting(x: Array, rank: int, part: float) -> tuple[Array, Array]:
    two = np.argsort(x, axis=-1, kind="stable")[..., [rank, rank + 1]]
    return np.sum(np.take_along_axis(x, two, -1) * [1 - part, part], axis=-1), two


@op(
    "x between ranks",
    x=d_between,
    jvp={"x": t_between},
    outputs=2,
    real_only=True,
    samples=samples(
        lambda: sample(draw(5), rank=2, part=0.25),
        lambda: sample(draw(2, 4), rank=0, part=0.5),
        lambda: sample(np.array([2.0, 1, 2, 1]), rank=1, part=0.5, label="ties", smooth=False),
    ),
    reference=_between_by_sorting,
)
def between(x: Array, /, rank: int, part: float) -> tuple[Array, Array]:
    """What lies between the elements of a rank and the next along the sorted last axis.

    And the indices of the two, (..., 2). A slice that holds NaN gives NaN.
    """
    both, indices = at_ranks(x, (rank, rank + 1))
    low, high = both[..., 0], both[..., 1]
    return low + weights(x.dtype, part)[1] * (high - low), indices


def _interpolated(row: Array, place: Any) -> Array:
    """The values at fractional indices of the sorted last axis; NaN where it holds one."""
    if getattr(place, "requires_grad", False):
        return _at_learned(row, place)
    place = np.asarray(raw(place), float)
    if not place.ndim:
        lower, part = divmod(float(place), 1)
        if part:
            return between(row, int(lower), part)[0]
        return ranked(row, (int(lower),))[0][..., 0]
    lower, upper = np.floor(place).astype(int), np.ceil(place).astype(int)
    ranks = np.unique([lower, upper])
    values, _ = ranked(row, tuple(ranks.tolist()))
    low: Any = values[..., np.searchsorted(ranks, lower)]
    if np.any(part := place - lower):
        part = part.astype(np.result_type(row, np.float16), copy=False)
        high = values[..., np.searchsorted(ranks, upper)]
        # no interpolation between infinities where the place is an element's own
        low = np.where(part == 0, low, low + part * (high - low))
    return low


def _at_learned(row: Array, place: Any) -> Array:
    """The values at places that have a gradient: the slope to the next element."""
    last = np.shape(row)[-1] - 1
    lower = np.clip(np.astype(np.floor(place.detach()), int), 0, max(last - 1, 0))
    ordered = np.sort(row, axis=-1)
    lost = np.isnan(ordered[..., last])  # NaN are the last in order; they have no slope
    ordered = np.where(np.isnan(ordered), 0.0, ordered)
    low, high = ordered[..., lower], ordered[..., np.minimum(lower + 1, last)]
    found = low + (place - lower).astype(row.dtype) * (high - low)
    return np.where(lost[..., None] if place.ndim else lost, math.nan, found)


def between_in_rows(row: Array, there: Array, q: Any, method: str) -> Array:
    """The quantiles of the first elements of sorted rows, as many as are there."""
    place = np.maximum(_place(q, there, method), 0)
    fixed = place.detach() if hasattr(place, "_node") else place
    lower = np.astype(np.floor(fixed), int)
    upper = np.clip(lower + 1, 0, np.maximum(there - 1, 0))
    shape = (*np.shape(row)[:-1], np.shape(place)[-1])
    low, high = (
        np.take_along_axis(row, np.broadcast_to(rank, shape), axis=-1) for rank in (lower, upper)
    )
    part = np.astype(place - lower, row.dtype)
    # no interpolation between infinities where the place is an element's own
    own = np.zeros(shape, bool) if getattr(q, "requires_grad", False) else np.equal(part, 0)
    return np.where(own, low, low + part * (high - low))


def part_of(name: str, q: Any) -> Any:
    """The q of a quantile as an array, or the Tensor itself where it has a gradient."""
    given = joined(q)
    learned = getattr(given, "requires_grad", False)
    numbers = np.asarray(raw(given) if learned else seen(given, f"the q of {name}"), float)
    if numbers.ndim > 1 or not np.all((numbers >= 0) & (numbers <= 1)):
        raise ArgumentError(
            f"{name}: q must be a number from 0 to 1, or 1-D of them, not {numbers}"
        )
    return given if learned else numbers


@composite(
    "quantile x",
    real_only=True,
    samples=lambda: (
        sample(*s.inputs, label=s.label, smooth=s.smooth, **s.params, **more)
        for s in _SHAPES()
        for more in ({"q": 0.3}, {"q": np.array([0.0, 0.5, 0.9])})
    ),
)
def quantile(
    x: Array,
    /,
    q: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    method: str = "linear",
    weights: Any = None,
) -> Array:
    """The value below which the part q of the elements lies, 0 ≤ q ≤ 1 (one number or 1-D).

    `method` is one of NumPy's: linear, lower, higher, nearest, midpoint, hazen, weibull, ... A q
    that is a Tensor gets the slope to the next element, unless the method jumps. NaN where there is
    a NaN. A q out of range, and no element at all, are errors. With `weights`, which the method
    "inverted_cdf" takes, it is the first element up to which they are the part q of all.

    Shape: as that of `max`; for 1-D q (Q,) the quantiles lie along a new first axis. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.quantile(ag.Tensor([1.0, 2.0, 4.0]), 0.75)
    Tensor(3., dtype=float32)
    """
    learned = part_of("quantile", q)
    q = np.asarray(raw(learned), float)
    if method not in _METHODS:
        raise ArgumentError(f"quantile: method {method!r} is none of {', '.join(_METHODS)}")
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    shape = np.shape(x)
    try:
        axes = axes_of(len(shape), axis)
    except np.exceptions.AxisError as error:
        raise AxisError(f"quantile: {error}; x is {shape}") from None
    n = count(shape, axis)
    if not n:
        raise ArgumentError(f"quantile: no elements: x is {shape}, axis is {axis}")
    if weights is None:
        values = _interpolated(in_a_row(x, axis), _place(learned, n, method))
    else:
        values = by_weights("quantile", x, without_gradient(learned, method), axis, weights, method)
        values = values if q.ndim else values[..., 0]
    if q.ndim:
        values = np.moveaxis(values, -1, 0)
    if keepdims:
        kept = tuple(1 if a in axes else length for a, length in enumerate(shape))
        values = np.reshape(values, q.shape + kept)
    return values


def percentile(
    x: Array,
    q: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    method: str = "linear",
    weights: Any = None,
) -> Tensor:
    """The quantile at q / 100, for 0 ≤ q ≤ 100 (one number or 1-D).

    `method`, `weights` and errors are those of `quantile`.

    Shape: that of `quantile`. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.percentile(ag.Tensor([1.0, 2.0, 4.0]), 75)
    Tensor(3., dtype=float32)
    """
    part = np.true_divide(joined(q), 100)
    return quantile(x, part, axis, keepdims, method=method, weights=weights)


@composite(
    "median x",
    real_only=True,
    samples=lambda: chain(
        _SHAPES(),
        samples(
            lambda: sample(np.array([1.0, 2, np.inf]), label="infinite", smooth=False),
            lambda: sample(np.array([1.0, np.nan, 2, 3]), label="NaN", smooth=False),
        )(),
    ),
)
def median(x: Array, /, axis: Axis = None, keepdims: bool = False) -> Array:
    """The middle element, or the mean of the middle two, over an axis, several, or all.

    Of equal elements the one that is sorted into the middle gets the gradient. NaN where there is a
    NaN; no element at all is an error.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.median(ag.Tensor([1.0, 2.0, 4.0, 9.0]))
    Tensor(3., dtype=float32)
    """
    return quantile(x, 0.5, axis, keepdims)
