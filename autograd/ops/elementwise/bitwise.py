"""Bitwise functions of integers and booleans; they have no derivative."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.engine.op import Array, op
from autograd.engine.samples import Sample, sample


def _pairs() -> Iterator[Sample]:
    yield sample(np.array([[0, 1, 5], [-3, 12, 7]]), np.array([[3, 1, 2], [0, 1, 4]]))
    yield sample(np.array(6), np.array(3), label="0-d")
    yield sample(np.zeros((0, 3), int), np.array([1, 2, 3]), label="empty")
    yield sample(np.array([[4], [9]]), np.array([1, 2, 3]), label="broadcast")


def _single() -> Iterator[Sample]:
    yield sample(np.array([[0, 1, 5], [-3, 12, 7]]))
    yield sample(np.array(6), label="0-d")
    yield sample(np.zeros((0, 3), int), label="empty")


@op("x & y", samples=_pairs, reference="numpy.bitwise_and")
def bitwise_and(x: Array, y: Array, /) -> Array:
    """The bits that x and y both have, elementwise, for integers and booleans.

    >>> import autograd as ag
    >>> ag.bitwise_and(ag.Tensor([5, 6]), 3)
    Tensor([1, 2], dtype=int64)
    """
    return x & y


@op("x | y", samples=_pairs, reference="numpy.bitwise_or")
def bitwise_or(x: Array, y: Array, /) -> Array:
    """The bits that x or y has, elementwise, for integers and booleans.

    >>> import autograd as ag
    >>> ag.bitwise_or(ag.Tensor([5, 6]), 3)
    Tensor([7, 7], dtype=int64)
    """
    return x | y


@op("x ^ y", samples=_pairs, reference="numpy.bitwise_xor")
def bitwise_xor(x: Array, y: Array, /) -> Array:
    """The bits that just one of x and y has, elementwise, for integers and booleans.

    >>> import autograd as ag
    >>> ag.bitwise_xor(ag.Tensor([5, 6]), 3)
    Tensor([6, 5], dtype=int64)
    """
    return x ^ y


@op("~x", samples=_single, reference="numpy.bitwise_invert")
def bitwise_invert(x: Array, /) -> Array:
    """All bits turned over, elementwise, for integers and booleans.

    >>> import autograd as ag
    >>> ag.bitwise_invert(ag.Tensor([True, False]))
    Tensor([False,  True], dtype=bool)
    """
    return np.invert(x)


invert = bitwise_invert
bitwise_not = bitwise_invert


@op("x << n", samples=_pairs, reference="numpy.bitwise_left_shift")
def bitwise_left_shift(x: Array, n: Array, /) -> Array:
    """x with its bits moved left by n, elementwise, for integers: x * 2**n.

    >>> import autograd as ag
    >>> ag.bitwise_left_shift(ag.Tensor([1, 3]), 2)
    Tensor([ 4, 12], dtype=int64)
    """
    return x << n


left_shift = bitwise_left_shift


@op("x >> n", samples=_pairs, reference="numpy.bitwise_right_shift")
def bitwise_right_shift(x: Array, n: Array, /) -> Array:
    """x with its bits moved right by n, elementwise, for integers: x // 2**n.

    >>> import autograd as ag
    >>> ag.bitwise_right_shift(ag.Tensor([4, 13]), 2)
    Tensor([1, 3], dtype=int64)
    """
    return x >> n


right_shift = bitwise_right_shift


@op("popcount x", samples=_single, reference="numpy.bitwise_count")
def bitwise_count(x: Array, /) -> Array:
    """How many bits of |x| are set, elementwise, for integers.

    >>> import autograd as ag
    >>> ag.bitwise_count(ag.Tensor([7, 8]))
    Tensor([3, 1], dtype=uint8)
    """
    return np.bitwise_count(x)
