"""Channels standardised in single precision, with sums in double: x is (N, C, L).

Two passes over x do what NumPy needs six for. The mean, or a number near it, is always subtracted
first, which costs nothing here. Threads share the channels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.blocks import rounding
from autograd.kernels.compiled.loops import rounded, share_rows, single

__all__ = ["channel_affine", "channel_moments", "channel_pull"]

Array = Any

SHORT = 16  # below this many places, loops go over the places of all channels side by side


def _spread(numbers: Array, x: Array) -> Array:
    """Numbers of channels in single precision; where L is short, for each of the C·L places."""
    numbers = numbers.astype(np.float32)
    return np.repeat(numbers, x.shape[2]) if x.shape[2] < SHORT else numbers


def _joined(sums: Array, channels: int) -> Array:
    return sums.reshape(len(sums), channels, -1).sum(axis=2)


def _run(long: Any, short: Any, x: Array, *args: Array) -> None:
    """One loop over arrays like x and numbers: (N, C·L) without threads where L is short."""
    count, channels, length = x.shape
    if length < SHORT:
        short(*(a.reshape(count, -1) if a.shape == x.shape else a for a in (x, *args)))
    else:
        share_rows(lambda at: long(x, *args, at.start, at.stop), channels, count * length)


def channel_moments(x: Array) -> Any:
    if not single(x):
        return NotImplemented
    channels, total = x.shape[1], x.shape[0] * x.shape[2]
    near = x[0, :, 0].copy()  # so that no digits are lost where the mean is large
    shift = _spread(near, x)
    sums = np.zeros((2, shift.size))
    _run(_moments, _moments_short, x, shift, *sums)
    first, second = _joined(sums, channels) / total
    return near + first, np.maximum(second - np.square(first), 0)


@rounded
def _moments(x: Array, shift: Array, sums: Array, squares: Array, start: int, stop: int) -> None:
    for n in range(x.shape[0]):
        for c in range(start, stop):
            first = second = 0.0
            for i in range(x.shape[2]):
                d = np.float64(x[n, c, i] - shift[c])
                first += d
                second += d * d
            sums[c] += first
            squares[c] += second


@rounded
def _moments_short(x: Array, shift: Array, sums: Array, squares: Array) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            d = np.float64(x[n, i] - shift[i])
            sums[i] += d
            squares[i] += d * d


def channel_affine(
    x: Array, mean: Array, inverse: Array, weight: Array | None, bias: Array | None
) -> Any:
    if not single(x):
        return NotImplemented
    scale = inverse if weight is None else inverse * weight.astype(np.float64)
    offset = np.zeros(scale.shape) if bias is None else bias.astype(np.float64)
    offset = offset - (mean - mean.astype(np.float32)) * scale
    center, factor, offset = (_spread(numbers, x) for numbers in (mean, scale, offset))
    out = np.empty_like(x)
    _run(_affine, _affine_short, x, out, center, factor, offset)
    return out


@rounded
def _affine(
    x: Array, out: Array, center: Array, factor: Array, offset: Array, start: int, stop: int
) -> None:
    for n in range(x.shape[0]):
        for c in range(start, stop):
            middle, scale, shift = center[c], factor[c], offset[c]
            for i in range(x.shape[2]):
                out[n, c, i] = (x[n, c, i] - middle) * scale + shift


@rounded
def _affine_short(x: Array, out: Array, center: Array, factor: Array, offset: Array) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[n, i] = (x[n, i] - center[i]) * factor[i] + offset[i]


def channel_pull(
    of_y: Array,
    of_mean: Array,
    of_var: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    inverse: Array,
) -> Any:
    if not single(x, of_y):
        return NotImplemented
    channels, total = x.shape[1], x.shape[0] * x.shape[2]
    inverse = inverse.astype(np.float64)
    center = _spread(mean, x)
    sums = np.zeros((3, center.size))
    _run(_pull_sums, _pull_sums_short, x, of_y, center, *sums)
    of_bias, dots, rests = _joined(sums, channels)
    near = mean.astype(np.float32).astype(np.float64)
    rest = np.where(near == mean, rounding(rests / total, near, x), mean - near)
    of_scale = dots - rest * of_bias
    scale = inverse if weight is None else inverse * weight
    a = (scale * of_bias - of_mean) / total
    b = (np.square(inverse) * scale * of_scale - 2 * of_var) / total
    factor, slope, offset = (_spread(numbers, x) for numbers in (scale, -b, b * rest - a))
    out = np.empty_like(x)
    _run(_pull, _pull_short, x, of_y, out, center, factor, slope, offset)
    return out, (inverse * of_scale).astype(x.dtype), of_bias.astype(x.dtype)


@rounded
def _pull_sums(
    x: Array, g: Array, center: Array, sums: Array, dots: Array, rests: Array,
    start: int, stop: int,
) -> None:  # fmt: skip
    for n in range(x.shape[0]):
        for c in range(start, stop):
            total = dot = rest = 0.0
            for i in range(x.shape[2]):
                d, v = np.float64(x[n, c, i] - center[c]), np.float64(g[n, c, i])
                total += v
                dot += v * d
                rest += d
            sums[c] += total
            dots[c] += dot
            rests[c] += rest


@rounded
def _pull_sums_short(
    x: Array, g: Array, center: Array, sums: Array, dots: Array, rests: Array
) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            d, v = np.float64(x[n, i] - center[i]), np.float64(g[n, i])
            sums[i] += v
            dots[i] += v * d
            rests[i] += d


@rounded
def _pull(
    x: Array, g: Array, out: Array, center: Array, factor: Array, slope: Array, offset: Array,
    start: int, stop: int,
) -> None:  # fmt: skip
    for n in range(x.shape[0]):
        for c in range(start, stop):
            middle, scale, tilt, shift = center[c], factor[c], slope[c], offset[c]
            for i in range(x.shape[2]):
                d = x[n, c, i] - middle
                out[n, c, i] = g[n, c, i] * scale + (d * tilt + shift)


@rounded
def _pull_short(
    x: Array, g: Array, out: Array, center: Array, factor: Array, slope: Array, offset: Array
) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            d = x[n, i] - center[i]
            out[n, i] = g[n, i] * factor[i] + (d * slope[i] + offset[i])
