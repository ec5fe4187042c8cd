"""Channels standardised: x is (N, C, L), and mean and variance are over N and L.

All is done in blocks that stay in cache. The mean is subtracted first only where it is so large
beside the deviation that digits would be lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.blocks import (
    blocks,
    is_far,
    like,
    rounding,
    row_dots,
    row_sums,
    scratch_for,
)
from autograd.kernels.parallel.twins import twin

__all__ = ["batch_norm", "batch_norm_inference", "batch_norm_pull"]

Array = Any  # an ndarray

_SHORT = 128  # below this many places a channel's number is repeated for each of them
_SMALL = 1 << 12  # elements that are all taken in double precision: fewer calls
_HEAD = 64  # elements of a channel that its mean is guessed from

# Many short rows are slow to loop over, so where L is short x is seen as (N, C·L), and a channel's
# number is repeated L times. `_laid` is that view, `_spread` and `_joined` go there and back.


def _laid(x: Array) -> Array:
    count, channels, length = x.shape
    return x.reshape(count, channels * length) if length < _SHORT else x


def _spread(numbers: Array, x: Array) -> Array:
    numbers = numbers.astype(x.dtype)
    length = x.shape[2]
    return np.repeat(numbers, length) if length < _SHORT else numbers[:, None]


def _joined(sums: Array, channels: int) -> Array:
    return sums.reshape(channels, -1).sum(axis=1) if sums.size else np.zeros(channels)


def _channel_sums(block: Array) -> Array:
    if block.ndim == 2:
        return np.dot(np.ones(len(block), block.dtype), block)
    return row_sums(block).sum(axis=0)


def _channel_dots(a: Array, b: Array) -> Array:
    if a.ndim == 2:
        return np.einsum("nc,nc->c", a, b)
    return row_dots(a, b).sum(axis=0)


@twin(1 << 12)
def batch_norm(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """Channels less their means, by √(var + eps), times weight, plus bias; mean and variance.

    Both are in double precision, and zeros where there is no element.
    """
    if x.size <= _SMALL:
        return _standardize_small(x, weight, bias, eps)
    mean, var = _moments(x)
    return _affine(x, mean, 1 / np.sqrt(var + eps), weight, bias), mean, var


def _standardize_small(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    c, total = x.astype(np.float64), max(1, x.shape[0] * x.shape[2])
    mean = np.add.reduce(c, (0, 2)) / total
    c -= mean[:, None]
    var = np.add.reduce(c * c, (0, 2)) / total
    scale = 1 / np.sqrt(var + eps)
    c *= (scale if weight is None else scale * weight)[:, None]
    if bias is not None:
        c += bias[:, None]
    return c.astype(x.dtype), mean, var


def _moments(x: Array) -> tuple[Array, Array]:
    count, channels, length = x.shape
    total = count * length
    head = x[: max(1, _HEAD // length), :, :_HEAD].astype(np.float64)
    guess = head.mean(axis=(0, 2)).astype(x.dtype)
    if np.all(np.square(guess) <= head.var(axis=(0, 2))):
        guess[:] = 0
    shift = _spread(guess, x) if guess.any() else None
    laid, scratch = _laid(x), scratch_for(_laid(x))
    sums, squares = np.zeros(laid.shape[1]), np.zeros(laid.shape[1])
    for at in blocks(laid.shape):
        block = laid[at]
        if shift is not None:
            block = np.subtract(block, shift[at[1]], out=like(scratch, block))
        sums[at[1]] += _channel_sums(block)
        squares[at[1]] += _channel_dots(block, block)
    mean = _joined(sums, channels) / total
    var = _joined(squares, channels) / total - np.square(mean)
    return mean + guess, np.maximum(var, 0)


@twin(1 << 12)
def batch_norm_inference(
    x: Array, mean: Array, inverse: Array, weight: Array | None, bias: Array | None
) -> Array:
    """(x − mean) · inverse · weight + bias, where each channel has its numbers."""
    return _affine(x, mean, inverse, weight, bias)


def _affine(
    x: Array, mean: Array, inverse: Array, weight: Array | None, bias: Array | None
) -> Array:
    scale = inverse if weight is None else inverse * weight.astype(np.float64)
    offset = np.zeros(scale.shape) if bias is None else bias.astype(np.float64)
    center = None
    if is_far(mean, inverse):
        center = _spread(mean, x)
        mean = mean - mean.astype(x.dtype)
    factor, offset = _spread(scale, x), _spread(offset - mean * scale, x)
    laid = _laid(x)
    out = np.empty_like(laid)
    for at in blocks(laid.shape):
        block, y = laid[at], out[at]
        if center is not None:
            block = np.subtract(block, center[at[1]], out=y)
        np.multiply(block, factor[at[1]], out=y)
        y += offset[at[1]]
    return out.reshape(x.shape)


@twin(1 << 12)
def batch_norm_pull(
    of_y: Array,
    of_mean: Array,
    of_var: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    inverse: Array,
) -> tuple[Array, Array, Array]:
    """The cotangents of x, weight and bias from those of the output, the mean and the variance.

    With c = x − mean the first is inverse·weight·of_y − a − b·c, where a and b belong to channels.
    """
    channels, total = x.shape[1], max(1, x.shape[0] * x.shape[2])
    mean, inverse = mean.astype(np.float64), inverse.astype(np.float64)
    if x.size <= _SMALL:
        return _pull_small(of_y, of_mean, of_var, x, weight, mean, inverse)
    laid, cotangent, scratch = _laid(x), _laid(of_y), scratch_for(_laid(x))
    center = _spread(mean, x) if is_far(mean, inverse) else None
    sums, dots, rest = (np.zeros(laid.shape[1]) for _ in range(3))
    for at in blocks(laid.shape):
        block, g = laid[at], cotangent[at]
        if center is not None:
            block = np.subtract(block, center[at[1]], out=like(scratch, block))
            rest[at[1]] += _channel_sums(block)
        sums[at[1]] += _channel_sums(g)
        dots[at[1]] += _channel_dots(g, block)
    if center is not None:
        mean = rounding(_joined(rest, channels) / total, mean, x)
    of_bias = _joined(sums, channels)
    of_scale = _joined(dots, channels) - mean * of_bias
    scale = inverse if weight is None else inverse * weight
    a = (scale * of_bias - of_mean) / total
    b = (np.square(inverse) * scale * of_scale - 2 * of_var) / total
    out = np.empty_like(laid)
    factor, slope, offset = _spread(scale, x), _spread(-b, x), _spread(b * mean - a, x)
    for at in blocks(laid.shape):
        block, part = laid[at], like(scratch, laid[at])
        if center is not None:
            block = np.subtract(block, center[at[1]], out=part)
        np.multiply(block, slope[at[1]], out=part)
        y = np.multiply(cotangent[at], factor[at[1]], out=out[at])
        y += part
        y += offset[at[1]]
    return out.reshape(x.shape), (inverse * of_scale).astype(x.dtype), of_bias.astype(x.dtype)


def _pull_small(
    of_y: Array,
    of_mean: Array,
    of_var: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    inverse: Array,
) -> tuple[Array, Array, Array]:
    g, total = of_y.astype(np.float64), max(1, x.shape[0] * x.shape[2])
    c = x - mean[:, None]
    if is_far(mean, inverse):
        c -= rounding(np.add.reduce(c, (0, 2)) / total, mean, x)[:, None]
    of_bias, of_scale = np.add.reduce(g, (0, 2)), np.add.reduce(g * c, (0, 2))
    scale = inverse if weight is None else inverse * weight
    a = (scale * of_bias - of_mean) / total
    b = (np.square(inverse) * scale * of_scale - 2 * of_var) / total
    g *= scale[:, None]
    g -= a[:, None]
    c *= b[:, None]
    g -= c
    return g.astype(x.dtype), (inverse * of_scale).astype(x.dtype), of_bias.astype(x.dtype)
