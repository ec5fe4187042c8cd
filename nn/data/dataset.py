"""Datasets: examples by number, one at a time or many at once, or one after the other."""

from __future__ import annotations

import bisect
import itertools
import operator
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd import asarray
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    IndexRangeError,
    MissingMethodError,
    ShapeError,
)
from nn.data.collate import collated, is_dataset


class Dataset:
    """Examples by number: a subclass writes `__len__` and `__getitem__`.

    An example is an array, Tensor or number, a string, or a tuple, list or dict of such. Where many
    can be had at once faster than one by one, `batch` is written too, or `__getitems__`, which
    takes a list of numbers and gives a list of examples. `a + b` is the examples of both.
    """

    def __len__(self) -> int:
        raise MissingMethodError(f"{type(self).__name__} has no __len__()")

    def __getitem__(self, index: int) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no __getitem__()")

    def __iter__(self) -> Iterator[Any]:
        return (self[number] for number in range(len(self)))

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])

    def batch(self, indices: Any) -> Any:
        """The examples of these numbers, each part stacked along a new first axis."""
        return collated(fetched(self, indices))


class IterableDataset(Dataset):
    """Examples one after the other, as they come: a subclass writes `__iter__`.

    A `DataLoader` with several workers asks each for all of them; `get_worker_info` tells a worker
    which share is its own. `a + b` is those of both, in turn.
    """

    def __iter__(self) -> Iterator[Any]:
        raise MissingMethodError(f"{type(self).__name__} has no __iter__()")

    def __len__(self) -> int:
        raise ArgumentTypeError(f"{type(self).__name__} has no __len__()")  # as list() expects

    def __getitem__(self, index: int) -> Any:
        raise MissingMethodError(
            f"{type(self).__name__} has examples one after the other, and none by number"
        )

    def __add__(self, other: Any) -> Any:
        return ChainDataset([self, other])


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

    @property
    def tensors(self) -> tuple[Any, ...]:
        """The arrays as Tensors, which share their memory."""
        return tuple(map(asarray, self.arrays))

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        if isinstance(index, (slice, list)) or np.ndim(index):
            chosen = index if isinstance(index, slice) else np.asarray(index)
            return tuple(array[chosen] for array in self.arrays)
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexRangeError(f"there are {len(self)} examples; there is no number {position}")
        return tuple(array[position] for array in self.arrays)

    def batch(self, indices: Any) -> tuple[Any, ...]:
        """One `take` an array; consecutive numbers, as without shuffling, are a slice."""
        if isinstance(indices, slice):
            return tuple(array[indices] for array in self.arrays)
        return tuple(np.take(array, indices, axis=0) for array in self.arrays)


class Examples(Dataset):
    """Anything with a length that is indexed by number, read as a list of examples.

    `dataset` may be a list of arrays, which `DataLoader` cannot tell from columns.

    >>> import nn
    >>> import numpy as np
    >>> rows = nn.data.Examples([np.array([1, 2]), np.array([3, 4])])
    >>> [x.tolist() for x in nn.data.DataLoader(rows, batch_size=2)]
    [[[1, 2], [3, 4]]]
    """

    def __init__(self, dataset: Any) -> None:
        _check_methods(dataset)
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[index]


class Subset(Dataset):
    """Some examples of a dataset, by their numbers (`indices`); nothing is copied."""

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset = dataset = by_number(dataset, "Subset")
        self.indices = _whole(indices)
        size = len(dataset)
        wrong = np.flatnonzero((self.indices < 0) | (self.indices >= size))
        if wrong.size:
            raise IndexRangeError(
                f"Subset: there are {size} examples; there is no number {self.indices[wrong[0]]}"
            )

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        chosen = self.indices[index]
        return self.dataset[chosen.tolist() if chosen.ndim else int(chosen)]

    def batch(self, indices: Any) -> Any:
        """The examples of these numbers, at once."""
        return batch_of(self.dataset, self.indices[indices])


def _whole(indices: Any) -> Any:
    found = np.asarray(indices)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise ArgumentTypeError(
            f"indices is a sequence of whole numbers, got {found.dtype} of shape {found.shape}"
        )
    return found.astype(np.int64)


class ConcatDataset(Dataset):
    """The examples of several datasets, one after the other.

    >>> import nn
    >>> data = nn.data.ConcatDataset([[(1,), (2,)], [(3,)]])
    >>> len(data), data[2]
    (3, (3,))
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = [as_dataset(data) for data in datasets]
        if not self.datasets:
            raise ArgumentError("ConcatDataset: datasets should not be an empty iterable")
        if any(isinstance(data, IterableDataset) for data in self.datasets):
            raise ArgumentTypeError(
                "ConcatDataset has examples by number; join iterable datasets with ChainDataset"
            )
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        size, position = len(self), operator.index(index)
        if not -size <= position < size:
            raise IndexRangeError(f"there are {size} examples; there is no number {position}")
        position %= size
        part = bisect.bisect_right(self.cumulative_sizes, position)
        return self.datasets[part][position - (self.cumulative_sizes[part - 1] if part else 0)]


class ChainDataset(IterableDataset):
    """The examples of several iterable `datasets`, one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(self.datasets)

    def __len__(self) -> int:
        return sum(map(len, self.datasets))


class StackDataset(Dataset):
    """Datasets side by side: an example is a tuple of theirs, or a dict of them by name.

    >>> import nn
    >>> nn.data.StackDataset(image=[1, 2], text=["a", "b"])[1]
    {'image': 2, 'text': 'b'}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) is bool(kwargs):
            raise ArgumentError(
                "StackDataset takes datasets, or datasets by name, "
                + ("not both" if args else "at least one")
            )
        self.datasets: Any = args or kwargs
        lengths = [len(data) for data in args or kwargs.values()]
        if len(set(lengths)) > 1:
            raise ArgumentError(
                f"StackDataset: the datasets have {' and '.join(map(str, lengths))} examples"
            )
        self._length = lengths[0]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:
        if isinstance(self.datasets, dict):
            return {name: data[index] for name, data in self.datasets.items()}
        return tuple(data[index] for data in self.datasets)


# ---- what is a dataset ---------------------------------------------------------------------------


def batch_of(dataset: Any, numbers: Any) -> Any:
    """The examples of these numbers, each part stacked along a new first axis."""
    if isinstance(dataset, Dataset):
        return dataset.batch(numbers)
    return collated(fetched(dataset, numbers))


def fetched(dataset: Any, numbers: Any) -> list[Any]:
    """The examples of these numbers; an error tells which one was asked for."""
    numbers = numbers.tolist() if isinstance(numbers, np.ndarray) else list(numbers)
    inner = dataset.dataset if isinstance(dataset, Examples) else dataset
    if callable(many := getattr(inner, "__getitems__", None)):
        return list(many(numbers))
    examples = []
    for number in numbers:
        try:
            examples.append(inner[number])
        except Exception as error:
            error.add_note(f"at example {number!r} of {type(inner).__name__}")
            raise
    return examples


def is_iterable(data: Any) -> bool:
    """Whether examples come one after the other, and none by number."""
    if isinstance(data, IterableDataset):
        return True
    if isinstance(data, (Dataset, str, bytes)) or hasattr(data, "__array__"):
        return False
    by_number = hasattr(data, "__getitem__") and hasattr(data, "__len__")
    return hasattr(data, "__iter__") and not by_number


def _check_methods(data: Any) -> None:
    if isinstance(data, (str, bytes)):
        raise ArgumentTypeError(f"dataset: text is none, got {data!r:.80}; give a list of texts")
    for method in ("__len__", "__getitem__"):
        if not hasattr(data, method):
            raise ArgumentTypeError(
                f"dataset: {type(data).__name__} has no {method}(); a dataset has __len__ and "
                "__getitem__, or is an IterableDataset with __iter__"
            )


def as_dataset(data: Any) -> Any:
    """What examples are asked of: the data itself, or a TensorDataset of one or several arrays.

    An array is rows, and a tuple of arrays or a list of arrays of different shapes is columns; all
    other lists hold examples, one each.
    """
    if isinstance(data, Dataset):
        return data
    if is_iterable(data):
        if hasattr(data, "__next__"):
            raise ArgumentTypeError(
                f"dataset: a {type(data).__name__} gives its examples once, and each epoch asks "
                "anew.\n  "
                "Give a list of them, or an IterableDataset whose __iter__ begins anew."
            )
        return data
    if hasattr(data, "__array__"):
        return TensorDataset(data)
    if isinstance(data, (tuple, list)) and _are_columns(data):
        return TensorDataset(*data)
    _check_methods(data)
    return data


def by_number(data: Any, where: str) -> Any:
    """`as_dataset` for what chooses examples by number."""
    dataset = as_dataset(data)
    if is_iterable(dataset):
        raise ArgumentTypeError(
            f"{where} takes examples by number; {type(data).__name__} has them one after the other"
        )
    return dataset


def _are_columns(data: Any) -> bool:
    """Whether a tuple or list holds arrays of which each has a part of every example."""
    if isinstance(data, tuple):
        return all(isinstance(p, list) or is_dataset(p) or hasattr(p, "__array__") for p in data)
    if not data or not all(hasattr(part, "__array__") and np.ndim(part) for part in data):
        return False
    shapes = {np.shape(part) for part in data}
    if len(shapes) == 1 < len(data):
        raise ArgumentError(
            f"a list of {len(data)} arrays of shape {shapes.pop()} may be columns or examples.\n"
            "  For columns give a tuple: (x, y). For examples, one array each: "
            "nn.data.Examples(arrays)."
        )
    return len({shape[0] for shape in shapes}) == 1


def _array(value: Any) -> Any:
    if is_dataset(value):
        raise ArgumentTypeError(
            f"{type(value).__name__} is a dataset and no array: give it to DataLoader as it is"
        )
    return np.asarray(value)  # which warns where a gradient is lost
