"""One row for each compiled kernel; here those of optimizers, normalisations and activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels import (
    bends,
    channels,
    gathering,
    gaussian,
    logistic,
    optimizers,
    powers,
    rectifier,
    rows,
    running,
    softmax,
)
from tests.twin_attention import TABLE as ATTENTION
from tests.twin_cases import Array, Case, Row, numpy_kernel
from tests.twin_layers import TABLE as LAYERS
from tests.twin_recurrent import TABLE as RECURRENT
from tests.twin_taps import TABLE as TAPS
from tests.twin_tiles import TABLE as TILES

__all__ = ["TABLE"]

# ---- optimizers --------------------------------------------------------------------------------


def _flat(most: int = 3000) -> Any:
    return st.tuples(st.integers(0, most))


def _adam(case: Case, size: int) -> tuple[Any, ...]:
    largest = case.positive(size) if case.flag() else None
    kept = 0.9 if case.flag() else 1.0
    decay = 0.3 if case.flag() else 0.0
    arrays = (case.array(size), case.array(size), case.array(size), case.positive(size))
    return (*arrays, largest, (0.9, 0.99), 1e-8, 0.01, kept, decay, case.flag())


def _descend(case: Case, size: int) -> tuple[Any, ...]:
    return (case.array(size), case.array(size), 0.01)


def _sgd(case: Case, size: int) -> tuple[Any, ...]:
    b = case.array(size) if case.flag() else None
    undamped, decay = (0.5 if case.flag() else 1.0), (0.3 if case.flag() else 0.0)
    p, g = case.array(size), case.array(size)
    return (p, g, b, 0.01, 0.9, undamped, case.flag(), decay, case.flag())


# ---- channels ----------------------------------------------------------------------------------

_CHANNELS = st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 70))


def _some(case: Case, size: int) -> Array | None:
    return case.array(size) if case.flag() else None


def _affine(case: Case, *shape: int) -> tuple[Any, ...]:
    x = case.shifted(*shape)
    mean, var = x.astype(np.float64).mean((0, 2)), x.astype(np.float64).var((0, 2))
    weight, bias = _some(case, shape[1]), _some(case, shape[1])
    return x, mean, 1 / np.sqrt(var + 1e-5 * case.scale**2), weight, bias


def _channels(case: Case, *shape: int) -> tuple[Any, ...]:
    x, _, _, weight, bias = _affine(case, *shape)
    return x, weight, bias, float(1e-5 * case.scale**2)


def _of_channels(x: Array, weight: Any, bias: Any, eps: float) -> tuple[Any, ...]:
    mean, var = np.mean(np.abs(x), (0, 2)), np.var(x.astype(np.float64), (0, 2))
    center = np.mean(x.astype(np.float64), (0, 2))
    (y,) = _of_affine(x, center, 1 / np.sqrt(var + eps), weight, bias)
    # the mean of some first elements, which NumPy subtracts, is within a few deviations; half of
    # what the variance differs by is in the output
    return 5 * y, mean, 10 * var


def _each(numbers: Array) -> Array:
    return np.reshape(numbers, (1, -1, 1))


def _of_affine(
    x: Array, mean: Array, inverse: Array, weight: Array | None, bias: Array | None
) -> tuple[Any, ...]:
    scale = np.abs(inverse if weight is None else inverse * weight)
    deviation = np.abs(x - _each(mean)) * _each(scale)
    # below is_far, NumPy multiplies x itself, and the mean
    near = np.minimum(np.abs(mean), 8 / inverse) * scale
    return (deviation + _each(2 * near + (0 if bias is None else np.abs(bias))),)


def _channel_pull(case: Case, *shape: int) -> tuple[Any, ...]:
    x, mean, inverse, weight, _ = _affine(case, *shape)
    mean, inverse = (mean.astype(x.dtype), inverse.astype(x.dtype))
    return (
        case.array(*shape), case.array(shape[1]), case.array(shape[1]), x, weight, mean, inverse
    )  # fmt: skip


def _of_channel_pull(
    of_y: Array, of_mean: Array, of_var: Array, x: Array, weight: Any, mean: Any, inverse: Any
) -> tuple[Any, ...]:
    total, axes = x.shape[0] * x.shape[2], (0, 2)
    inverse, of_y = inverse.astype(np.float64), np.abs(of_y).astype(np.float64)
    # NumPy multiplies x itself where the mean is below 8 deviations, else x − mean
    part = np.abs(x - _each(mean)) + np.minimum(np.abs(_each(mean)), 8 / _each(inverse))
    scale = inverse if weight is None else inverse * np.abs(weight)
    of_bias, dots = of_y.sum(axes), (of_y * part).sum(axes)
    slope = inverse**2 * scale * dots / total + 2 * np.abs(of_var) / total
    level = scale * of_bias / total + np.abs(of_mean) / total
    of_x = of_y * _each(scale) + _each(level) + _each(slope) * part
    return of_x, inverse * dots, of_bias


# ---- rows --------------------------------------------------------------------------------------

_ROWS = st.tuples(st.integers(1, 5), st.integers(1, 3), st.sampled_from([1, 2, 6, 60, 300]))


def _parts(case: Case, shape: tuple[int, ...]) -> tuple[int, int]:
    """The shape (G, D) of a weight: a number for each element, for the row, or for parts of it."""
    return shape[1], (shape[2], 1, math.gcd(shape[2], 3))[case.rng.integers(3)]


def _standardize(case: Case, *shape: int) -> tuple[Any, ...]:
    parts, weight, bias = _parts(case, shape), None, None
    if case.flag():
        weight, bias = case.array(*parts), case.array(*parts)
    return case.shifted(*shape), weight, bias, float(1e-5 * case.scale**2)


def _spread(numbers: Any, x: Array) -> Any:
    """The magnitudes of numbers (G, D) beside (N, G, K)."""
    if numbers is None:
        return 1.0
    return np.repeat(np.abs(numbers).astype(np.float64), x.shape[2] // numbers.shape[1], 1)


def _of_standardize(x: Array, weight: Any, bias: Any, eps: float) -> tuple[Any, ...]:
    mean, var = np.mean(np.abs(x), 2), np.var(x.astype(np.float64), 2)
    inverse = 1 / np.sqrt(var + eps)
    deviation = np.abs(x - np.mean(x, 2, keepdims=True, dtype=np.float64))
    # NumPy multiplies x itself where the mean is below 2 deviations, else x − mean
    near = np.minimum(mean, 2 * np.sqrt(var))
    part = (deviation + 2 * near[..., None]) * inverse[..., None]
    y = part * _spread(weight, x) + (0 if bias is None else _spread(bias, x))
    return y, mean, 10 * var + np.finfo(np.float32).eps * mean**2


def _row_pull(case: Case, *shape: int) -> tuple[Any, ...]:
    x, weight, _, eps = _standardize(case, *shape)
    mean, var = np.mean(x, 2, dtype=np.float64), np.var(x.astype(np.float64), 2)
    inverse, rows = (1 / np.sqrt(var + eps)).astype(x.dtype), shape[:2]
    of_y, of_mean, of_var = case.array(*shape), case.array(*rows), case.array(*rows)
    return of_y, of_mean, of_var, x, weight, mean.astype(x.dtype), inverse


def _of_row_pull(
    of_y: Array, of_mean: Array, of_var: Array, x: Array, weight: Any, mean: Any, inverse: Any
) -> tuple[Any, ...]:
    length, factor = x.shape[2], inverse.astype(np.float64)[..., None]
    # NumPy corrects the rounding of the mean only where it is above 8 deviations
    near = np.minimum(np.abs(mean)[..., None], 8 / factor)
    part = np.abs(x - mean.astype(np.float64)[..., None]) + near
    of_y = np.abs(of_y).astype(np.float64)
    weighted = of_y * _spread(weight, x)
    level = (factor * weighted.sum(2, keepdims=True) + np.abs(of_mean)[..., None]) / length
    dots = (weighted * part).sum(2, keepdims=True)
    slope = (factor**3 * dots + 2 * np.abs(of_var)[..., None]) / length
    of_x = weighted * factor + level + slope * part
    if weight is None:
        return (of_x,)
    shape = (*weight.shape, -1)
    scaled = (of_y * part * factor).sum(0).reshape(shape).sum(2)
    return of_x, scaled, of_y.sum(0).reshape(shape).sum(2)


# ---- elementwise -------------------------------------------------------------------------------

_SIGMOID = numpy_kernel(logistic.logistic)
_RUNS = st.tuples(st.integers(0, 3), st.integers(0, 40), st.sampled_from([0, 1, 5, 80]))
_LINES = st.tuples(st.integers(1, 4), st.integers(1, 200))
_ANY_ROWS = st.tuples(st.integers(1, 9), st.integers(0, 90), st.integers(1, 20))
_ANY = st.tuples(st.integers(0, 3), st.integers(1, 40), st.integers(1, 40))


def _viewed(case: Case, *shape: int) -> tuple[Any, ...]:
    """An array that lies in memory in one way or another."""
    x = case.array(*shape)
    return (([x, x.transpose(2, 0, 1), x[:, ::2], x[..., ::-1]])[case.rng.integers(4)],)


def _pulled(case: Case, *shape: int) -> tuple[Any, ...]:
    """A cotangent that lies in any way, beside an output without gaps."""
    (g,) = _viewed(case, *shape)
    out = case.array(*g.shape)
    return g, out if case.flag() else np.asfortranarray(out)


def _sloped(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.array(*shape), numpy_kernel(gaussian.gelu_slope)


def _with(*numbers: float) -> Any:
    """Of an array that lies in any way, and numbers."""
    return lambda case, *shape: (*_viewed(case, *shape), *numbers)


def _pulled_with(*more: Any) -> Any:
    return lambda case, *shape: (*_pulled(case, *shape), *more)


def _of_exponential(x: Array, scale: float, below: float, alpha: float) -> tuple[Any, ...]:
    return (scale * np.maximum(x, 0) + below * -np.expm1(np.minimum(x, 0) / alpha),)


def _of_exponential_pull(
    g: Array, x: Array, scale: float, below: float, alpha: float
) -> tuple[Any, ...]:
    # an exponent that is rounded, as x / alpha is, is off by so many roundings as it is large
    least = np.minimum(x, 0) / alpha
    slope = np.where(x > 0, scale, below / alpha * (1 - least) * np.exp(least))
    return (np.abs(g) * (slope + 2.0**-126 / 2.0**-23),)  # below 2⁻¹²⁶ the loop has 0


def _of_softplus(x: Array, beta: float, threshold: float) -> tuple[Any, ...]:
    return (np.maximum(np.abs(x), 1 / beta),)


def _of_pulled(g: Array, *_: Any) -> tuple[Any, ...]:
    return (np.abs(g),)


def _of_silu_pull(g: Array, x: Array, sigmoid: Any) -> tuple[Any, ...]:
    return (np.abs(g) * (1 + np.abs(x) * sigmoid(x) * (1 - sigmoid(x))),)


def _of_sloped(g: Array, x: Array, slope: Any) -> tuple[Any, ...]:
    return (np.abs(g),)


def _moved(case: Case, height: int, width: int, count: int) -> tuple[Any, ...]:
    """Rows taken where integers say, or one after the other, to be added to some of `count`."""
    x, moves = case.array(height, width), height if case.flag() else 3 * height
    source = None if moves == height else case.rng.integers(height, size=moves)
    return x, source, case.rng.integers(count, size=moves), count


def _taken(case: Case, *shape: int) -> tuple[Any, ...]:
    places = (shape[0], 1 + 2 * shape[1] // 3, shape[2])
    return case.array(*shape), case.rng.integers(-shape[1], shape[1], size=places)


def _added(case: Case, *shape: int) -> tuple[Any, ...]:
    length = 1 + 2 * shape[1] // 3
    return case.array(*shape), case.rng.integers(-length, length, size=shape), length


def _along(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.flag()


def _recurring(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.array(*shape), case.flag()


def _rowwise(count: int) -> Any:
    return lambda case, *shape: (*(case.array(*shape) for _ in range(count)), -1)


def _weighted(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), numpy_kernel(softmax.softmax)(case.array(*shape), -1), -1


def _logged(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), numpy_kernel(softmax.log_softmax)(case.array(*shape), -1), -1


# What is added up one by one in each of 16 lanes is rounded so many times.
def _of_softmax(x: Array, axis: int) -> tuple[Any, ...]:
    return ((1 + x.shape[-1] / 16) * numpy_kernel(softmax.softmax)(x, axis),)


def _of_log_softmax(x: Array, axis: int) -> tuple[Any, ...]:
    return (1 + x.shape[-1] / 16 + np.abs(numpy_kernel(softmax.log_softmax)(x, axis)),)


def _of_softmax_pull(g: Array, out: Array, axis: int) -> tuple[Any, ...]:
    terms = np.abs(g.astype(np.float64) * out)
    return (terms + out * np.sum(terms, axis, keepdims=True) * (1 + g.shape[-1] / 16),)


def _of_log_softmax_pull(g: Array, out: Array, axis: int) -> tuple[Any, ...]:
    terms = np.abs(g.astype(np.float64))
    weights = np.exp(out) + 2.0**-126  # below it the loop has 0
    return (terms + weights * np.sum(terms, axis, keepdims=True) * (1 + g.shape[-1] / 16),)


def _legs(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.array(*shape)


def _of_legs(x: Array, y: Array) -> tuple[Any, ...]:
    return (np.hypot(x, y),)


def _ones(x: Array) -> tuple[Any, ...]:
    return (np.ones(x.shape),)


def _at_most_x(x: Array) -> tuple[Any, ...]:
    return (np.abs(x),)


TABLE = [
    Row(optimizers.adam_update, _flat(), (300_001,), _adam, single=False),
    Row(optimizers.descend, _flat(), (300_001,), _descend, single=False),
    Row(optimizers.sgd_update, _flat(), (300_001,), _sgd, single=False),
    Row(channels.channel_standardize, _CHANNELS, (16, 17, 5000), _channels, _of_channels, 16),
    Row(channels.channel_affine, _CHANNELS, (16, 17, 5000), _affine, _of_affine, 4),
    Row(channels.channel_pull, _CHANNELS, (16, 17, 5000), _channel_pull, _of_channel_pull, 16),
    Row(rows.row_standardize, _ROWS, (1500, 3, 300), _standardize, _of_standardize, 8),
    Row(rows.row_pull, _ROWS, (1500, 3, 300), _row_pull, _of_row_pull, 8),
    Row(logistic.logistic, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(logistic.soft_part, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(logistic.softplus, _ANY, (9, 500, 700), _with(1.5, 20.0), _of_softplus, 4),
    Row(
        logistic.softplus_pull,
        _ANY,
        (9, 500, 700),
        _pulled_with(1.5, 20.0, _SIGMOID),
        _of_pulled,
        4,
    ),
    Row(logistic.silu, _ANY, (9, 500, 700), _viewed, _at_most_x, 4),
    Row(logistic.silu_pull, _ANY, (9, 500, 700), _pulled_with(_SIGMOID), _of_silu_pull, 8),
    Row(bends.leaky, _ANY, (9, 500, 700), _with(0.01)),
    Row(bends.leaky_pull, _ANY, (9, 500, 700), _pulled_with(0.01)),
    Row(bends.exponential_linear, _ANY, (9, 500, 700), _with(1.05, 1.75, 0.7), _of_exponential, 4),
    Row(
        bends.exponential_linear_pull,
        _ANY,
        (9, 500, 700),
        _pulled_with(1.05, 1.75, 0.7),
        _of_exponential_pull,
        4,
    ),
    Row(bends.cut_pull, _ANY, (9, 500, 700), _pulled_with(-0.5, 0.7)),
    Row(bends.ramp, _ANY, (9, 500, 700), _viewed),
    Row(bends.hard_swish, _ANY, (9, 500, 700), _viewed),
    Row(bends.hard_swish_pull, _ANY, (9, 500, 700), _pulled),
    Row(bends.huber, _ANY, (9, 500, 700), _with(0.75)),
    Row(bends.huber_pull, _ANY, (9, 500, 700), _pulled_with(0.75)),
    Row(bends.signed, _ANY, (9, 500, 700), _pulled),
    Row(gaussian.erf, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(gaussian.gelu, _ANY, (9, 500, 700), _viewed, _at_most_x, 4),
    Row(gaussian.gelu_slope, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(gaussian.gelu_pull, _ANY, (9, 500, 700), _sloped, _of_sloped, 4),
    Row(rectifier.rectifier, _ANY, (9, 500, 700), _viewed),
    Row(rectifier.rectifier_pull, _ANY, (9, 500, 700), _pulled),
    Row(gathering.moved_rows, _ANY_ROWS, (300, 900, 40), _moved, single=False),
    Row(gathering.taken_along, _ANY, (70, 90, 80), _taken, single=False),
    Row(gathering.added_along, _ANY, (70, 90, 80), _added, single=False),
    Row(running.running_sum, _RUNS, (300, 90, 20), _along, single=False),
    Row(running.running_product, _RUNS, (300, 90, 20), _along, single=False),
    Row(running.running_extremum, _RUNS, (300, 90, 20), _along, single=False),
    Row(running.recurrence, _RUNS, (300, 90, 20), _recurring, single=False),
    Row(softmax.softmax, _LINES, (300, 900), _rowwise(1), _of_softmax, 4),
    Row(softmax.softmax_pull, _LINES, (300, 900), _weighted, _of_softmax_pull, 4),
    Row(softmax.log_softmax, _LINES, (300, 900), _rowwise(1), _of_log_softmax, 4),
    Row(softmax.log_softmax_pull, _LINES, (300, 900), _logged, _of_log_softmax_pull, 4),
    Row(powers.length, _ANY, (9, 500, 700), _legs, _of_legs, 2),
    *ATTENTION,
    *LAYERS,
    *RECURRENT,
    *TAPS,
    *TILES,
]
