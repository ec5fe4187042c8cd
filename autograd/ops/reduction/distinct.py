"""The distinct elements by the array API standard's names. Every NaN is one of its own."""

from __future__ import annotations

from typing import NamedTuple

from autograd.engine.arguments import checked
from autograd.extend import Array
from autograd.ops.reduction.search import unique


class UniqueAll(NamedTuple):
    """What `unique_all` gives."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCounts(NamedTuple):
    """What `unique_counts` gives."""

    values: Array
    counts: Array


class UniqueInverse(NamedTuple):
    """What `unique_inverse` gives."""

    values: Array
    inverse_indices: Array


@checked
def unique_all(x: Array, /) -> UniqueAll:
    """The distinct elements of x in order, the first place of each, where each is, how often.

    Nothing of it has a gradient; x[indices] has. Every NaN is one of its own.

    Shape: any -> (count,), (count,), that of x, (count,).

    >>> import autograd as ag
    >>> found = ag.unique_all(ag.Tensor([3.0, 1.0, 3.0]))
    >>> found.values.tolist(), found.indices.tolist(), found.counts.tolist()
    ([1.0, 3.0], [1, 0], [1, 2])
    """
    return UniqueAll(*unique(x, True, True, True, equal_nan=False))


@checked
def unique_counts(x: Array, /) -> UniqueCounts:
    """The distinct elements of x in order, and how often each occurs, without a gradient.

    Every NaN is one of its own.

    Shape: any -> (count,), (count,).

    >>> import autograd as ag
    >>> ag.unique_counts(ag.Tensor([3.0, 1.0, 3.0])).counts
    Tensor([1, 2], dtype=int64)
    """
    return UniqueCounts(*unique(x, return_counts=True, equal_nan=False))


@checked
def unique_inverse(x: Array, /) -> UniqueInverse:
    """The distinct elements of x in order, and the place among them of each element of x.

    Nothing of it has a gradient. Every NaN is one of its own.

    Shape: any -> (count,), that of x.

    >>> import autograd as ag
    >>> ag.unique_inverse(ag.Tensor([3.0, 1.0, 3.0])).inverse_indices
    Tensor([1, 0, 1], dtype=int64)
    """
    return UniqueInverse(*unique(x, return_inverse=True, equal_nan=False))


@checked
def unique_values(x: Array, /) -> Array:
    """The distinct elements of x in order, without a gradient.

    Every NaN is one of its own.

    Shape: any -> (count,).

    >>> import autograd as ag
    >>> ag.unique_values(ag.Tensor([3.0, 1.0, 3.0]))
    Tensor([1., 3.], dtype=float32)
    """
    return unique(x, equal_nan=False)
