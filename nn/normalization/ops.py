"""The ops below all layers that standardise: (x − μ)/σ, scaled and shifted."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.extend import Array, draw, hands_on, op, sample, samples
from autograd.kernels.normalization.batch_norm import (
    batch_norm,
    batch_norm_inference,
    batch_norm_pull,
)
from autograd.kernels.normalization.layer_norm import layer_norm, layer_norm_pull
from autograd.kernels.parallel.layout import by_channel, memory_order, turned_back

__all__ = ["pair", "standardize", "standardize_by"]

Axes = tuple[int, ...]  # (0, 2, 3, ...): channels, or the last ones: rows


# ---- arrays as the kernels want them -------------------------------------------------------------


def _in_one_dtype(*arrays: Array | None) -> tuple[Any, ...]:
    """All in the dtype of their promotion, but none in half precision, and that dtype."""
    first: Any = arrays[0]
    dtype = first.dtype
    if dtype.char in "fd":
        for a in arrays:
            if a is not None and a.dtype is not dtype:
                break
        else:
            return (*arrays, dtype)
    dtype = np.result_type(*(a for a in arrays if a is not None))
    wide = np.promote_types(dtype, np.float32)
    return (*(None if a is None else np.asarray(a, wide) for a in arrays), dtype)


@lru_cache(maxsize=1024)
def _kept(shape: tuple[int, ...], axes: Axes) -> tuple[int, ...]:
    """The shape of a sum over the axes, which stay with length 1."""
    return tuple(1 if axis in axes else n for axis, n in enumerate(shape))


def _are_channels(x: Array, axes: Axes) -> bool:
    return x.ndim > 1 and axes == (0, *range(2, x.ndim))


def _flat(numbers: Array | None) -> Array | None:
    return None if numbers is None else numbers.reshape(-1)


def _beside(numbers: Any, x: Array, axes: Axes) -> Any:
    """Numbers of channels (C,) as (1, C, 1, ...); those of rows broadcast with x as they are."""
    return np.reshape(numbers, _kept(x.shape, axes)) if _are_channels(x, axes) else numbers


def _by_row(x: Array, axes: Axes, groups: int) -> Array:
    """x as (N, G, K), where K stands for the axes."""
    rows, length = math.prod(x.shape[: axes[0]]), math.prod(x.shape[axes[0] :])
    return np.ascontiguousarray(x).reshape(rows // groups, groups, length)


def _of_rows(numbers: Array | None, axes: Axes) -> Array | None:
    """Numbers that broadcast with x as (G, D): they have the axes, and perhaps G before them."""
    if numbers is None:
        return None
    groups = math.prod(numbers.shape[: numbers.ndim - len(axes)])
    return np.ascontiguousarray(numbers).reshape(groups, -1)


def pair(weight: Any, bias: Any) -> tuple[Any, Any]:
    """A bias without a weight has ones for it: `standardize` takes both or none."""
    if weight is None and bias is not None:
        return np.ones(np.shape(bias), bias.dtype), bias
    return weight, bias


# ---- standardised by its own mean and variance ---------------------------------------------------


def _sum(x: Array, axes: Axes) -> Array:
    """The sum over the axes, which stay; in double precision, of short sums in that of x."""
    in_runs = getattr(x, "sum_in_runs", None)  # of lazy values
    return in_runs(axes) if in_runs else np.sum(x, axes, np.float64, keepdims=True)


def _mean(x: Array, axes: Axes) -> Array:
    return _sum(x, axes) / max(1, math.prod(x.shape[axis] for axis in axes))


def _less(x: Array, mean: Array) -> Array:
    """x − mean, in the dtype of x and with the digits of the mean beyond it."""
    near = mean.astype(x.dtype)
    return x - near if near.dtype == mean.dtype else x - near - (mean - near).astype(x.dtype)


def _formula(x: Array, weight: Array, bias: Array, axes: Axes, eps: float) -> Any:
    """What the kernels compute in blocks, in whole arrays."""
    mean = _mean(x, axes)
    c = _less(x, mean)
    var = _mean(c * c, axes)
    y = c * (1 / np.sqrt(var + eps)).astype(x.dtype)
    y = y if weight is None else y * _beside(weight, x, axes)
    y = y if bias is None else y + _beside(bias, x, axes)
    return y, mean.astype(x.dtype), var.astype(x.dtype)


def _plain(x: Array, weight: Any = None, bias: Any = None, *, axes: Axes, eps: float) -> Any:
    """The reference: NumPy's mean and variance."""
    mean, var = np.mean(x, axes, keepdims=True), np.var(x, axes, keepdims=True)
    y = (x - mean) / np.sqrt(var + eps)
    y = y if weight is None else y * _beside(weight, x, axes)
    return y if bias is None else y + _beside(bias, x, axes), mean, var


def d_standardize(
    g: Any, x: Array, weight: Array, out: Any, axes: Axes, eps: float
) -> tuple[Array | None, ...]:
    of_y, of_mean, of_var = g
    _, mean, var = out
    pulled = _standardize_pull(of_y, of_mean, of_var, x, weight, mean, 1 / np.sqrt(var + eps), axes)
    return (*pulled, None, None)[:3]


_LAYOUTS = (
    ((4, 3), None, (0,)),
    ((3, 2, 5), (2,), (0, 2)),
    ((2, 2, 3, 50), (2,), (0, 2, 3)),
    ((2, 3, 4), (4,), (2,)),
    ((2, 3, 4), (3, 4), (1, 2)),
    ((2, 2, 3, 4), (2, 3, 1), (2, 3)),
    ((3, 2, 4), (2, 1), (2,)),
    ((2, 3, 4), None, (2,)),
    ((3,), (3,), (0,)),
    ((2, 3), (2, 3), (0, 1)),
)


def _sampled() -> Any:
    for shape, of_weight, axes in _LAYOUTS:
        numbers = [None if of_weight is None else draw(*of_weight, seed=i) for i in range(2)]
        yield sample(draw(*shape), *numbers, axes=axes, eps=0.1)


@op(
    "(x − μ)/σ · w + b",
    joint=d_standardize,
    outputs=3,
    real_only=True,
    samples=_sampled,
    reference=_plain,
)
def standardize(
    x: Array, weight: Array = None, bias: Array = None, /, *, axes: Axes, eps: float
) -> tuple[Array, Array, Array]:
    """(x − μ)/√(var + eps) · weight + bias; and the mean μ and the variance over the axes.

    `weight` and `bias` come together or not at all. For channels they are (C,); for rows they have
    the axes, and one before them if they are not alike there.
    """
    if is_symbolic(x):
        return _formula(x, weight, bias, axes, eps)
    shape, kept = x.shape, _kept(x.shape, axes)
    x, weight, bias, dtype = _in_one_dtype(x, weight, bias)
    if _are_channels(x, axes):
        order = memory_order(x)
        x = by_channel(x, order)
        y, mean, var = batch_norm(x, weight, bias, eps)
        y = turned_back(y, shape, order)
    else:
        weight, bias = _of_rows(weight, axes), _of_rows(bias, axes)
        x = _by_row(x, axes, 1 if weight is None else len(weight))
        y, mean, var = layer_norm(x, weight, bias, eps)
    mean = mean.reshape(kept).astype(x.dtype, copy=False)
    var = var.reshape(kept).astype(x.dtype, copy=False)
    return y.reshape(shape).astype(dtype, copy=False), mean, var


# Its pull-back is an op as well: one fused loop for a gradient, a formula for the next one.


def d_standardize_pull(
    g: Any,
    of_y: Array,
    of_var: Array,
    x: Array,
    weight: Array,
    mean: Array,
    inverse: Array,
    axes: Axes,
) -> tuple[Array | None, ...]:
    h, c = g[0], x - mean
    count = max(1, math.prod(x.shape[axis] for axis in axes))

    def average(values: Array) -> Array:
        return np.sum(values, axis=axes, keepdims=True) / count

    scale = weight if weight is None else _beside(weight, x, axes)
    weighted = of_y if scale is None else of_y * scale
    along, h_along = average(weighted * c), average(h * c)
    slope = inverse**3 * along - 2 / count * of_var
    d_weighted = inverse * (h - average(h) - inverse**2 * h_along * c)
    d_c = -h * slope - inverse**3 * h_along * weighted
    d_inverse = h * (weighted - average(weighted) - 3 * inverse**2 * along * c)
    of_mean, of_var = average(h), 2 * h_along
    if weight is None:
        return d_weighted, of_mean, of_var, d_c, None, -d_c, d_inverse
    h_weight, h_bias = (_beside(numbers, x, axes) for numbers in g[1:])
    scaled = h_weight * of_y
    d_c = d_c + scaled * inverse
    d_of_y = d_weighted * scale + h_weight * c * inverse + h_bias
    d_scale = d_weighted * of_y
    if _are_channels(x, axes):
        d_scale = np.sum(d_scale, axis=axes)
    return d_of_y, of_mean, of_var, d_c, d_scale, -d_c, d_inverse + scaled * c


def _pull_formula(
    of_y: Array, of_mean: Any, of_var: Any, x: Any, weight: Any, mean: Any, inverse: Any, axes: Axes
) -> Any:
    """What the kernels compute in blocks, in whole arrays: inverse·weight·of_y − a − b·c."""
    count, c = max(1, math.prod(x.shape[axis] for axis in axes)), x - mean
    scale = None if weight is None else _beside(weight, x, axes)
    if scale is None or _are_channels(x, axes):  # which is one number for each sum
        of_bias, of_inverse = _sum(of_y, axes), _sum(of_y * c, axes)
        factor = inverse if scale is None else scale * inverse
        a, b = factor * of_bias - of_mean, inverse**2 * factor * of_inverse - 2 * of_var
        pulled = of_y * factor - (a / count).astype(x.dtype) - (b / count).astype(x.dtype) * c
        if scale is None:
            return (pulled,)
        small = (of_inverse * inverse, of_bias)
        return pulled, *(s.astype(x.dtype).reshape(weight.shape) for s in small)
    weighted = of_y * scale
    a = _mean(weighted, axes) * inverse - of_mean / count
    b = _mean(weighted * c, axes) * inverse**3 - 2 * of_var / count
    pulled = weighted * inverse - a.astype(x.dtype) - b.astype(x.dtype) * c
    shape = (1,) * (x.ndim - scale.ndim) + scale.shape
    alike = tuple(axis for axis, n in enumerate(shape) if n == 1)
    of_weight = np.sum(of_y * (c * inverse), alike, keepdims=True)
    of_bias = np.sum(of_y, alike, keepdims=True)
    return pulled, of_weight.reshape(weight.shape), of_bias.reshape(weight.shape)


def _plain_pull(
    of_y: Array, of_mean: Any, of_var: Any, x: Any, weight: Any, mean: Any, inverse: Any, axes: Axes
) -> Any:
    """The reference: the chain rule link by link, (x − μ) first."""
    count, c = x.size // mean.size, x - mean
    of_scaled = of_y if weight is None else of_y * _beside(weight, x, axes)
    of_inverse = np.sum(of_scaled * c, axes, keepdims=True)
    of_var = of_var - of_inverse * inverse**3 / 2
    of_mean = of_mean - np.sum(of_scaled * inverse, axes, keepdims=True)
    pulled = of_scaled * inverse + of_mean / count + of_var * 2 * c / count
    if weight is None:
        return (pulled,)
    shape = _beside(weight, x, axes).shape
    shape = (1,) * (x.ndim - len(shape)) + shape
    alike = tuple(a for a, n in enumerate(shape) if n == 1)
    of_weight = np.sum(of_y * c * inverse, alike, keepdims=True).reshape(weight.shape)
    return pulled, of_weight, np.sum(of_y, alike, keepdims=True).reshape(weight.shape)


def _sampled_pulls() -> Any:
    for shape, of_weight, axes in _LAYOUTS:
        x, kept = draw(*shape, seed="x"), _kept(shape, axes)
        of_y, of_mean, of_var = draw(*shape), draw(*kept), draw(*kept, seed="var")
        weight = None if of_weight is None else draw(*of_weight, seed="weight")
        mean, inverse = draw(*kept, seed="mean"), draw(*kept, low=0.5, seed="inverse")
        yield sample(of_y, of_mean, of_var, x, weight, mean, inverse, axes=axes)


@op(
    "∂ (x − μ)/σ · w + b",
    joint=d_standardize_pull,
    outputs=0,
    real_only=True,
    samples=_sampled_pulls,
    reference=_plain_pull,
)
def _standardize_pull(
    of_y: Array,
    of_mean: Array,
    of_var: Array,
    x: Array,
    weight: Array,
    mean: Array,
    inverse: Array,
    /,
    axes: Axes,
) -> tuple[Array, ...]:
    """The cotangents of x, and of weight and bias if there are any, from those of all outputs."""
    if is_symbolic(x):
        return _pull_formula(of_y, of_mean, of_var, x, weight, mean, inverse, axes)
    shape, of_shape = x.shape, None if weight is None else weight.shape
    *arrays, dtype = _in_one_dtype(of_y, of_mean, of_var, x, weight, mean, inverse)
    of_y, of_mean, of_var, x, weight, mean, inverse = arrays
    pulled: list[Array]
    if _are_channels(x, axes):
        of_mean, of_var, mean, inverse = map(_flat, (of_mean, of_var, mean, inverse))
        order = memory_order(x)
        of_y, x = by_channel(of_y, order), by_channel(x, order)
        pulled = [*batch_norm_pull(of_y, of_mean, of_var, x, weight, mean, inverse)]
        pulled[0] = turned_back(pulled[0], shape, order)
    else:
        weight = _of_rows(weight, axes)
        groups = 1 if weight is None else len(weight)
        of_mean, of_var, mean, inverse = (
            a.reshape(-1, groups) for a in (of_mean, of_var, mean, inverse)
        )
        of_y, x = _by_row(of_y, axes, groups), _by_row(x, axes, groups)
        pulled = [*layer_norm_pull(of_y, of_mean, of_var, x, weight, mean, inverse)]
    shapes = (shape,) if of_shape is None else (shape, of_shape, of_shape)
    return tuple(
        a.astype(dtype, copy=False).reshape(to)
        for a, to in zip(pulled, shapes, strict=False)  # without weight its cotangent is left
    )


# ---- standardised by numbers from elsewhere ------------------------------------------------------


def _times(g: Array, *factors: Array | None) -> Array:
    for factor in factors:
        g = g if factor is None else g * factor
    return g


@op(
    "(x − μ)/σ · w + b",
    x=lambda g, inverse, weight: _times(g, inverse, weight),
    mean=lambda g, inverse, weight: -_times(g, inverse, weight),
    inverse=lambda g, x, mean, weight: _times(g, x - mean, weight),
    weight=lambda g, x, mean, inverse: _times(g, x - mean, inverse),
    bias=hands_on,
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3, 4), *(draw(1, 3, 1, seed=i) for i in range(4))),
        lambda: sample(draw(4, 3), *(draw(1, 3, seed=i) for i in range(2)), None, None),
        lambda: sample(draw(1, 2, 150), *(draw(1, 2, 1, seed=i) for i in range(3)), None),
        lambda: sample(draw(0, 3), *(draw(1, 3, seed=i) for i in range(4)), label="empty"),
    ),
    reference=lambda x, mean, inverse, weight, bias: (
        (x - mean) * inverse * (1 if weight is None else weight) + (0 if bias is None else bias)
    ),
)
def standardize_by(
    x: Array, mean: Array, inverse: Array, weight: Array = None, bias: Array = None, /
) -> Array:
    """(x − mean) · inverse · weight + bias; each is a number for a channel, (1, C, 1, ...)."""
    if is_symbolic(x):
        scale = inverse if weight is None else inverse * weight
        return (x - mean) * scale if bias is None else (x - mean) * scale + bias
    x, mean, inverse, weight, bias, dtype = _in_one_dtype(x, mean, inverse, weight, bias)
    mean, inverse, weight, bias = map(_flat, (mean, inverse, weight, bias))
    mean, inverse = mean.astype(np.float64), inverse.astype(np.float64)
    order = memory_order(x)
    y = batch_norm_inference(by_channel(x, order), mean, inverse, weight, bias)
    return turned_back(y, x.shape, order).astype(dtype, copy=False)
