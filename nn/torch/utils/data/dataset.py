"""Datasets: examples by number, or one after the other."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    IndexRangeError,
    MissingMethodError,
    ShapeError,
)
from autograd.random import generator as drawn_from
from nn.torch.functions.drawing import rng_of
from nn.torch.tensor import as_face

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "StackDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]

T = TypeVar("T")


class Dataset(Generic[T]):
    """Examples by number: a subclass writes `__getitem__`, and `__len__` for samplers."""

    def __getitem__(self, index: Any) -> T:
        raise MissingMethodError(f"{type(self).__name__} has no __getitem__()")

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T]):
    """Examples one after the other: a subclass writes `__iter__`."""

    def __iter__(self) -> Iterator[T]:
        raise MissingMethodError(f"{type(self).__name__} has no __iter__()")

    def __add__(self, other: Any) -> Any:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Any, ...]]):
    """Tensors whose first axis counts the examples."""

    def __init__(self, *tensors: Any) -> None:
        if any(len(tensor) != len(tensors[0]) for tensor in tensors):
            sizes = ", ".join(str(np.shape(tensor)) for tensor in tensors)
            raise ShapeError(f"Size mismatch between tensors: their first axes differ in {sizes}")
        self.tensors = tuple(as_face(tensor) for tensor in tensors)

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class StackDataset(Dataset[Any]):
    """Several datasets side by side: an example is a tuple of theirs, or a dict."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) is bool(kwargs):
            raise ArgumentError("StackDataset takes datasets by position, or by name, not both")
        self.datasets: Any = args or kwargs
        sizes = {len(dataset) for dataset in (args or kwargs.values())}
        if len(sizes) != 1:
            raise ArgumentError("Size mismatch between datasets")
        self._length = sizes.pop()

    def __getitem__(self, index: int) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset[Any]):
    """Several datasets one after the other."""

    def __init__(self, datasets: Any) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ArgumentError("datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise ArgumentTypeError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = [*itertools.accumulate(map(len, self.datasets))]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexRangeError(f"there are {len(self)} examples; there is no number {index}")
        which = bisect.bisect_right(self.cumulative_sizes, position)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][position - before]


class ChainDataset(IterableDataset[Any]):
    """Several IterableDatasets one after the other."""

    def __init__(self, datasets: Any) -> None:
        super().__init__()
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(self.datasets)

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self.datasets)


class Subset(Dataset[Any]):
    """Some examples of a dataset, by their numbers."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[n] for n in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset]:
    """Split a dataset at random into parts of these lengths, or of these shares that sum to 1."""
    size = len(dataset)
    counts = list(lengths)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        if any(not 0 <= share <= 1 for share in lengths):
            raise ArgumentError("random_split: a share is between 0 and 1")
        counts = [math.floor(size * share) for share in lengths]
        for extra in range(int(size - sum(counts))):
            counts[extra % len(counts)] += 1
    if sum(counts) != size:
        raise ArgumentError(
            "Sum of input lengths does not equal the length of the input dataset: "
            f"{list(lengths)} and {size}"
        )
    order = drawn_from(rng_of(generator)).permutation(size).tolist()
    stops = [*itertools.accumulate(counts, initial=0)]
    return [Subset(dataset, order[int(a) : int(b)]) for a, b in itertools.pairwise(stops)]
