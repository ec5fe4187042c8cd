"""The samplers of nn.data, which take PyTorch's Generators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import nn.data as own
from nn.torch.functions.drawing import rng_of

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]


class Sampler(own.Sampler):
    """Base of all samplers: a subclass writes `__iter__`, and `__len__` where it knows one."""

    def __class_getitem__(cls, item: Any) -> Any:
        return cls  # `Sampler[int]`, of which the brackets are for type checkers


class SequentialSampler(own.SequentialSampler, Sampler):
    """The numbers of all examples in order."""


class RandomSampler(own.RandomSampler, Sampler):
    """The numbers of all examples in a random order, or drawn with `replacement`."""

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Any = None,
    ) -> None:
        super().__init__(data_source, replacement, num_samples, rng_of(generator))
        self.generator = generator


class SubsetRandomSampler(own.SubsetRandomSampler, Sampler):
    """Some numbers, in a random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        super().__init__(indices, rng_of(generator))
        self.generator = generator


class WeightedRandomSampler(own.WeightedRandomSampler, Sampler):
    """Numbers drawn with probabilities in proportion to `weights`."""

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        super().__init__(weights, num_samples, replacement, rng_of(generator))
        self.generator = generator


class BatchSampler(own.BatchSampler, Sampler):
    """Lists of as many numbers of another sampler as a batch has examples."""

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        super().__init__(sampler, batch_size, drop_last)
