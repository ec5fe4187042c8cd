"""Standardisation: (x − mean)/deviation, scaled and shifted, over channels or over rows.

Channels: x is (N, C, L), and mean and variance are over N and L. Rows: x is (N, G, K), and they are
over K. All is done in blocks that stay in cache, and what belongs to a channel or row is kept in
double precision. Sums go through BLAS, which is several times faster than `np.add.reduce`. The
mean is subtracted first only where it is so large beside the deviation that digits would be lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["channel_affine", "channel_moments", "channel_pull", "row_pull", "row_standardize"]

Array = Any  # an ndarray
Index = tuple[slice, slice]

_BLOCK = 1 << 16  # elements: with scratch, some 512 KiB in single precision
_SHORT = 128  # below this many places a channel's number is repeated for each of them
_LONG = 1 << 12  # elements that are summed in the dtype of x; sums of sums are in double precision
_HEAD = 64  # elements of a channel that its mean is guessed from
_FAR = 8.0  # mean / deviation: beyond, products with x itself would lose a digit


def _blocks(shape: tuple[int, ...]) -> Iterator[Index]:
    """Pairs of slices of the first two axes that cut an array into contiguous blocks."""
    each = max(1, math.prod(shape[2:]))
    wide = max(1, min(shape[1], _BLOCK // each))
    tall = max(1, _BLOCK // (wide * each))
    for i in range(0, shape[0], tall):
        for j in range(0, shape[1], wide):
            yield slice(i, i + tall), slice(j, j + wide)


def _scratch(x: Array) -> Array:
    each = max(1, math.prod(x.shape[2:]))
    return np.empty(min(x.size, max(_BLOCK, each)), x.dtype)


def _like(scratch: Array, block: Array) -> Array:
    return scratch[: block.size].reshape(block.shape)


def _row_sums(block: Array) -> Array:
    """Σ over the last axis."""
    length = block.shape[-1]
    if length > _LONG:
        return sum(_row_sums(piece) for piece in _pieces(block))
    sums = np.dot(block.reshape(-1, length), np.ones(length, block.dtype))
    return sums.reshape(block.shape[:-1]).astype(np.float64)


def _row_dots(a: Array, b: Array) -> Array:
    """Σ a·b over the last axis."""
    if a.shape[-1] > _LONG:
        return sum(_row_dots(*pieces) for pieces in zip(_pieces(a), _pieces(b), strict=True))
    return np.vecdot(a, b).astype(np.float64)


def _pieces(block: Array) -> Iterator[Array]:
    """Pieces of long rows, which BLAS would add up one number after the other."""
    return (block[..., i : i + _LONG] for i in range(0, block.shape[-1], _LONG))


# ---- channels ------------------------------------------------------------------------------------

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
    return _row_sums(block).sum(axis=0)


def _channel_dots(a: Array, b: Array) -> Array:
    if a.ndim == 2:
        return np.einsum("nc,nc->c", a, b)
    return _row_dots(a, b).sum(axis=0)


def channel_moments(x: Array) -> tuple[Array, Array]:
    """Mean and variance of each channel, in double precision; zeros where there is no element."""
    count, channels, length = x.shape
    total = count * length
    if not total:
        return np.zeros(channels), np.zeros(channels)
    head = x[: max(1, _HEAD // length)].astype(np.float64)
    guess = head.mean(axis=(0, 2)).astype(x.dtype)
    if np.all(np.square(guess) <= head.var(axis=(0, 2))):
        guess[:] = 0
    shift = _spread(guess, x) if guess.any() else None
    laid, scratch = _laid(x), _scratch(_laid(x))
    sums, squares = np.zeros(laid.shape[1]), np.zeros(laid.shape[1])
    for at in _blocks(laid.shape):
        block = laid[at]
        if shift is not None:
            block = np.subtract(block, shift[at[1]], out=_like(scratch, block))
        sums[at[1]] += _channel_sums(block)
        squares[at[1]] += _channel_dots(block, block)
    mean = _joined(sums, channels) / total
    var = _joined(squares, channels) / total - np.square(mean)
    return mean + guess, np.maximum(var, 0)


def _is_far(mean: Array, inverse: Array) -> bool:
    return bool(np.any(np.abs(mean * inverse) > _FAR))


def _rounding(rest: Array, mean: Array, x: Array) -> Array:
    """The mean of x − mean, as far as it comes from the mean's own rounding; else 0."""
    return np.where(np.abs(rest) <= np.finfo(x.dtype).eps * np.abs(mean), rest, 0.0)


def channel_affine(
    x: Array, mean: Array, inverse: Array, weight: Array | None, bias: Array | None
) -> Array:
    """(x − mean) · inverse · weight + bias, where each channel has its numbers."""
    scale = inverse if weight is None else inverse * weight.astype(np.float64)
    offset = np.zeros(scale.shape) if bias is None else bias.astype(np.float64)
    center = None
    if _is_far(mean, inverse):
        center = _spread(mean, x)
        mean = mean - mean.astype(x.dtype)
    factor, offset = _spread(scale, x), _spread(offset - mean * scale, x)
    laid = _laid(x)
    out = np.empty_like(laid)
    for at in _blocks(laid.shape):
        block, y = laid[at], out[at]
        if center is not None:
            block = np.subtract(block, center[at[1]], out=y)
        np.multiply(block, factor[at[1]], out=y)
        y += offset[at[1]]
    return out.reshape(x.shape)


def channel_pull(
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
    laid, cotangent, scratch = _laid(x), _laid(of_y), _scratch(_laid(x))
    center = _spread(mean, x) if _is_far(mean, inverse) else None
    sums, dots, rest = (np.zeros(laid.shape[1]) for _ in range(3))
    for at in _blocks(laid.shape):
        block, g = laid[at], cotangent[at]
        if center is not None:
            block = np.subtract(block, center[at[1]], out=_like(scratch, block))
            rest[at[1]] += _channel_sums(block)
        sums[at[1]] += _channel_sums(g)
        dots[at[1]] += _channel_dots(g, block)
    if center is not None:
        mean = _rounding(_joined(rest, channels) / total, mean, x)
    of_bias = _joined(sums, channels)
    of_scale = _joined(dots, channels) - mean * of_bias
    scale = inverse if weight is None else inverse * weight
    a = (scale * of_bias - of_mean) / total
    b = (np.square(inverse) * scale * of_scale - 2 * of_var) / total
    out = np.empty_like(laid)
    factor, slope, offset = _spread(scale, x), _spread(-b, x), _spread(b * mean - a, x)
    for at in _blocks(laid.shape):
        block, part = laid[at], _like(scratch, laid[at])
        if center is not None:
            block = np.subtract(block, center[at[1]], out=part)
        np.multiply(block, slope[at[1]], out=part)
        y = np.multiply(cotangent[at], factor[at[1]], out=out[at])
        y += part
        y += offset[at[1]]
    return out.reshape(x.shape), (inverse * of_scale).astype(x.dtype), of_bias.astype(x.dtype)


# ---- rows ----------------------------------------------------------------------------------------

# weight and bias are (G, K), or (G, 1): one number for a row.


def row_standardize(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """The rows of x standardised, scaled and shifted; and their means and variances (N, G)."""
    length = max(1, x.shape[2])
    out, scratch = np.empty_like(x), _scratch(x)
    means, variances = np.empty(x.shape[:2], x.dtype), np.empty(x.shape[:2], x.dtype)
    for at in _blocks(x.shape):
        block, y = x[at], out[at]
        mean = _row_sums(block) / length
        var = _row_dots(block, block) / length - np.square(mean)
        center = 0.0 * mean
        if np.any(np.square(mean) > 4 * var):
            center = mean.astype(x.dtype)
            block = np.subtract(block, center[..., None], out=y)
            mean = _row_sums(block) / length
            var = np.maximum(_row_dots(block, block) / length - np.square(mean), 0)
        means[at], variances[at] = mean + center, var
        inverse = 1 / np.sqrt(var + eps)
        if weight is None or bias is None or weight.shape != (1, length):
            np.multiply(block, inverse.astype(x.dtype)[..., None], out=y)
            y -= (mean * inverse).astype(x.dtype)[..., None]
            if weight is not None:
                y *= weight[at[1]]
            if bias is not None:
                y += bias[at[1]]
        else:
            _affine_by_products(block, -mean * inverse, inverse, weight, bias, y, scratch)
    return out, means, variances


def _affine_by_products(
    block: Array,
    offset: Array,
    factor: Array,
    weight: Array,
    bias: Array,
    out: Array,
    scratch: Array,
) -> None:
    """(block · factor + offset) · weight + bias, where factor and offset belong to rows.

    The numbers of rows and of columns meet in two small matrix products, so that x is passed over
    twice and not four times.
    """
    rows, columns = block.reshape(-1, block.shape[-1]), np.concatenate([weight, bias])
    part = _like(scratch, rows)
    numbers = factor.reshape(-1, 1).astype(block.dtype)
    np.dot(numbers, columns[:1], out=part)
    y = np.multiply(rows, part, out=out.reshape(rows.shape))
    numbers = np.ones((len(rows), 2), block.dtype)
    numbers[:, 0] = offset.ravel()
    np.dot(numbers, columns, out=part)
    y += part


def row_pull(
    of_y: Array,
    of_mean: Array,
    of_var: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    inverse: Array,
) -> tuple[Array, Array | None, Array | None]:
    """The cotangents of x, weight and bias from those of the output, the means and the variances.

    As for channels it is inverse·weight·of_y − a − b·c, where a and b belong to rows.
    """
    length = max(1, x.shape[2])
    out, scratch, more = np.empty_like(x), _scratch(x), _scratch(x)
    of_weight = None if weight is None else np.zeros(weight.shape)
    of_bias = None if weight is None else np.zeros(weight.shape)
    for at in _blocks(x.shape):
        g, y, factor = of_y[at], out[at], inverse[at].astype(np.float64)
        c = np.subtract(x[at], mean[at][..., None], out=_like(scratch, y))
        if _is_far(mean[at], factor):
            rest = _rounding(_row_sums(c) / length, mean[at], x)
            c -= rest.astype(x.dtype)[..., None]
        weighted = g if weight is None else np.multiply(g, weight[at[1]], out=y)
        a = (factor * _row_sums(weighted) - of_mean[at]) / length
        b = (factor**3 * _row_dots(weighted, c) - 2 * of_var[at]) / length
        np.multiply(weighted, inverse[at][..., None], out=y)
        y -= a.astype(x.dtype)[..., None]
        if of_weight is not None and of_bias is not None:
            product = np.multiply(g, c, out=_like(more, y))
            of_weight[at[1]] += _over_samples(product, factor, of_weight.shape)
            of_bias[at[1]] += _over_samples(g, np.ones(factor.shape), of_bias.shape)
        c *= b.astype(x.dtype)[..., None]
        y -= c
    if of_weight is None or of_bias is None:
        return out, None, None
    return out, of_weight.astype(x.dtype), of_bias.astype(x.dtype)


def _over_samples(block: Array, factor: Array, shape: tuple[int, ...]) -> Array:
    """The sum of the rows times their factors (n, G), in the shape (G, K) or (G, 1)."""
    if shape[1] == 1:
        return np.sum(_row_sums(block) * factor, axis=0)[:, None]
    if block.shape[1] == 1:
        return np.dot(factor.astype(block.dtype).T, block[:, 0])
    return np.einsum("ng,ngk->gk", factor.astype(block.dtype), block)
