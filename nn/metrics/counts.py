"""Counts: what was called which class, and the numbers that follow: precision, recall, F1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, ShapeError
from nn.metrics.accuracy import class_axis, labelled, one_hot
from nn.metrics.base import Array, Metric, as_array, same_shapes

AVERAGES = (None, "binary", "macro", "micro", "weighted")


class ConfusionMatrix(Metric):
    """How often each class (row) was taken for each class (column).

    Outputs are (N, C, ...) scores with labels (N, ...) or one-hot targets, or scores of yes, cut at
    `threshold`, with as many 0 and 1; `axis` and `ignore_index` are as in `ClassMetric`. The number
    of classes is learned from the outputs, or given.

    >>> import nn
    >>> nn.metrics.ConfusionMatrix()([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]])
    array([[1, 0],
           [1, 1]])
    """

    _matrix: Array  # None before the first batch
    axis: int | None = None
    ignore_index: int | None = None

    def __init__(
        self, threshold: float = 0.5, classes: int | None = None, name: str | None = None
    ) -> None:
        self.threshold = threshold
        self.classes = classes
        super().__init__(name)

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        true, predicted, classes = self._classes(as_array(y_true), as_array(y_pred))
        if self._matrix is None:
            self._matrix = np.zeros((classes, classes), np.int64)
        elif len(self._matrix) != classes:
            raise ShapeError(
                f"{self.name}: a batch has {classes} classes, those before {len(self._matrix)}"
            )
        pairs = true.astype(np.int64) * classes + predicted
        self._matrix += np.bincount(pairs.ravel(), minlength=classes**2).reshape(classes, classes)

    def _classes(self, true: Array, predicted: Array) -> tuple[Array, Array, int]:
        """The classes that are, those that were called, and how many there are."""
        called = self.classes is not None and predicted.dtype.kind in "iu"
        axis = class_axis(self.axis, true.shape, predicted.shape)
        if not called and predicted.ndim > 1 and predicted.shape[axis] > 1:
            same = true.shape == predicted.shape
            if not (same and _is_yes_or_no(true, axis)):
                true, scores = (one_hot if same else labelled)(self, true, predicted)
                return true, np.argmax(scores, axis=-1), scores.shape[-1]
        true, predicted = same_shapes(self.name, true, predicted)
        if self.ignore_index is not None:
            counted = true != self.ignore_index
            true, predicted = true[counted], predicted[counted]
        if called and self.classes is not None:  # classes, called already
            return true, predicted, self.classes
        return true > 0.5, predicted > self.threshold, 2

    def result(self) -> Array:
        if self._matrix is None:
            return np.zeros((self.classes or 0,) * 2, np.int64)
        return self._matrix.copy()

    def reset_state(self) -> None:
        self._matrix = None


class Rate(ConfusionMatrix):
    """Base of rates that follow from the confusion matrix.

    `average` joins classes: "binary" is the rate of class 1, "macro" the mean over classes, "micro"
    counts all together, "weighted" weighs classes by how often they are; None gives each. By
    default it is "binary" for two classes and "macro" for more. A rate of nothing is 0, or NaN if
    it does not count in means.
    """

    higher_is_better = True

    def __init__(
        self, average: str | None = "auto", threshold: float = 0.5, name: str | None = None
    ) -> None:
        if average != "auto":
            check_choice("average", average, AVERAGES)
        self.average = average
        super().__init__(threshold, name=name)

    def result(self) -> Any:
        matrix = super().result()
        if not matrix.size:
            return float("nan")
        average = self.average
        if average == "auto":
            average = "binary" if len(matrix) == 2 else "macro"
        hits, called, are = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
        if average == "micro":
            hits, called, are = hits.sum(), called.sum(), are.sum()
        rates = self.rate(hits, called, are)
        if average == "binary":
            if len(matrix) != 2:
                raise ArgumentError(
                    f"{self.name}: average='binary' is of 2 classes, and there are {len(matrix)}; "
                    "choose 'macro', 'micro', 'weighted' or None"
                )
            return float(rates[1])
        if average == "weighted":
            return float(np.nansum(rates * are) / are.sum()) if are.sum() else 0.0
        if average is None:
            return rates
        there = rates[~np.isnan(rates)] if average == "macro" else rates
        return float(np.mean(there)) if there.size else float("nan")

    def rate(self, hits: Array, called: Array, are: Array) -> Array:
        raise NotImplementedError


class Precision(Rate):
    """The share of what was called a class that is of it.

    >>> import nn
    >>> nn.metrics.Precision()([1, 0, 1], [0.9, 0.8, 0.2])
    0.5
    """

    def rate(self, hits: Array, called: Array, are: Array) -> Array:
        return share(hits, called)


class Recall(Rate):
    """The share of a class that was called it.

    >>> import nn
    >>> nn.metrics.Recall()([1, 0, 0], [0.9, 0.8, 0.2])
    1.0
    """

    def rate(self, hits: Array, called: Array, are: Array) -> Array:
        return share(hits, are)


class F1Score(Rate):
    """The harmonic mean of precision and recall.

    >>> import nn
    >>> nn.metrics.F1Score()([1, 0, 1], [0.9, 0.8, 0.2])
    0.5
    """

    def rate(self, hits: Array, called: Array, are: Array) -> Array:
        return share(2 * hits, called + are)


def _is_yes_or_no(true: Array, axis: int) -> bool:
    """Whether targets of the outputs' shape are 0 and 1 place by place, and no one-hot rows."""
    return bool(((true == 0) | (true == 1)).all()) and bool((true.sum(axis=axis) != 1).any())


def share(part: Array, whole: Array, of_nothing: float = 0.0) -> Array:
    """part / whole, and where that is of nothing the number given."""
    out = np.full(np.shape(part), of_nothing)
    return np.divide(part, whole, out=out, where=np.asarray(whole) != 0)
