"""Accuracy: the share of examples whose class was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DTypeError, ShapeError
from nn.metrics.base import Array, MeanMetric, as_array, same_shapes

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
]


class BinaryAccuracy(MeanMetric):
    """The share of elements on the right side of a threshold: 0.5, or 0 for logits.

    Shape: (*) of 0 and 1, and (*).

    >>> import nn
    >>> nn.metrics.BinaryAccuracy()([1, 0, 1], [0.9, 0.2, 0.4])
    0.6666666666666666
    """

    higher_is_better = True

    def __init__(self, threshold: float = 0.5, name: str | None = None) -> None:
        self.threshold = threshold
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shapes(self.name, y_true, y_pred)
        return (y_pred > self.threshold) == (y_true > 0.5)


class SparseCategoricalAccuracy(MeanMetric):
    """The share of labels whose class has the largest output.

    Shape: (N, ...) integers, and (N, C, ...), or (N, ..., C) as `axis` says.

    >>> import nn
    >>> nn.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    higher_is_better = True

    def __init__(self, axis: int = -1, name: str | None = None) -> None:
        self.axis = axis
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true = labels(self.name, y_true, y_pred, self.axis)
        return np.argmax(y_pred, axis=self.axis) == y_true


class CategoricalAccuracy(MeanMetric):
    """The share of one-hot rows whose class has the largest output.

    Shape: (N, C) and (N, C).

    >>> import nn
    >>> nn.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    higher_is_better = True

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shapes(self.name, y_true, y_pred)
        return np.argmax(y_true, axis=-1) == np.argmax(y_pred, axis=-1)


class SparseTopKCategoricalAccuracy(MeanMetric):
    """The share of labels whose class is among the k largest outputs.

    Shape: (N,) integers and (N, C).

    >>> import nn
    >>> nn.metrics.SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]])
    0.5
    """

    higher_is_better = True

    def __init__(self, k: int = 5, name: str | None = None) -> None:
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        self.k = k
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return _within(self.k, labels(self.name, y_true, y_pred, -1), y_pred)


class TopKCategoricalAccuracy(SparseTopKCategoricalAccuracy):
    """The share of one-hot rows whose class is among the k largest outputs.

    Shape: (N, C) and (N, C).

    >>> import nn
    >>> nn.metrics.TopKCategoricalAccuracy(k=1)([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shapes(self.name, y_true, y_pred)
        return _within(self.k, np.argmax(y_true, axis=-1), y_pred)


class Accuracy(MeanMetric):
    """The accuracy that fits: of labels, of one-hot rows, or of yes and no, by the shapes.

    With `logits` an output above 0 is a yes, else one above 0.5.

    >>> import nn
    >>> accuracy = nn.metrics.Accuracy()
    >>> accuracy([1, 0], [[0.1, 0.9], [0.3, 0.7]]), accuracy([1, 0], [0.9, 0.6])
    (0.5, 0.5)
    """

    higher_is_better = True

    def __init__(self, logits: bool = False, name: str | None = None) -> None:
        self.logits = logits
        self._known: dict[Any, MeanMetric] = {}  # by the shapes that a batch may have
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        shapes = y_true.shape, y_pred.shape
        kind = self._known.get(shapes)
        if kind is None:
            kind = self._known[shapes] = self._kind(*shapes)
        return kind.values(y_true, y_pred)

    def _kind(self, true: tuple[int, ...], predicted: tuple[int, ...]) -> MeanMetric:
        rank = len(predicted)
        if rank > 1 and predicted[-1] > 1 and true == predicted:
            return CategoricalAccuracy(self.name)
        if rank > 1 and predicted[-1] > 1 and true in (predicted[:-1], (*predicted[:-1], 1)):
            return SparseCategoricalAccuracy(-1, self.name)
        if rank > 2 and true == (predicted[0], *predicted[2:]):
            return SparseCategoricalAccuracy(1, self.name)  # (N, C, ...), as cross_entropy has it
        return BinaryAccuracy(0.0 if self.logits else 0.5, self.name)


def labels(name: str, y_true: Array, y_pred: Array, axis: int) -> Array:
    """Labels in the shape of the outputs without their axis of classes, checked."""
    if y_pred.ndim < 2:
        raise ShapeError(f"{name}: y_pred is {y_pred.shape}; it needs an axis of classes")
    axis %= y_pred.ndim
    expected = (*y_pred.shape[:axis], *y_pred.shape[axis + 1 :])
    if y_true.shape == (*expected, 1):
        y_true = y_true[..., 0]
    if y_true.shape != expected:
        raise ShapeError(
            f"{name}: y_pred is {y_pred.shape}, so labels must be {expected}; y_true is "
            f"{y_true.shape}"
        )
    if y_true.dtype.kind not in "iub":
        if not np.array_equal(y_true, np.floor(y_true)):
            raise DTypeError(f"{name}: labels are whole numbers; y_true holds others")
        y_true = y_true.astype(np.int64)
    classes = y_pred.shape[axis]
    if y_true.size and (y_true.min() < 0 or y_true.max() >= classes):
        wrong = as_array(y_true[(y_true < 0) | (y_true >= classes)])[0]
        raise ValueError(f"{name}: label {wrong} is not in 0 ... {classes - 1}")
    return y_true


def _within(k: int, true: Array, y_pred: Array) -> Array:
    """Whether fewer than k classes lie above the true one."""
    own = np.take_along_axis(y_pred, true[..., None], axis=-1)
    return np.sum(y_pred > own, axis=-1) < k
