"""Regression: how far outputs are from their targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.metrics.base import Array, MeanMetric, Metric, flat_pair, same_shapes


class MeanAbsoluteError(MeanMetric):
    """The mean of |y_pred − y_true|.

    >>> import nn
    >>> nn.metrics.MeanAbsoluteError()([1.0, 2.0], [1.5, 2.0])
    0.25
    """

    higher_is_better = False

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shapes(self.name, y_true, y_pred)
        return np.abs(np.subtract(y_pred, y_true, dtype=np.float64))


class MeanSquaredError(MeanMetric):
    """The mean of (y_pred − y_true)².

    >>> import nn
    >>> nn.metrics.MeanSquaredError()([1.0, 2.0], [1.5, 2.0])
    0.125
    """

    higher_is_better = False

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shapes(self.name, y_true, y_pred)
        return np.square(np.subtract(y_pred, y_true, dtype=np.float64))


class RootMeanSquaredError(MeanSquaredError):
    """The root of the mean of (y_pred − y_true)².

    >>> import nn
    >>> nn.metrics.RootMeanSquaredError()([1.0, 2.0], [1.5, 2.5])
    0.5
    """

    def result(self) -> float:
        return float(np.sqrt(super().result()))


class R2Score(Metric):
    """The share of the targets' variance that the outputs explain, over all elements.

    1 is perfect, 0 as good as the mean. For targets that are all equal it is 1 if they are met
    exactly, else 0, as in scikit-learn.

    >>> import nn
    >>> nn.metrics.R2Score()([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.5
    """

    higher_is_better = True

    _count: int
    _mean: float
    _spread: float  # Σ (y_true − its mean)²
    _missed: float  # Σ (y_true − y_pred)²

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        true, predicted = flat_pair(self.name, y_true, y_pred)
        true = true.astype(np.float64)
        # The mean and the squares around it are joined, which keeps the digits of a large mean.
        # Chan, Golub and LeVeque, Algorithms for computing the sample variance (1983).
        count, mean = len(true), float(np.mean(true)) if len(true) else 0.0
        if not count:
            return
        apart, total = mean - self._mean, self._count + count
        self._spread += float(np.sum((true - mean) ** 2)) + apart**2 * self._count * count / total
        self._mean += apart * count / total
        self._count = total
        self._missed += float(np.sum((true - predicted) ** 2))

    def result(self) -> float:
        if not self._count:
            return float("nan")
        if not self._spread:
            return 0.0 if self._missed else 1.0
        return 1.0 - self._missed / self._spread

    def reset_state(self) -> None:
        self._count, self._mean, self._spread, self._missed = 0, 0.0, 0.0, 0.0
