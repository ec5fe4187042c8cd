"""Metric: a number about outputs and targets that is gathered batch by batch."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import tensor_types
from autograd.engine.pickles import reduced
from autograd.engine.trail import note_read
from autograd.errors import MissingMethodError, ShapeError
from autograd.extend import raw

Array = Any


class Metric:
    """Base of metrics, with Keras' verbs: a subclass writes all three and calls `super().__init__`.

    `metric(y_true, y_pred)` is the result of one pair alone. Arrays and Tensors are taken; nothing
    is differentiated.
    """

    higher_is_better: bool | None = None  # None: it is no one number, or nobody knows
    __reduce_ex__ = reduced

    def __init__(self, name: str | None = None) -> None:
        self.name = name or _snake(type(self).__name__)
        self.reset_state()

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        """Take a batch into account."""
        raise MissingMethodError(f"{type(self).__name__} has no update_state()")

    def result(self) -> Any:
        """The number over all batches since the reset; NaN before the first."""
        raise MissingMethodError(f"{type(self).__name__} has no result()")

    def reset_state(self) -> None:
        """Forget all batches."""
        raise MissingMethodError(f"{type(self).__name__} has no reset_state()")

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        self.reset_state()
        self.update_state(y_true, y_pred)
        return self.result()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


class MeanMetric(Metric):
    """Base of means over examples: a subclass writes `values`, one number an example."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """The numbers whose mean it is."""
        raise MissingMethodError(f"{type(self).__name__} has no values()")

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        self._add(self.values(as_array(y_true), as_array(y_pred)))

    def _add(self, values: Array) -> None:
        if values.dtype == np.bool_:  # several times faster than a sum
            self._total += int(np.count_nonzero(values))
        else:
            self._total += float(np.sum(values, dtype=np.float64))
        self._count += values.size

    def result(self) -> float:
        return self._total / self._count if self._count else float("nan")

    def reset_state(self) -> None:
        self._total, self._count = 0.0, 0


class FunctionMetric(MeanMetric):
    """A function of (y_true, y_pred) as a metric: the mean of what it gives, by example."""

    def __init__(self, function: Callable[[Array, Array], Any], name: str | None = None) -> None:
        self.function = function
        super().__init__(name or getattr(function, "__name__", type(function).__name__))

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        # several outputs, in a tuple or dict, are the function's own affair
        several = isinstance(y_pred, (tuple, dict))
        self._add(self.values(as_array(y_true), y_pred if several else as_array(y_pred)))

    def values(self, y_true: Array, y_pred: Array) -> Array:
        values = as_array(self.function(y_true, y_pred))
        if values.ndim == 0:  # a mean already: it counts as often as there are examples
            return np.full(len(y_true), values)
        return values


def as_array(value: Any) -> Array:
    """An array, of an array, a Tensor or a list."""
    if type(value) in tensor_types:
        note_read(value, "a metric")
    return np.asarray(raw(value))


def same_shapes(name: str, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """Both in the same shape, (N,) beside (N, 1) made so; else a ShapeError."""
    if y_true.shape == y_pred.shape:
        return y_true, y_pred
    if y_pred.shape == (*y_true.shape, 1):
        return y_true[..., None], y_pred
    if y_true.shape == (*y_pred.shape, 1):
        return y_true, y_pred[..., None]
    raise ShapeError(f"{name}: y_true is {y_true.shape}, y_pred is {y_pred.shape}: not the same")


def flat_pair(name: str, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """Both as vectors of the same length."""
    one, two = same_shapes(name, as_array(y_true), as_array(y_pred))
    return one.reshape(-1), two.reshape(-1)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
