"""Feeding: what `fit`, `evaluate` and `predict` take as data, as batches that fit the model."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.operands import tensor_types
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from autograd.tensors.tensor import taken
from nn.data import DataLoader, DistributedSampler, IterableDataset, TensorDataset
from nn.data.collate import is_dataset
from nn.loss.margin_layers import MultiLabelMarginLoss
from nn.training.trainable import Trainable

__all__ = [
    "Feed", "as_loader", "as_target", "begin_epoch", "brings_batches", "in_order",
    "shares_by_itself", "split_off",
]  # fmt: skip

BATCH_SIZE = 32


class Feed:
    """Batches of a loader, as Tensors: floating numbers in the dtype of the model."""

    def __init__(self, loader: DataLoader, dtype: Any, labelled: bool) -> None:
        self.loader = loader
        self.labelled = labelled
        self.dtype = dtype
        self.batch_size = loader.batch_size

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for batch in self.loader:
            yield self._parts(batch)

    @property
    def steps(self) -> int | None:
        """How many batches an epoch has; None if nobody knows before it is over."""
        try:
            return len(self.loader)
        except TypeError:
            return None

    def first(self) -> tuple[Any, ...]:
        """The first examples, in their own order; no generator of the program is drawn from."""
        return self._parts(self.loader.first(2))

    def of_all(self, parts: int) -> Feed:
        """One of all examples in their order, whose batches are those of so many processes."""
        loader = self.loader.in_order()
        size = (self.loader.batch_size or 1) * parts
        return Feed(
            DataLoader(loader.dataset, size, sampler=loader.sampler, collate_fn=loader.collate_fn),
            self.dtype,
            self.labelled,
        )

    def _parts(self, batch: Any) -> tuple[Any, ...]:
        """The parts of a batch: what `forward` takes, and labels at the end."""
        if isinstance(batch, Mapping):
            raise ArgumentTypeError(
                f"a batch is a dict with the keys {', '.join(map(str, batch))}; training takes a "
                "tuple of arrays.\n  Return the values in the order of forward's arguments, labels "
                "last, from the dataset or from a collate_fn."
            )
        parts = batch if isinstance(batch, (tuple, list)) else (batch,)
        if self.labelled and len(parts) < 2:
            raise ArgumentError("the data bring inputs alone; labels are the last part of a batch")
        return tuple(self._cast(part) for part in parts)

    def _cast(self, part: Any) -> Any:
        if not isinstance(part, Tensor):
            raise ArgumentTypeError(
                f"a part of a batch is {type(part).__name__} and no Tensor: make numbers of it in "
                "the dataset, or in a collate_fn"
            )
        if part.dtype.kind != "f" or part.dtype == self.dtype:
            return part
        return taken(raw(part).astype(self.dtype))


def as_loader(
    model: Trainable,
    x: Any,
    y: Any,
    batch_size: int | None = None,
    *,
    shuffle: bool = False,
    rng: Any = None,
    what: str,
) -> Feed:
    """The data as batches; errors say which part does not fit."""
    dataset: Any = x
    if brings_batches(x):
        kind = type(x).__name__
        if y is not None:
            raise ArgumentError(f"{what}: a {kind} brings its own y; leave it out")
        if isinstance(x, DataLoader) and batch_size is not None:
            raise ArgumentError(f"{what}: a DataLoader has its own batch_size; leave it out")
    else:
        arrays = _parts(in_order(model, x, what), y, what)
        inputs = arrays if y is None else arrays[:-1]
        model._example = tuple((a.shape[1:], a.dtype) for a in inputs)
        dataset = TensorDataset(*arrays)
    if not isinstance(dataset, (DataLoader, IterableDataset)) and not len(dataset):
        raise ArgumentError(f"{what}: there are no examples")
    if isinstance(dataset, DataLoader):
        loader = dataset
    else:
        size = BATCH_SIZE if batch_size is None else batch_size
        shuffle = shuffle and not isinstance(dataset, IterableDataset)  # it has its own order
        loader = DataLoader(dataset, size, shuffle, rng=rng)
    return Feed(loader, _dtype_of(model), labelled=what != "predict")


def _samplers(feed: Any) -> list[Any]:
    loader = getattr(feed, "loader", None)
    batches = getattr(loader, "batch_sampler", None)
    found = (getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None))
    return [sampler for sampler in found if sampler is not None]


def begin_epoch(feed: Any, epoch: int) -> None:
    """Tell a loader's samplers that have an order for each epoch which one it is."""
    for sampler in _samplers(feed):
        if hasattr(sampler, "set_epoch"):
            sampler.set_epoch(epoch)


def shares_by_itself(feed: Any, parts: int) -> bool:
    """Whether a loader brings the share of one of so many processes."""
    shared = [s for s in _samplers(feed) if isinstance(s, DistributedSampler)]
    return any(sampler.num_replicas == parts for sampler in shared)


def brings_batches(x: Any) -> bool:
    """Whether it is a loader or a dataset, which may bring labels too."""
    return isinstance(x, DataLoader) or is_dataset(x)


def in_order(model: Trainable, x: Any, what: str) -> Any:
    """Arrays by name in the order of forward's arguments; anything else as it is."""
    if not isinstance(x, Mapping):
        return x
    try:
        bound = inspect.signature(model.forward).bind(**x)
    except TypeError as error:
        raise ArgumentTypeError(
            f"{what}: x has the inputs {', '.join(x)}; forward: {error}"
        ) from None
    if bound.kwargs:
        raise ArgumentTypeError(
            f"{what}: forward takes {', '.join(bound.kwargs)} by name alone, or after arguments "
            "that x lacks; inputs are given by position"
        )
    return bound.args


def as_target(target: Any, output: Any, loss: Any = None) -> Any:
    """A target in the form of the output: (N,) beside (N, 1), and integers beside probabilities.

    Class indices, which have an axis less than the output or are lists of labels for the loss, and
    targets of several outputs stay as they are.
    """
    if not isinstance(output, Tensor) or isinstance(loss, MultiLabelMarginLoss):
        return target
    shape, wanted = target.shape, output.shape
    if shape == wanted:
        return target if target.dtype == output.dtype else target.astype(output.dtype)
    if wanted == (*shape, 1):
        return target.reshape(wanted).astype(output.dtype)
    if len(shape) == len(wanted) > 1 and shape[-1] == 1 and target.dtype.kind in "iu":
        return target.reshape(shape[:-1])  # class indices in a column
    return target


def split_off(x: Any, y: Any, share: float, given: Any) -> tuple[Any, Any, Any]:
    """x, y and the validation data: given, or the last `share` of the examples."""
    if given is not None:
        if share:
            raise ArgumentError("fit: give validation_data or validation_split, not both")
        if brings_batches(given):
            return x, y, (given, None)
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise ArgumentError("fit: validation_data is (x, y), a Dataset or a DataLoader")
        return x, y, given
    if not share:
        return x, y, None
    if not 0 < share < 1:
        raise ArgumentError(f"fit: validation_split is a share between 0 and 1, got {share}")
    if brings_batches(x):
        raise ArgumentError(
            "fit: validation_split cuts arrays; split the Dataset with random_split"
        )
    arrays = _parts(x, y, "fit")
    total = len(arrays[0])
    size = total - int(total * share)
    if not 0 < size < total:
        raise ArgumentError(
            f"fit: validation_split={share} of {total} examples leaves none for "
            f"{'validation' if size else 'training'}"
        )
    front, back = [a[:size] for a in arrays], [a[size:] for a in arrays]
    if y is None:
        return tuple(front), None, (tuple(back), None)
    return tuple(front[:-1]), front[-1], (tuple(back[:-1]), back[-1])


def _parts(x: Any, y: Any, what: str) -> list[Any]:
    """The arrays of x and y, checked: numbers, as many of each."""
    inputs = list(x) if isinstance(x, (tuple, list)) and _holds_arrays(x) else [x]
    if y is None and what != "predict":
        raise ArgumentError(f"{what}: there is no y; only a Dataset or DataLoader brings its own")
    names = ["x"] if len(inputs) == 1 else [f"x[{i}]" for i in range(len(inputs))]
    parts = [_numbers(value, name, what) for value, name in zip(inputs, names, strict=True)]
    if y is not None:
        parts.append(_numbers(y, "y", what))
        names.append("y")
    lengths = {name: len(part) for name, part in zip(names, parts, strict=True)}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(
            f"{name} has {len(part)} (shape {part.shape})"
            for name, part in zip(names, parts, strict=True)
        )
        raise ShapeError(f"{what}: the numbers of examples differ: {shown}")
    if not len(parts[0]):
        raise ArgumentError(f"{what}: there are no examples: x is {parts[0].shape}")
    return parts


def _holds_arrays(x: Any) -> bool:
    return len(x) > 0 and all(isinstance(v, np.ndarray) or type(v) in tensor_types for v in x)


def _numbers(value: Any, name: str, what: str) -> Any:
    try:
        array = np.asarray(value)  # which warns where a gradient is lost
    except ValueError:
        raise ShapeError(
            f"{what}: {name} is a {type(value).__name__} of parts that make no one array.\n  "
            "Join several targets along an axis, and part them again in the loss."
        ) from None
    if array.dtype.kind not in "fiub":
        raise DTypeError(f"{what}: {name} holds {array.dtype}; it must hold real numbers")
    if not array.ndim:
        raise ShapeError(f"{what}: {name} is a single number; its first axis counts the examples")
    return array


def _dtype_of(model: Trainable) -> Any:
    """The dtype of the first floating parameter; the default one without any."""
    kinds = (p.dtype for p in model.parameters() if p.dtype.kind == "f")
    return next(kinds, np.dtype(ag.get_default_dtype()))
