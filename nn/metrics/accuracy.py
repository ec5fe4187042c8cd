"""Accuracy: the share of examples whose class was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DTypeError, ShapeError
from nn.metrics.base import Array, MeanMetric, as_array, same_shapes


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


class ClassMetric(MeanMetric):
    """Base of accuracies of classes, which lie along an axis of the outputs.

    `axis` says along which; by default along axis 1, where labels (N, ...) or one-hot targets show
    outputs (N, C, ...), else along the last one. Labels equal to `ignore_index` do not count.
    """

    higher_is_better = True

    def __init__(
        self, name: str | None = None, *, axis: int | None = None, ignore_index: int | None = None
    ) -> None:
        self.axis = axis
        self.ignore_index = ignore_index
        super().__init__(name)


class SparseCategoricalAccuracy(ClassMetric):
    """The share of labels whose class has the largest output.

    Shape: (N, ...) integers, and (N, C, ...), or (N, ..., C) as `axis` says.

    >>> import nn
    >>> nn.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    def __init__(
        self, axis: int | None = None, name: str | None = None, ignore_index: int | None = None
    ) -> None:
        super().__init__(name, axis=axis, ignore_index=ignore_index)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        true, scores = labelled(self, y_true, y_pred)
        return np.argmax(scores, axis=-1) == true


class CategoricalAccuracy(ClassMetric):
    """The share of one-hot rows whose class has the largest output.

    Shape: (N, C, ...) and (N, C, ...), or (N, ..., C) twice as `axis` says.

    >>> import nn
    >>> nn.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        true, scores = one_hot(self, y_true, y_pred)
        return np.argmax(scores, axis=-1) == true


class SparseTopKCategoricalAccuracy(ClassMetric):
    """The share of labels whose class is among the k largest outputs.

    Shape: (N, ...) integers, and (N, C, ...), or (N, ..., C) as `axis` says.

    >>> import nn
    >>> nn.metrics.SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]])
    0.5
    """

    def __init__(
        self,
        k: int = 5,
        name: str | None = None,
        *,
        axis: int | None = None,
        ignore_index: int | None = None,
    ) -> None:
        if k < 1:
            raise ArgumentError(f"k must be at least 1, got {k}")
        self.k = k
        super().__init__(name, axis=axis, ignore_index=ignore_index)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return _within(self.k, *labelled(self, y_true, y_pred))


class TopKCategoricalAccuracy(SparseTopKCategoricalAccuracy):
    """The share of one-hot rows whose class is among the k largest outputs.

    Shape: (N, C, ...) and (N, C, ...), or (N, ..., C) twice as `axis` says.

    >>> import nn
    >>> nn.metrics.TopKCategoricalAccuracy(k=1)([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return _within(self.k, *one_hot(self, y_true, y_pred))


class Accuracy(ClassMetric):
    """The accuracy that fits: of labels, of one-hot rows, or of yes and no, by the shapes.

    With `logits` an output above 0 is a yes, else one above 0.5.

    >>> import nn
    >>> accuracy = nn.metrics.Accuracy()
    >>> accuracy([1, 0], [[0.1, 0.9], [0.3, 0.7]]), accuracy([1, 0], [0.9, 0.6])
    (0.5, 0.5)
    """

    def __init__(
        self,
        logits: bool = False,
        name: str | None = None,
        *,
        axis: int | None = None,
        ignore_index: int | None = None,
    ) -> None:
        self.logits = logits
        super().__init__(name, axis=axis, ignore_index=ignore_index)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        true, predicted = y_true.shape, y_pred.shape
        axis = class_axis(self.axis, true, predicted)
        if len(predicted) > 1 and predicted[axis] > 1:
            way = one_hot if true == predicted else labelled
            if way is one_hot or true in _label_shapes(predicted, axis):
                classes, scores = way(self, y_true, y_pred)
                return np.argmax(scores, axis=-1) == classes
        return BinaryAccuracy(0.0 if self.logits else 0.5, self.name).values(y_true, y_pred)


def class_axis(axis: int | None, true: tuple[int, ...], predicted: tuple[int, ...]) -> int:
    """The axis of classes in outputs: the one given, or what the shapes say.

    Where they leave a choice it is axis 1, as in the losses: (N, C, L) with labels (N, L), also
    where L = C.
    """
    rank = len(predicted)
    if axis is not None:
        if not -rank <= axis < rank:
            raise ShapeError(f"there is no axis {axis} of classes in outputs {predicted}")
        return axis % rank
    if rank > 2 and (true == predicted or true in _label_shapes(predicted, 1)):
        return 1
    return rank - 1


def _label_shapes(predicted: tuple[int, ...], axis: int) -> tuple[tuple[int, ...], ...]:
    """The shapes that labels may have beside outputs: without the axis of classes, or a column."""
    plain = (*predicted[:axis], *predicted[axis + 1 :])
    return plain, (*plain, 1)


def one_hot(metric: Any, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """The classes of one-hot targets, and the outputs with their classes in the last axis."""
    y_true, y_pred = same_shapes(metric.name, y_true, y_pred)
    axis = class_axis(metric.axis, y_true.shape, y_pred.shape)
    return np.argmax(y_true, axis=axis), np.moveaxis(y_pred, axis, -1)


def labelled(metric: Any, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """Labels, checked, and the outputs with their classes in the last axis: what counts of both."""
    name = metric.name
    if y_pred.ndim < 2:
        raise ShapeError(f"{name}: y_pred is {y_pred.shape}; it needs an axis of classes")
    axis = class_axis(metric.axis, y_true.shape, y_pred.shape)
    plain, column = _label_shapes(y_pred.shape, axis)
    if y_true.shape == column:
        y_true = y_true[..., 0]
    if y_true.shape != plain:
        raise ShapeError(
            f"{name}: y_pred is {y_pred.shape}, so labels must be {plain}; y_true is {y_true.shape}"
        )
    if y_true.dtype.kind not in "iub":
        if not np.array_equal(y_true, np.floor(y_true)):
            raise DTypeError(f"{name}: labels are whole numbers; y_true holds others")
        y_true = y_true.astype(np.int64)
    scores = np.moveaxis(y_pred, axis, -1)
    if metric.ignore_index is not None:
        counted = y_true != metric.ignore_index
        if not counted.all():
            y_true, scores = y_true[counted], scores[counted]
    classes = scores.shape[-1]
    if y_true.size and (y_true.min() < 0 or y_true.max() >= classes):
        wrong = as_array(y_true[(y_true < 0) | (y_true >= classes)])[0]
        raise ArgumentError(f"{name}: label {wrong} is not in 0 ... {classes - 1}")
    return y_true, scores


def _within(k: int, true: Array, y_pred: Array) -> Array:
    """Whether fewer than k classes lie above the true one."""
    own = np.take_along_axis(y_pred, true[..., None], axis=-1)
    return np.sum(y_pred > own, axis=-1) < k
