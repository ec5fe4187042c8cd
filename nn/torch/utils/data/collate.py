"""How examples become a batch: PyTorch's rules of what is stacked, and in which dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentTypeError
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.tensor import as_face

__all__ = ["default_collate", "default_convert"]


def default_collate(batch: Sequence[Any]) -> Any:
    """Examples, each of the same make, as a batch of this make.

    Tensors and arrays are stacked; floats give float64, whole numbers int64; text stays a list;
    tuples give a list of batches, and mappings a mapping.
    """
    first = batch[0]
    if isinstance(first, PlainTensor):
        return as_face(ag.stack([*batch]))
    if isinstance(first, (np.ndarray, np.generic)):
        if first.dtype.kind not in "biufc":
            raise ArgumentTypeError(_refused(first))
        return as_face(ag.asarray(np.stack(list(batch))))
    if isinstance(first, (bool, int, float)):
        kind = {bool: "bool", float: "float64"}.get(type(first), "int64")
        return as_face(ag.asarray(np.array(batch, kind)))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([e[key] for e in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*map(default_collate, zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        if any(len(example) != len(first) for example in batch):
            raise ArgumentTypeError("each element in list of batch should be of equal size")
        columns = [default_collate(column) for column in zip(*batch, strict=True)]
        return columns if isinstance(first, tuple) else _like(first, columns)
    raise ArgumentTypeError(_refused(first))


def default_convert(data: Any) -> Any:
    """Arrays as Tensors, also within mappings and sequences; the rest as it is."""
    if isinstance(data, PlainTensor):
        return data
    if isinstance(data, (np.ndarray, np.generic)) and data.dtype.kind in "biufc":
        return as_face(ag.asarray(data))
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        parts = [default_convert(part) for part in data]
        return parts if isinstance(data, tuple) else _like(data, parts)
    return data


def _like(example: Any, parts: Any) -> Any:
    """What was collated in the class of an example, if that can be made of it."""
    made: Callable[[Any], Any] = type(example)
    try:
        return made(parts)
    except TypeError:
        return parts


def _refused(example: Any) -> str:
    return (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {type(example)}; convert it in the dataset, or give a collate_fn"
    )
