"""Rows standardised in single precision, with sums in double: x is (N, G, K).

A row is read once from memory, and gone over three times while it is in the first cache. Threads
share the samples N, each with sums for the weight of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import rounded, share_rows, single

__all__ = ["layer_norm", "layer_norm_pull"]

Array = Any

EPS = np.finfo(np.float32).eps


def _per_element(numbers: Array | None, x: Array) -> Array | None:
    """Numbers (G, D) as (G, K); None stays None."""
    if numbers is None:
        return None
    numbers = np.array(numbers, np.float32)
    return np.repeat(numbers, x.shape[2] // numbers.shape[1], axis=1)


def layer_norm(x: Array, weight: Array | None, bias: Array | None, eps: float) -> Any:
    if not single(x) or not x.shape[2]:
        return NotImplemented
    weight, bias = _per_element(weight, x), _per_element(bias, x)
    out = np.empty_like(x)
    means, variances = np.empty(x.shape[:2], x.dtype), np.empty(x.shape[:2], x.dtype)

    def standardize(at: slice) -> None:
        _standardize(x, weight, bias, eps, out, means, variances, at.start, at.stop)

    share_rows(standardize, len(x), x.shape[1] * x.shape[2])
    return out, means, variances


@rounded
def _standardize(
    x: Array, weight: Array | None, bias: Array | None, eps: float,
    out: Array, means: Array, variances: Array, start: int, stop: int,
) -> None:  # fmt: skip
    length = x.shape[2]
    for n in range(start, stop):
        for k in range(x.shape[1]):
            row, y = x[n, k], out[n, k]
            total = 0.0
            for i in range(length):
                total += np.float64(row[i])
            mean = total / length
            squares = 0.0
            center = np.float32(mean)
            for i in range(length):
                d = np.float64(row[i] - center)
                squares += d * d
            rest = mean - center
            var = max(squares / length - rest * rest, 0.0)
            means[n, k], variances[n, k] = mean, var
            scale = 1 / np.sqrt(var + eps)
            factor, offset = np.float32(scale), np.float32(-rest * scale)
            for i in range(length):
                value = (row[i] - center) * factor + offset
                if weight is not None:
                    value = value * weight[k, i]
                if bias is not None:
                    value = value + bias[k, i]
                y[i] = value


def layer_norm_pull(
    of_y: Array,
    of_mean: Array,
    of_var: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    inverse: Array,
) -> Any:
    if not single(x, of_y) or not x.shape[2]:
        return NotImplemented
    sizes = np.array((of_mean, of_var, mean, inverse), np.float64)
    each, out, parts = _per_element(weight, x), np.empty_like(x), {}

    def pull(at: slice) -> None:
        sums = parts[at.start] = np.zeros((2, *x.shape[1:]))
        _pull(of_y, x, each, sizes, out, sums, at.start, at.stop)

    share_rows(pull, len(x), x.shape[1] * x.shape[2])
    if weight is None:
        return out, None, None
    sums = np.sum([parts[start] for start in sorted(parts)], axis=0)
    of_weight, of_bias = sums.reshape(2, *weight.shape, -1).sum(axis=3).astype(x.dtype)
    return out, of_weight, of_bias


@rounded
def _pull(
    of_y: Array, x: Array, weight: Array | None, sizes: Array, out: Array, sums: Array,
    start: int, stop: int,
) -> None:  # fmt: skip
    length = x.shape[2]
    for n in range(start, stop):
        for k in range(x.shape[1]):
            g, row, y = of_y[n, k], x[n, k], out[n, k]
            of_mean, of_var, mean, factor = sizes[:, n, k]
            center = np.float32(mean)
            total = dot = rest = 0.0
            for i in range(length):
                d = row[i] - center
                v = g[i] if weight is None else g[i] * weight[k, i]
                total += np.float64(v)
                dot += np.float64(v) * np.float64(d)
                rest += np.float64(d)
            rest /= length
            # what is left of the mean, as far as it comes from the mean's own rounding
            if not abs(rest) <= EPS * abs(mean):
                rest = 0.0
            dot -= rest * total
            a = (factor * total - of_mean) / length
            b = (factor**3 * dot - 2 * of_var) / length
            scale, slope, shift = np.float32(factor), np.float32(b), np.float32(a - b * rest)
            middle = np.float32(rest * factor)
            for i in range(length):
                d = row[i] - center
                v = g[i] if weight is None else g[i] * weight[k, i]
                y[i] = v * scale - (d * slope + shift)
            if weight is not None:
                for i in range(length):
                    d = (row[i] - center) * scale - middle
                    sums[0, k, i] += np.float64(g[i] * d)
                    sums[1, k, i] += np.float64(g[i])
