"""Channels standardised in single precision: x is (N, C, L).

A thread owns channels: it adds them up and writes what comes of it, and never waits for another.
It goes through them side by side, as they lie: one after the other takes three times as long where
samples are a power of two apart, and fall into the same lines of the cache. A number near the mean
is always subtracted first, which costs nothing here. Sums of `CHUNK` numbers are in single
precision, of which a vector holds twice as many, and sums of those in double.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import rounded, share_rows, single
from autograd.kernels.parallel.blocks import FAR

__all__ = ["batch_norm", "batch_norm_inference", "batch_norm_pull"]

Array = Any

SHORT = 16  # below this many places, loops go over the places of all channels side by side
HEAD = 64  # places that a mean is guessed from
CHUNK = 512  # 16 numbers for each lane of four vectors
EPS = np.finfo(np.float32).eps


def _spread(numbers: Array, length: int) -> Array:
    """Numbers of channels for each of the C·L places, in single precision."""
    return np.repeat(numbers.astype(np.float32), length)


def _joined(sums: Array, channels: int) -> Array:
    return sums.reshape(len(sums), channels, -1).sum(axis=2)


@rounded
def _sums(row: Array, near: Any) -> Any:
    """Σ d and Σ d², where d = x − near."""
    first = second = 0.0
    for start in range(0, row.size, CHUNK):
        part = row[start : start + CHUNK]  # (from 0 on: other loops become no vector code)
        once = twice = np.float32(0)
        for i in range(part.size):
            d = part[i] - near
            once += d
            twice += d * d
        first += np.float64(once)
        second += np.float64(twice)
    return first, second


# ---- by their own mean and variance --------------------------------------------------------------


def batch_norm(x: Array, weight: Array | None, bias: Array | None, eps: float) -> Any:
    if not single(x) or not x.size:
        return NotImplemented
    count, channels, length = x.shape
    if length < SHORT:
        mean, var = _moments_of_short(x)
        return batch_norm_inference(x, mean, 1 / np.sqrt(var + eps), weight, bias), mean, var
    numbers, out = np.zeros((7, channels)), np.empty_like(x)
    numbers[0] = 1 if weight is None else weight
    numbers[1] = 0 if bias is None else bias

    def standardize(at: slice) -> None:
        _standardize(x, numbers, eps, out, at.start, at.stop)

    share_rows(standardize, channels, count * length)
    return out, numbers[2], numbers[3]


@rounded
def _standardize(x: Array, numbers: Array, eps: float, out: Array, start: int, stop: int) -> None:
    count, _, length = x.shape
    total = count * length
    weight, bias, mean, var, near, first, second = numbers
    for c in range(start, stop):
        head = x[0, c, :HEAD]
        near[c] = np.float32(_sums(head, np.float32(0))[0] / head.size)
    _add_up(x, near, first, second, start, stop)
    for c in range(start, stop):
        if first[c] * first[c] > 0.9 * total * second[c]:  # it is 3 deviations from the mean
            near[c] = np.float32(near[c] + first[c] / total)
            _add_up(x, near, first, second, c, c + 1)
        rest = first[c] / total
        mean[c], var[c] = near[c] + rest, max(second[c] / total - rest * rest, 0.0)
        first[c] = weight[c] / np.sqrt(var[c] + eps)
        second[c] = bias[c] - rest * first[c]
    for n in range(count):
        for c in range(start, stop):
            _scale(x[n, c], out[n, c], near[c], first[c], second[c])


@rounded
def _add_up(x: Array, near: Array, first: Array, second: Array, start: int, stop: int) -> None:
    first[start:stop] = second[start:stop] = 0.0
    for n in range(x.shape[0]):
        for c in range(start, stop):
            once, twice = _sums(x[n, c], np.float32(near[c]))
            first[c] += once
            second[c] += twice


@rounded
def _scale(row: Array, out: Array, center: float, factor: float, offset: float) -> None:
    middle, scale, shift = np.float32(center), np.float32(factor), np.float32(offset)
    for i in range(row.size):
        out[i] = (row[i] - middle) * scale + shift


def _moments_of_short(x: Array) -> tuple[Array, Array]:
    count, channels, length = x.shape
    near = x[0, :, 0].copy()
    shift, sums = np.repeat(near, length), np.zeros((2, channels * length))
    _moments_short(x.reshape(count, -1), shift, *sums)
    first, second = _joined(sums, channels) / (count * length)
    return near + first, np.maximum(second - np.square(first), 0)


@rounded
def _moments_short(x: Array, shift: Array, sums: Array, squares: Array) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            d = np.float64(x[n, i] - shift[i])
            sums[i] += d
            squares[i] += d * d


# ---- by given numbers ----------------------------------------------------------------------------


def batch_norm_inference(
    x: Array, mean: Array, inverse: Array, weight: Array | None, bias: Array | None
) -> Any:
    if not single(x):
        return NotImplemented
    count, channels, length = x.shape
    center = mean.astype(np.float32)
    factor = inverse if weight is None else inverse * weight.astype(np.float64)
    offset = (center - mean) * factor + (0 if bias is None else bias)
    out = np.empty_like(x)
    if length < SHORT:
        spread = [_spread(values, length) for values in (center, factor, offset)]
        _affine_short(x.reshape(count, -1), out.reshape(count, -1), *spread)
        return out
    numbers = np.array((center, factor, offset))

    def scale(at: slice) -> None:
        _affine(x, out, numbers, at.start, at.stop)

    share_rows(scale, channels, count * length)
    return out


@rounded
def _affine(x: Array, out: Array, numbers: Array, start: int, stop: int) -> None:
    center, factor, offset = numbers
    for n in range(x.shape[0]):
        for c in range(start, stop):
            _scale(x[n, c], out[n, c], center[c], factor[c], offset[c])


@rounded
def _affine_short(x: Array, out: Array, center: Array, factor: Array, offset: Array) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[n, i] = (x[n, i] - center[i]) * factor[i] + offset[i]


# ---- and back ------------------------------------------------------------------------------------


def batch_norm_pull(
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
    count, channels, length = x.shape
    numbers, out = np.zeros((9, channels)), np.empty_like(x)
    known = (of_mean, of_var, 1 if weight is None else weight, mean, inverse)
    for row, values in zip(numbers, known, strict=False):
        row[...] = values
    if length < SHORT:
        _pull_of_short(of_y, x, numbers, out)
    else:

        def pull(at: slice) -> None:
            _pull(of_y, x, numbers, out, at.start, at.stop)

        share_rows(pull, channels, count * length)
    return out, numbers[6].astype(x.dtype), numbers[5].astype(x.dtype)


@rounded
def _pull(g: Array, x: Array, numbers: Array, out: Array, start: int, stop: int) -> None:
    count, _, length = x.shape
    total = count * length
    mean, inverse, sums, dots, slopes, rests = numbers[3:]
    for n in range(count):
        for c in range(start, stop):
            once, dot = _dots(g[n, c], x[n, c], np.float32(mean[c]))
            sums[c] += once
            dots[c] += dot
    for c in range(start, stop):
        center = np.float32(mean[c])
        rests[c] = mean[c] - center
        if rests[c] == 0 and abs(mean[c] * inverse[c]) > FAR:
            for n in range(count):
                rests[c] += _sums(x[n, c], center)[0] / total
    _solve(numbers, total, start, stop)
    factors = numbers[0]
    for n in range(count):
        for c in range(start, stop):
            given, row, y = g[n, c], x[n, c], out[n, c]
            scale, tilt = np.float32(factors[c]), np.float32(slopes[c])
            middle, shift = np.float32(mean[c]), np.float32(rests[c])
            for i in range(length):
                y[i] = given[i] * scale + ((row[i] - middle) * tilt + shift)


@rounded
def _dots(g: Array, row: Array, near: Any) -> Any:
    """Σ g and Σ g·d, where d = x − near."""
    total = dot = 0.0
    for start in range(0, row.size, CHUNK):
        given, part = g[start : start + CHUNK], row[start : start + CHUNK]
        once = twice = np.float32(0)
        for i in range(part.size):
            once += given[i]
            twice += given[i] * (part[i] - near)
        total += np.float64(once)
        dot += np.float64(twice)
    return total, dot


@rounded
def _solve(numbers: Array, total: int, start: int, stop: int) -> None:
    """From sums to what the cotangent of x is made of, and to those of weights, in their place.

    A rest, the mean of x − mean, counts as far as it comes from the mean's own rounding.
    """
    of_mean, of_var, weight, mean, inverse, sums, dots, slopes, rests = numbers
    for c in range(start, stop):
        rest = rests[c] if abs(rests[c]) <= EPS * abs(mean[c]) else 0.0
        dots[c] = inverse[c] * (dots[c] - rest * sums[c])
        scale = weight[c] * inverse[c]
        a = (scale * sums[c] - of_mean[c]) / total
        b = (inverse[c] * scale * dots[c] - 2 * of_var[c]) / total
        of_mean[c], slopes[c], rests[c] = scale, -b, b * rest - a


def _pull_of_short(g: Array, x: Array, numbers: Array, out: Array) -> None:
    count, channels, length = x.shape
    center = _spread(numbers[3], length)
    sums = np.zeros((3, center.size))
    g, x, out = (a.reshape(count, -1) for a in (g, x, out))
    _sums_short(g, x, center, *sums)
    numbers[5], numbers[6], rests = _joined(sums, channels)
    near = numbers[3].astype(np.float32)
    numbers[8] = np.where(near == numbers[3], rests / (count * length), numbers[3] - near)
    _solve(numbers, count * length, 0, channels)
    _pull_short(g, x, out, center, *(_spread(numbers[k], length) for k in (0, 7, 8)))


@rounded
def _sums_short(g: Array, x: Array, center: Array, sums: Array, dots: Array, rests: Array) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            d, v = np.float64(x[n, i] - center[i]), np.float64(g[n, i])
            sums[i] += v
            dots[i] += v * d
            rests[i] += d


@rounded
def _pull_short(
    g: Array, x: Array, out: Array, center: Array, factor: Array, slope: Array, offset: Array
) -> None:
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            d = x[n, i] - center[i]
            out[n, i] = g[n, i] * factor[i] + (d * slope[i] + offset[i])
