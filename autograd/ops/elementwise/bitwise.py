"""Bitwise functions of integers and booleans; they have no derivative."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, op, sample


def _pairs() -> Iterator[Sample]:
    yield sample(np.array([[0, 1, 5], [-3, 12, 7]]), np.array([[3, 1, 2], [0, 1, 4]]))
    yield sample(np.array(6), np.array(3), label="0-d")
    yield sample(np.zeros((0, 3), int), np.array([1, 2, 3]), label="empty")
    yield sample(np.array([[4], [9]]), np.array([1, 2, 3]), label="broadcast")


def _single() -> Iterator[Sample]:
    yield sample(np.array([[0, 1, 5], [-3, 12, 7]]))
    yield sample(np.array(6), label="0-d")
    yield sample(np.zeros((0, 3), int), label="empty")


@op("x & y", samples=_pairs)
def bitwise_and(x: Array, y: Array, /) -> Array:
    """The bits that x and y both have, elementwise.

    Shape: x and y broadcast -> their common shape. Integers and booleans only: floats raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_and(ag.Tensor([5, 6]), 3)
    Tensor([1, 2], dtype=int64)
    """
    return x & y


@op("x | y", samples=_pairs)
def bitwise_or(x: Array, y: Array, /) -> Array:
    """The bits that x or y has, elementwise.

    Shape: x and y broadcast -> their common shape. Integers and booleans only: floats raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_or(ag.Tensor([5, 6]), 3)
    Tensor([7, 7], dtype=int64)
    """
    return x | y


@op("x ^ y", samples=_pairs)
def bitwise_xor(x: Array, y: Array, /) -> Array:
    """The bits that just one of x and y has, elementwise.

    Shape: x and y broadcast -> their common shape. Integers and booleans only: floats raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_xor(ag.Tensor([5, 6]), 3)
    Tensor([6, 5], dtype=int64)
    """
    return x ^ y


@op("~x", samples=_single)
def bitwise_invert(x: Array, /) -> Array:
    """All bits turned over, elementwise: -x - 1 of integers, not x of booleans.

    Shape: any -> the same. Floats raise DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_invert(ag.Tensor([True, False]))
    Tensor([False,  True], dtype=bool)
    """
    return np.invert(x)


invert = bitwise_invert
bitwise_not = bitwise_invert


@op("x << n", samples=_pairs)
def bitwise_left_shift(x: Array, n: Array, /) -> Array:
    """x with its bits moved left by n, elementwise: x * 2**n, without what leaves the dtype.

    Shape: x and n broadcast -> their common shape. Floats raise DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_left_shift(ag.Tensor([1, 3]), 2)
    Tensor([ 4, 12], dtype=int64)
    """
    return x << n


left_shift = bitwise_left_shift


@op("x >> n", samples=_pairs)
def bitwise_right_shift(x: Array, n: Array, /) -> Array:
    """x with its bits moved right by n, elementwise: x // 2**n.

    Shape: x and n broadcast -> their common shape. Floats raise DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_right_shift(ag.Tensor([4, 13]), 2)
    Tensor([1, 3], dtype=int64)
    """
    return x >> n


right_shift = bitwise_right_shift


@op("popcount x", samples=_single)
def bitwise_count(x: Array, /) -> Array:
    """How many bits of |x| are set, elementwise.

    Shape: any -> the same. Gives uint8; floats raise DTypeError.

    >>> import autograd as ag
    >>> ag.bitwise_count(ag.Tensor([7, 8]))
    Tensor([3, 1], dtype=uint8)
    """
    return np.bitwise_count(x)
