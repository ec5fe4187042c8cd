"""One row for each compiled kernel; here those of optimizers and normalisations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels import optimizers
from autograd.kernels.normalization.batch_norm import (
    batch_norm,
    batch_norm_inference,
    batch_norm_pull,
)
from autograd.kernels.normalization.layer_norm import layer_norm, layer_norm_pull
from tests.twin_attention import TABLE as ATTENTION
from tests.twin_cases import Array, Case, Row
from tests.twin_layers import TABLE as LAYERS
from tests.twin_operations import TABLE as OPERATIONS
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


TABLE = [
    Row(optimizers.adam_update, _flat(), (300_001,), _adam, single=False),
    Row(optimizers.descend, _flat(), (300_001,), _descend, single=False),
    Row(optimizers.sgd_update, _flat(), (300_001,), _sgd, single=False),
    Row(batch_norm, _CHANNELS, (16, 17, 5000), _channels, _of_channels, 16),
    Row(batch_norm_inference, _CHANNELS, (16, 17, 5000), _affine, _of_affine, 4),
    Row(batch_norm_pull, _CHANNELS, (16, 17, 5000), _channel_pull, _of_channel_pull, 16),
    Row(layer_norm, _ROWS, (1500, 3, 300), _standardize, _of_standardize, 8),
    Row(layer_norm_pull, _ROWS, (1500, 3, 300), _row_pull, _of_row_pull, 8),
    *ATTENTION,
    *LAYERS,
    *OPERATIONS,
    *RECURRENT,
    *TAPS,
    *TILES,
]
