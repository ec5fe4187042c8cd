"""Samplers: in which order a loader asks for examples, and which of them make a batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.ranges import Count
from autograd.errors import ArgumentError, ArgumentTypeError, MissingMethodError, ShapeError
from autograd.random import generator as numbers_of


def one_generator(rng: Any, generator: Any) -> Any:
    """A generator under PyTorch's name or ours; None for the default one."""
    if rng is not None and generator is not None:
        raise ArgumentError("rng and generator are two names for one: give one of them")
    given = generator if rng is None else rng
    return None if given is None else numbers_of(given)


def counted(data_source: Any) -> Any:
    if not hasattr(data_source, "__len__"):
        raise ArgumentTypeError(
            f"data_source has a length, the number of examples; {type(data_source).__name__} has "
            "none"
        )
    return data_source


class Sampler:
    """Numbers of examples, in an order of its own in every epoch: a subclass writes `__iter__`.

    `data_source` is what PyTorch's old samplers are given; it is not used.
    """

    rng: Any = None

    def __init__(self, data_source: Any | None = None) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        raise MissingMethodError(f"{type(self).__name__} has no __iter__()")


class _Ordered(Sampler):
    """One that knows all its numbers at once."""

    def order(self) -> Any:
        """The numbers of one epoch, as an array."""
        raise MissingMethodError(f"{type(self).__name__} has no order()")

    def __iter__(self) -> Iterator[int]:
        return iter(self.order().tolist())  # drawn now, not when the first is asked for


class SequentialSampler(_Ordered):
    """0, 1, 2 and so on, through the whole `data_source`.

    >>> import nn
    >>> list(nn.data.SequentialSampler([5, 6, 7]))
    [0, 1, 2]
    """

    def __init__(self, data_source: Any) -> None:
        self.data_source = counted(data_source)

    def order(self) -> Any:
        """The numbers of one epoch, as an array."""
        return np.arange(len(self.data_source))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(_Ordered):
    """The numbers of the `data_source` shuffled, or with `replacement` each drawn from all.

    `num_samples` is how many there are in an epoch, by default as many as there are examples. They
    come from `generator`, or under its other name `rng`: a `numpy.random.Generator` or a seed; by
    default the one of `nn.manual_seed`.

    >>> import nn
    >>> sorted(nn.data.RandomSampler([5, 6, 7]))
    [0, 1, 2]
    """

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: Count | None = None,
        generator: Any = None,
        *,
        rng: Any = None,
    ) -> None:
        self.data_source = counted(data_source)
        self.replacement = replacement
        self._num_samples = num_samples
        self.rng = one_generator(rng, generator)
        if not len(data_source):
            raise ArgumentError("RandomSampler: there are no examples to sample from")

    @property
    def num_samples(self) -> int:
        """How many numbers an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def order(self) -> Any:
        """The numbers of one epoch, as an array."""
        size, count, rng = len(self.data_source), self.num_samples, numbers_of(self.rng)
        if self.replacement:
            return rng.integers(size, size=count)
        rounds = [rng.permutation(size) for _ in range(max(1, -(-count // size)))]
        return rounds[0] if count == size else np.concatenate(rounds)[:count]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(_Ordered):
    """The given `indices` shuffled, by `generator` (or `rng`).

    >>> import nn
    >>> sorted(nn.data.SubsetRandomSampler([5, 3]))
    [3, 5]
    """

    def __init__(self, indices: Sequence[int], generator: Any = None, *, rng: Any = None) -> None:
        self.indices = indices
        self.rng = one_generator(rng, generator)

    def order(self) -> Any:
        """The numbers of one epoch, as an array."""
        return np.asarray(self.indices, np.int64)[numbers_of(self.rng).permutation(len(self))]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(_Ordered):
    """`num_samples` numbers, each drawn with a probability in proportion to its weight.

    `weights` has one number for each example; they need not sum to 1. Without `replacement` no
    number comes twice. They are drawn from `generator` (or `rng`).

    >>> import nn
    >>> list(nn.data.WeightedRandomSampler([0.0, 0.5, 0.0], 3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: Count,
        replacement: bool = True,
        generator: Any = None,
        *,
        rng: Any = None,
    ) -> None:
        try:
            self.weights = np.asarray(weights, np.float64)
        except (ValueError, TypeError):
            raise ArgumentTypeError(f"weights must be numbers, got {weights!r:.80}") from None
        self.num_samples = num_samples
        self.replacement = replacement
        self.rng = one_generator(rng, generator)
        if self.weights.ndim != 1:
            raise ShapeError(f"weights must be a sequence of one axis, got {self.weights.shape}")
        if not np.all((self.weights >= 0) & np.isfinite(self.weights)) or not self.weights.any():
            raise ArgumentError("weights must be finite, not negative, and not all zero")
        possible = np.count_nonzero(self.weights)
        if not replacement and num_samples > possible:
            raise ArgumentError(
                f"num_samples={num_samples} without replacement, and only {possible} examples have "
                "a weight above 0"
            )

    def order(self) -> Any:
        """The numbers of one epoch, as an array."""
        shares = self.weights / self.weights.sum()
        return numbers_of(self.rng).choice(
            len(shares), self.num_samples, replace=self.replacement, p=shares
        )

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The numbers of a `sampler` in lists of `batch_size`, the last one shorter unless `drop_last`.

    `sampler` may be any iterable.

    >>> import nn
    >>> list(nn.data.BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        self.sampler: Any = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        return self._lists(iter(self.sampler))

    def _lists(self, numbers: Iterator[Any]) -> Iterator[list[Any]]:
        while batch := list(itertools.islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        size, batch = len(self.sampler), self.batch_size
        return size // batch if self.drop_last else -(-size // batch)
