"""Collate: examples put together into a batch, in whatever they are nested."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from autograd import asarray
from autograd.engine.operands import tensor_types
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd.tensors.tensor import taken


def default_collate(batch: Sequence[Any]) -> Any:
    """A list of examples as a batch: their numbers stacked along a new first axis, as Tensors.

    Each example of the `batch` is an array, Tensor or number, a string, or a tuple, list,
    namedtuple or dict of such. The batch has the structure of one example; arrays keep their dtype,
    Python's integers become int64, its floats float64 as in PyTorch, strings a list.

    >>> import nn
    >>> nn.data.default_collate([(1, "a"), (2, "b")])
    (Tensor([1, 2], dtype=int64), ['a', 'b'])
    """
    return converted(collated(batch), taken)


def default_convert(data: object) -> Any:
    """The arrays in an example as Tensors; all else stays: for a loader with `batch_size=None`.

    `data` may be nested as for `default_collate`.

    >>> import nn
    >>> import numpy as np
    >>> nn.data.default_convert({"x": np.array([1.0, 2.0]), "y": 3})
    {'x': Tensor([1., 2.], dtype=float64), 'y': 3}
    """
    return converted(data, asarray)


def collated(batch: Sequence[Any]) -> Any:
    """`default_collate` with arrays in the place of Tensors."""
    if not len(batch):
        raise ArgumentError("default_collate: there are no examples")
    first = batch[0]
    if isinstance(first, (str, bytes)):
        return list(batch)
    if isinstance(first, Mapping):
        return _mapping(first, {key: collated(_each(batch, key)) for key in first})
    if isinstance(first, Sequence):
        return _sequence(first, [collated(parts) for parts in _transposed(batch)])
    return _stacked(batch)


def _each(batch: Sequence[Any], key: Any) -> list[Any]:
    for number, example in enumerate(batch):
        if not isinstance(example, Mapping) or key not in example:
            raise ArgumentError(
                f"default_collate: example {number} of the batch has no {key!r}; the first has "
                f"{', '.join(map(repr, batch[0]))}.\n  Give all examples the same keys, or join "
                "them in a collate_fn."
            )
    return [example[key] for example in batch]


def _transposed(batch: Sequence[Any]) -> list[tuple[Any, ...]]:
    lengths = [len(e) if isinstance(e, Sequence) else None for e in batch]
    if len(set(lengths)) > 1:
        raise ArgumentError(
            f"default_collate: each element in list of batch should be of equal size, got "
            f"{' and '.join(map(str, dict.fromkeys(lengths)))} parts.\n  Pad them, or join them in "
            "a collate_fn."
        )
    return list(zip(*batch, strict=True))


def _mapping(first: Any, parts: dict[Any, Any]) -> Any:
    """A mapping of the first one's kind, where that can be made."""
    try:
        if isinstance(first, MutableMapping):
            made = copy.copy(first)
            made.update(parts)
            return made
        return type(first)(parts)
    except TypeError:
        return parts


def _sequence(first: Any, parts: list[Any]) -> Any:
    if hasattr(first, "_fields"):
        return type(first)(*parts)
    if isinstance(first, tuple):
        return tuple(parts)
    if type(first) is list or not isinstance(first, MutableSequence):
        return parts
    try:
        return type(first)(parts)  # type: ignore[call-arg]
    except TypeError:
        return parts


def _stacked(batch: Sequence[Any]) -> Any:
    kinds = set(map(type, batch))
    kind = kinds.pop() if len(kinds) == 1 else object
    if kind in (int, float, bool) or issubclass(kind, np.generic):
        return _numbers(np.array(batch))  # at once, which takes a quarter of the time
    arrays = batch if kind is np.ndarray else [_numbers(value) for value in batch]
    try:
        return _numbers(np.stack(arrays))
    except ValueError:
        shapes = " and ".join(map(str, dict.fromkeys(array.shape for array in arrays)))
        raise ShapeError(
            f"default_collate: examples of different shapes make no batch: {shapes}.\n  Bring them "
            "to one shape in the dataset, or pad them in a collate_fn (nn.utils.rnn.pad_sequence)."
        ) from None


def _numbers(value: Any) -> Any:
    if is_dataset(value):
        raise ArgumentTypeError(
            f"{type(value).__name__} is a dataset and no array: give it to DataLoader as it is"
        )
    array = np.asarray(value)  # which warns where a gradient is lost
    if array.dtype.kind not in "biufc":
        kind = f"{array.dtype} in an array" if isinstance(value, np.ndarray) else type(value)
        raise ArgumentTypeError(
            "default_collate: batch must contain tensors, numpy arrays, numbers, strings, dicts, "
            f"tuples or lists; found {kind}.\n  Make numbers of it in the dataset (an image: "
            "numpy.asarray), or write a collate_fn."
        )
    return array


def converted(data: Any, made: Callable[[Any], Any]) -> Any:
    """Nested data with `made` of each array in it."""
    if type(data) in tensor_types or isinstance(data, (str, bytes)):
        return data
    if isinstance(data, (np.ndarray, np.generic)):
        return made(data) if data.dtype.kind in "biufc" else data
    if isinstance(data, Mapping):
        return _mapping(data, {key: converted(value, made) for key, value in data.items()})
    if isinstance(data, Sequence) and not isinstance(data, range):
        return _sequence(data, [converted(value, made) for value in data])
    return data


def is_dataset(data: Any) -> bool:
    """Whether examples are to be asked for by number: NumPy would ask until there are no more.

    What is an array, a sequence of Python's or shows itself as an array is none.
    """
    if isinstance(data, (Sequence, Mapping, np.generic)) or hasattr(data, "__array__"):
        return False
    return hasattr(data, "__len__") and hasattr(data, "__getitem__")
