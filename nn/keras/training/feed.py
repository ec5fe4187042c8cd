"""What `fit`, `evaluate` and `predict` take as data, as batches (x, y, sample_weight)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import raw
from nn.data import DataLoader, Dataset, TensorDataset
from nn.keras.structure import flatten, leaves, mapped, packed

__all__ = ["Batches", "as_tensors", "feed_of", "split_off"]

_SIZE = 32


class Batches:
    """Batches of some source, `steps` in an epoch; None if that is not known before its end.

    With a given number of steps an epoch goes on in the source where the last has stopped.
    """

    def __init__(self, source: Any, steps: int | None, given: int | None, size: int | None) -> None:
        self.source, self.batch_size, self.given = source, size, given
        self.steps = steps if given is None else given
        self._open: Any = None
        self.restarts = False  # an evaluation begins at the beginning

    def __iter__(self) -> Iterator[Any]:
        if self.restarts:
            self._open = None
        if self.given is None:
            for number, batch in enumerate(self.source):
                if self.steps is not None and number >= self.steps:
                    break  # a Sequence that never ends
                yield _triple(batch)
            if hasattr(self.source, "on_epoch_end"):
                self.source.on_epoch_end()
            return
        for number in range(self.given):
            batch = self._next()
            if batch is None:
                warnings.warn(
                    f"the data ended after {number} of {self.given} steps; give steps_per_epoch "
                    "times epochs batches, or repeat them",
                    stacklevel=2,
                )
                return
            yield _triple(batch)

    def _next(self) -> Any:
        """The next batch; from the beginning once all are through; None if there is none."""
        for _ in range(2):
            if self._open is None:
                self._open = iter(self.source)
            batch = next(self._open, None)
            if batch is not None:
                return batch
            self._open = None
        return None


class _Arrays:
    """Arrays in any structure, in batches."""

    def __init__(self, parts: Any, size: int, shuffle: bool) -> None:
        self.parts = parts
        arrays = [a for a in leaves(parts) if a is not None]
        self.loader = DataLoader(TensorDataset(*arrays), size, shuffle)

    def __iter__(self) -> Iterator[Any]:
        for batch in self.loader:
            rest = iter(batch)
            yield mapped(lambda a: None if a is None else next(rest), self.parts)  # noqa: B023


def feed_of(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    steps: int | None = None,
    shuffle: bool = False,
    class_weight: Any = None,
    what: str,
) -> Batches:
    """The data as batches."""
    if x is None:
        raise ArgumentError(f"{what} takes data: {what.partition(':')[0]}(x, y)")
    if _is_arrays(x):
        size = _SIZE if batch_size is None else batch_size
        parts = arrays_of(x, y, sample_weight, class_weight, what)
        arrays = _Arrays(parts, size, bool(shuffle))
        return Batches(arrays, len(arrays.loader), steps, size)
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ArgumentError(
                f"{what}: a {type(x).__name__} brings its own {name}: leave out {name}="
            )
    if isinstance(x, Dataset):
        x = DataLoader(x, _SIZE if batch_size is None else batch_size, bool(shuffle))
    source = x if class_weight is None else _Weighed(x, class_weight)
    if hasattr(x, "__next__") and steps is None and what == "fit":
        raise ArgumentError("fit: a generator may never end: give steps_per_epoch=")
    if hasattr(x, "__len__"):
        count = len(x)
        return Batches(_InOrder(source, count, shuffle), count, steps, batch_size)
    return Batches(source, None, steps, batch_size)


class _InOrder:
    """Batches that are called by number, in order, or all of a loader."""

    def __init__(self, source: Any, count: int, shuffle: bool) -> None:
        self.source, self.count, self.shuffle = source, count, shuffle

    def __iter__(self) -> Iterator[Any]:
        if isinstance(self.source, DataLoader) or not hasattr(self.source, "__getitem__"):
            yield from self.source
            return
        order = ag.random.generator(None).permutation(self.count) if self.shuffle else None
        for number in range(self.count):
            yield self.source[number if order is None else int(order[number])]

    def on_epoch_end(self) -> None:
        """Tell the source, if it wants to know."""
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()


class _Weighed:
    """Batches (x, y) of a source, with the weights of their classes."""

    def __init__(self, source: Any, weights: Any) -> None:
        self.source, self.weights = source, weights

    def __iter__(self) -> Iterator[Any]:
        return map(self._with, self.source)

    def __getitem__(self, number: int) -> Any:
        return self._with(self.source[number])

    def _with(self, batch: Any) -> Any:
        return *batch[:2], weights_of_classes(batch[1], self.weights)


def _is_arrays(x: Any) -> bool:
    if isinstance(x, (np.ndarray, Tensor, list, tuple, dict)) or hasattr(x, "to_numpy"):
        return True
    return hasattr(x, "__array__")


def _triple(batch: Any) -> tuple[Any, Any, Any]:
    if not isinstance(batch, (tuple, list)):
        return batch, None, None
    if len(batch) > 3 or not batch:
        raise ArgumentError(
            f"a batch is x, (x, y) or (x, y, sample_weight); it has {len(batch)} parts: several "
            "inputs stand in a list, ([x1, x2], y)"
        )
    return (*batch, *(None,) * (3 - len(batch)))


def arrays_of(x: Any, y: Any, weight: Any, class_weight: Any, what: str) -> tuple[Any, Any, Any]:
    """x, y and sample_weight as arrays of as many examples."""
    x, y = _arrays(x, f"{what}: x"), _arrays(y, f"{what}: y")
    weight = _arrays(weight, f"{what}: sample_weight")
    if class_weight is not None:
        if weight is not None:
            raise ArgumentError(f"{what}: give class_weight or sample_weight, not both")
        weight = weights_of_classes(y, class_weight)
    lengths: dict[int, str] = {}
    for name, part in (("x", x), ("y", y), ("sample_weight", weight)):
        for array in leaves(part):
            if array is not None:
                lengths.setdefault(len(array), f"{name} {array.shape}")
    if len(lengths) > 1:
        raise ShapeError(f"{what}: the numbers of examples differ: {', '.join(lengths.values())}")
    if 0 in lengths:
        raise ArgumentError(f"{what}: there are no examples")
    return x, y, weight


def _arrays(value: Any, name: str) -> Any:
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and not any(
        hasattr(part, "shape") and np.ndim(part) for part in value
    ):
        return _array(value, name)  # numbers in lists are one array
    if isinstance(value, tuple):
        value = list(value)
    return mapped(lambda part: _array(part, name), value)


def _array(value: Any, name: str) -> Any:
    value = value.to_numpy() if hasattr(value, "to_numpy") else raw(value)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(f"{name} is a list of parts that make no one array") from None
    if array.dtype == object:
        try:
            array = array.astype("float32")
        except (TypeError, ValueError):
            raise DTypeError(f"{name} holds objects; it must hold numbers") from None
    if array.dtype.kind not in "fiub":
        raise DTypeError(f"{name} holds {array.dtype}; it must hold numbers")
    if not array.ndim:
        raise ShapeError(f"{name} is a single number; its first axis counts the examples")
    return array.astype(str(ag.get_default_dtype())) if array.dtype.kind == "f" else array


def weights_of_classes(y: Any, class_weight: Any) -> Any:
    """The weight of each example, by its class."""
    if isinstance(y, (list, tuple, dict)):
        raise ArgumentError("class_weight is for models of one output; give sample_weight")
    y = np.asarray(raw(y))
    if y.ndim > 1:
        y = y.argmax(-1) if y.shape[-1] != 1 else y[..., 0]
    classes = np.round(y).astype(int)
    return np.array([class_weight.get(int(c), 1.0) for c in classes.ravel()], "float32").reshape(
        classes.shape
    )


def split_off(x: Any, y: Any, weight: Any, share: float) -> tuple[Any, Any]:
    """What trains and what validates: the last share of the examples, as they lie."""
    if not 0 < share < 1:
        raise ArgumentError(f"fit: validation_split is a share between 0 and 1, got {share}")
    if not _is_arrays(x):
        raise ArgumentError(
            f"fit: validation_split cuts arrays, not a {type(x).__name__}; give validation_data"
        )
    parts = arrays_of(x, y, weight, None, "fit")
    total = len(flatten(parts)[0])
    size = math.floor(total * (1 - share))
    if not 0 < size < total:
        raise ArgumentError(
            f"fit: validation_split={share} of {total} examples leaves none for "
            f"{'validation' if size else 'training'}"
        )
    cut = [
        mapped(lambda a: None if a is None else a[part], parts)  # noqa: B023
        for part in (slice(size), slice(size, None))
    ]
    return cut[0], cut[1]


def as_tensors(structure: Any) -> Any:
    """A batch as Tensors: floating numbers in the default dtype."""

    def tensor(x: Any) -> Any:
        if x is None:
            return x
        if not isinstance(x, Tensor):
            x = ag.Tensor(_array(x, "a batch"))
        wanted = ag.get_default_dtype()
        return x.astype(wanted) if x.dtype.kind == "f" and x.dtype != wanted else x

    return packed(structure, map(tensor, leaves(structure)))
