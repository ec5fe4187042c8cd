"""Datasets: examples by number, one at a time or many at once; and how they are split."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    IndexRangeError,
    MissingMethodError,
    ShapeError,
)
from autograd.random import generator

__all__ = ["Dataset", "Subset", "TensorDataset", "random_split", "train_test_split"]


class Dataset:
    """Examples by number: a subclass writes `__len__` and `__getitem__`.

    An example is a tuple of arrays and numbers (or one of them). Where many can be had at once
    faster than one by one, `batch` is written too.
    """

    def __len__(self) -> int:
        raise MissingMethodError(f"{type(self).__name__} has no __len__()")

    def __getitem__(self, index: int) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no __getitem__()")

    def __iter__(self) -> Iterator[Any]:
        return (self[number] for number in range(len(self)))

    def batch(self, indices: Any) -> tuple[Any, ...]:
        """The examples of these numbers, each part stacked along a new first axis."""
        examples = [self[int(i)] for i in indices]
        if isinstance(examples[0], Mapping):
            raise ArgumentTypeError(
                f"{type(self).__name__}: an example is a tuple of arrays and numbers, got a dict; "
                "return its values in the order of forward's arguments"
            )
        rows = [e if isinstance(e, (tuple, list)) else (e,) for e in examples]
        return tuple(
            np.stack([_array(part) for part in parts]) for parts in zip(*rows, strict=True)
        )


class TensorDataset(Dataset):
    """Arrays or Tensors whose first axis counts the examples; nothing is copied.

    >>> import nn
    >>> import numpy as np
    >>> data = nn.data.TensorDataset(np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]))
    >>> len(data)
    3
    >>> data[1]
    (array([2., 3.]), np.int64(1))
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ArgumentTypeError("TensorDataset needs at least one array")
        self.arrays = tuple(_array(array) for array in arrays)
        shapes = [array.shape for array in self.arrays]
        if any(not shape for shape in shapes):
            raise ShapeError("TensorDataset: an array without axes holds no examples")
        lengths = [shape[0] for shape in shapes]
        if len(set(lengths)) > 1:
            shown = ", ".join(map(str, shapes))
            raise ShapeError(
                f"TensorDataset: the arrays have {' and '.join(map(str, dict.fromkeys(lengths)))} "
                f"examples (shapes {shown}); their first axes must agree"
            )

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexRangeError(f"there are {len(self)} examples; there is no number {position}")
        return tuple(array[position] for array in self.arrays)

    def batch(self, indices: Any) -> tuple[Any, ...]:
        """One `take` an array; consecutive numbers, as without shuffling, are a slice."""
        if isinstance(indices, slice):
            return tuple(array[indices] for array in self.arrays)
        return tuple(np.take(array, indices, axis=0) for array in self.arrays)


class _Foreign(Dataset):
    """What is no Dataset, and has a length and is indexed by number."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[index]


def is_dataset(data: Any) -> bool:
    """Whether examples are to be asked for by number: NumPy would ask until there are no more.

    What is an array, a sequence of Python's or shows itself as an array is none.
    """
    if isinstance(data, Dataset):
        return True
    if isinstance(data, (Sequence, Mapping)) or hasattr(data, "__array__"):
        return False
    return hasattr(data, "__len__") and hasattr(data, "__getitem__")


def as_dataset(data: Any) -> Dataset:
    """A Dataset, of one, of something like one, of examples, or of one or several arrays.

    A list of tuples, such as `list(zip(x, y))`, is a list of examples.
    """
    if isinstance(data, Dataset):
        return data
    is_examples = isinstance(data, list) and data and all(isinstance(d, tuple) for d in data)
    if is_examples or is_dataset(data):
        return _Foreign(data)
    return TensorDataset(*(data if isinstance(data, (tuple, list)) else [data]))


class Subset(Dataset):
    """Some examples of a dataset, by their numbers; nothing is copied."""

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset = dataset = as_dataset(dataset)
        self.indices = np.asarray(indices, np.int64)
        size = len(dataset)
        wrong = np.flatnonzero((self.indices < 0) | (self.indices >= size))
        if wrong.size:
            raise IndexRangeError(
                f"Subset: there are {size} examples; there is no number {self.indices[wrong[0]]}"
            )

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[int(self.indices[index])]

    def batch(self, indices: Any) -> tuple[Any, ...]:
        """The examples of these numbers, at once."""
        return self.dataset.batch(self.indices[indices])


def random_split(dataset: Any, lengths: Sequence[float], rng: Any = None) -> list[Subset]:
    """Split a dataset at random into parts of these lengths, or of these shares that sum to 1.

    Examples that shares leave over go to the parts in turn, as in PyTorch.

    >>> import nn
    >>> import numpy as np
    >>> parts = nn.data.random_split(nn.data.TensorDataset(np.arange(10)), [0.7, 0.3], rng=0)
    >>> [len(part) for part in parts]
    [7, 3]
    """
    dataset = as_dataset(dataset)
    size = len(dataset)
    counts = _counts(lengths, size)
    order = generator(rng).permutation(size)
    stops = np.cumsum([0, *counts])
    return [Subset(dataset, order[a:b]) for a, b in itertools.pairwise(stops)]


def train_test_split(
    *arrays: Any, test_size: float = 0.25, validation_size: float = 0.0, rng: Any = None
) -> list[tuple[Any, ...]]:
    """Split arrays at random into (train, test), or with `validation_size` (train, val, test).

    Each part is a tuple with a piece of every array. The sizes, `test_size` and `validation_size`,
    are shares between 0 and 1.

    >>> import nn
    >>> import numpy as np
    >>> train, test = nn.data.train_test_split(np.arange(8), np.arange(8) % 2, rng=0)
    >>> len(train[0]), len(test[1])
    (6, 2)
    """
    if not (0 < test_size < 1 and 0 <= validation_size < 1 and test_size + validation_size < 1):
        raise ArgumentError(
            f"test_size and validation_size are shares that leave something to train on, got "
            f"{test_size} and {validation_size}"
        )
    data = TensorDataset(*arrays)
    shares = [1 - test_size - validation_size, validation_size, test_size]
    counts = [round(share * len(data)) for share in shares[1:]]
    counts.insert(0, len(data) - sum(counts))
    parts = random_split(data, counts, rng)
    kept = parts if validation_size else [parts[0], parts[2]]
    return [data.batch(part.indices) for part in kept]


def _counts(lengths: Sequence[float], size: int) -> list[int]:
    if math.isclose(sum(lengths), 1.0) and all(0 <= share <= 1 for share in lengths):
        counts = [math.floor(share * size) for share in lengths]
        for extra in range(size - sum(counts)):
            counts[extra % len(counts)] += 1
        return counts
    if sum(lengths) != size or any(n < 0 for n in lengths):
        raise ArgumentError(
            f"random_split: the lengths {list(lengths)} sum to {sum(lengths)}; they must sum to "
            f"the {size} examples, or as shares to 1"
        )
    return [int(n) for n in lengths]


def _array(value: Any) -> Any:
    if is_dataset(value):
        raise ArgumentTypeError(
            f"{type(value).__name__} is a dataset and no array: give it to DataLoader as it is"
        )
    return np.asarray(value)  # which warns where a gradient is lost
