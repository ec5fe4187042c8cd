"""Rows standardised: x is (N, G, K), and mean and variance are over K, for each row by itself.

`weight` and `bias` are (G, D), where K = D·L: a number for each element of a row (L = 1), for the
whole row (D = 1), or for each of its D parts. All is done in blocks that stay in cache, and what
belongs to a row is kept in double precision.
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

__all__ = ["layer_norm", "layer_norm_pull"]

Array = Any  # an ndarray


@twin(1 << 12)
def layer_norm(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """The rows of x standardised, scaled and shifted; and their means and variances (N, G)."""
    length = max(1, x.shape[2])
    out, scratch = np.empty_like(x), scratch_for(x)
    means, variances = np.empty(x.shape[:2], x.dtype), np.empty(x.shape[:2], x.dtype)
    for at in blocks(x.shape):
        block, y = x[at], out[at]
        mean = row_sums(block) / length
        var = row_dots(block, block) / length - np.square(mean)
        center = 0.0 * mean
        if np.any(np.square(mean) > 4 * var):
            center = mean.astype(x.dtype)
            block = np.subtract(block, center[..., None], out=y)
            mean = row_sums(block) / length
            var = np.maximum(row_dots(block, block) / length - np.square(mean), 0)
        means[at], variances[at] = mean + center, var
        inverse = 1 / np.sqrt(var + eps)
        if weight is None or bias is None or weight.shape != (1, length):
            np.multiply(block, inverse.astype(x.dtype)[..., None], out=y)
            y -= (mean * inverse).astype(x.dtype)[..., None]
            if weight is not None:
                _combined(np.multiply, y, weight[at[1]], y)
            if bias is not None:
                _combined(np.add, y, bias[at[1]], y)
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
    part = like(scratch, rows)
    numbers = factor.reshape(-1, 1).astype(block.dtype)
    np.dot(numbers, columns[:1], out=part)
    y = np.multiply(rows, part, out=out.reshape(rows.shape))
    numbers = np.ones((len(rows), 2), block.dtype)
    numbers[:, 0] = offset.ravel()
    np.dot(numbers, columns, out=part)
    y += part


@twin(1 << 12)
def layer_norm_pull(
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
    out, scratch, more = np.empty_like(x), scratch_for(x), scratch_for(x)
    of_weight = None if weight is None else np.zeros(weight.shape)
    of_bias = None if weight is None else np.zeros(weight.shape)
    for at in blocks(x.shape):
        g, y, factor = of_y[at], out[at], inverse[at].astype(np.float64)
        c = np.subtract(x[at], mean[at][..., None], out=like(scratch, y))
        if is_far(mean[at], factor):
            rest = rounding(row_sums(c) / length, mean[at], x)
            c -= rest.astype(x.dtype)[..., None]
        weighted = g if weight is None else _combined(np.multiply, g, weight[at[1]], y)
        a = (factor * row_sums(weighted) - of_mean[at]) / length
        b = (factor**3 * row_dots(weighted, c) - 2 * of_var[at]) / length
        np.multiply(weighted, inverse[at][..., None], out=y)
        y -= a.astype(x.dtype)[..., None]
        if of_weight is not None and of_bias is not None:
            product = np.multiply(g, c, out=like(more, y))
            of_weight[at[1]] += _over_samples(product, factor, of_weight.shape)
            of_bias[at[1]] += _over_samples(g, np.ones(factor.shape), of_bias.shape)
        c *= b.astype(x.dtype)[..., None]
        y -= c
    if of_weight is None or of_bias is None:
        return out, None, None
    return out, of_weight.astype(x.dtype), of_bias.astype(x.dtype)


def _over_samples(block: Array, factor: Array, shape: tuple[int, ...]) -> Array:
    """The sum over samples of the rows times their factors (n, G), in the shape of the weight."""
    if shape[1] < block.shape[2]:
        parts = row_sums(block.reshape(*block.shape[:2], shape[1], -1))
        return np.einsum("ng,ngd->gd", factor, parts)
    factor = factor.astype(block.dtype)
    if block.shape[1] == 1:
        return np.dot(factor.T, block[:, 0])
    return np.einsum("ng,ngk->gk", factor, block)


def _combined(ufunc: np.ufunc, block: Array, numbers: Array, out: Array) -> Array:
    """`ufunc` of a block (n, G, K) and numbers (G, D), where K = D·L."""
    groups, parts = numbers.shape
    if 1 < parts < block.shape[2]:
        lengths = (len(block), groups, parts, -1)
        ufunc(block.reshape(lengths), numbers[..., None], out=out.reshape(lengths))
        return out
    return ufunc(block, numbers, out=out)
