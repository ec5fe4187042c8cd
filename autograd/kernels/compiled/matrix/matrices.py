"""Copies of matrices and a softmax down their columns: what a block of attention is made of.

A matrix is the address of its first number; all of them lie in one piece.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.addresses import get, put
from autograd.kernels.compiled.parallel.loops import called

__all__: list[str] = []

Array = Any
Place = Any  # of an array (A, B, L, E): its address, and how far apart numbers are along each axis

_ZERO, _ONE, _LOW = np.float32(0), np.float32(1), np.float32(-np.inf)


@called
def fetch(
    place: Place, n: int, h: int, start: int, rows: int, columns: int, target: int, down: int,
    right: int, factor: Any,
) -> None:  # fmt: skip
    """Rows of a head, times a factor, into a matrix whose numbers are so far apart."""
    source = place[0] + 4 * (n * place[1] + h * place[2] + start * place[3])
    for i in range(rows):
        for j in range(columns):
            number = get(source, i * place[3] + j * place[4])
            put(target, i * down + j * right, number * factor)


@called
def deliver(
    source: int, down: int, right: int, factor: Any, place: Place, n: int, h: int, start: int,
    rows: int, columns: int,
) -> None:  # fmt: skip
    """The other way round."""
    target = place[0] + 4 * (n * place[1] + h * place[2] + start * place[3])
    for i in range(rows):
        for j in range(columns):
            number = get(source, i * down + j * right)
            put(target, i * place[3] + j * place[4], number * factor)


@called
def turn(source: int, target: int, rows: int, columns: int) -> None:
    for j in range(columns):
        for i in range(rows):
            put(target, j * rows + i, get(source, i * columns + j))


@called
def fill(target: int, size: int, number: Any) -> None:
    for i in range(size):
        put(target, i, number)


@called
def scale(factors: int, target: int, size: int) -> None:
    for i in range(size):
        put(target, i, get(target, i) * get(factors, i))


@called
def divide_rows(divisors: int, target: int, rows: int, columns: int) -> None:
    for i in range(rows):
        factor = _ONE / get(divisors, i)
        for j in range(columns):
            put(target, i * columns + j, get(target, i * columns + j) * factor)


# ---- softmax down the columns of (count, width) --------------------------------------------------


@called
def exponentials(
    scores: int, width: int, count: int, start: int, causal: bool, mask: int, most: int,
    total: Array, sums: int,
) -> None:  # fmt: skip
    """scores ← exp(scores + mask less their largest) down each column; the sums.

    Column i is of the query start + i, which with `causal` sees no keys ahead of it.
    """
    if mask:
        for i in range(width * count):
            put(scores, i, get(scores, i) + get(mask, i))
    if causal:
        for j in range(start, count):
            for i in range(min(width, j - start)):
                put(scores, j * width + i, _LOW)
    for i in range(width):
        put(most, i, _LOW)
        total[i] = 0
    for j in range(count):
        row = scores + 4 * j * width
        for i in range(width):  # a NaN makes its sum NaN
            score, best = get(row, i), get(most, i)
            put(most, i, score if score > best else best)  # noqa: FURB136
    if mask:
        for i in range(width):
            put(most, i, _ZERO if get(most, i) == _LOW else get(most, i))
    for j in range(count):
        row = scores + 4 * j * width
        for i in range(width):
            power = formulas.decay(get(row, i) - get(most, i))
            put(row, i, power)
            total[i] += np.float64(power)
    for i in range(width):
        put(sums, i, _ONE if mask and total[i] == 0 else np.float32(total[i]))


@called
def slopes(of_weights: int, weights: int, sums: int, width: int, count: int, mean: int) -> None:
    """The cotangent before the softmax of weights / sums, from that of the weights, in place."""
    for i in range(width):
        put(mean, i, _ZERO)
    for j in range(count):
        g, w = of_weights + 4 * j * width, weights + 4 * j * width
        for i in range(width):
            put(mean, i, get(mean, i) + get(g, i) * get(w, i))
    for i in range(width):
        put(mean, i, get(mean, i) / get(sums, i))
    for j in range(count):
        g, w = of_weights + 4 * j * width, weights + 4 * j * width
        for i in range(width):
            put(g, i, (get(g, i) - get(mean, i)) * get(w, i))
