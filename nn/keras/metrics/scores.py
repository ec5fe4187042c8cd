"""Scores: F, R², IoU, errors and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, ShapeError
from nn.keras.backend import epsilon
from nn.keras.losses.functions import cosine_similarity as negative_cosine
from nn.keras.losses.pairs import comparable, same_rank
from nn.keras.metrics.base import Mean, MeanMetricWrapper, Metric, Result, arrays

__all__ = [
    "ConcordanceCorrelation", "CosineSimilarity", "F1Score", "FBetaScore", "PearsonCorrelation",
    "R2Score", "RootMeanSquaredError", "concordance_correlation", "pearson_correlation",
]  # fmt: skip


class RootMeanSquaredError(Mean):
    """The square root of the mean of (y_true − y_pred)².

    >>> from nn import keras
    >>> keras.metrics.RootMeanSquaredError()([0.0, 0.0], [3.0, 3.0])
    3.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = same_rank(*arrays(y_true, y_pred))
        super().update_state(np.square(y_pred - y_true), sample_weight)

    def result(self) -> Any:
        return Result(np.sqrt(super().result()))


def _two_dimensional(name: str, *values: Any) -> None:
    if any(value.ndim != 2 for value in values):
        shapes = " and ".join(str(value.shape) for value in values)
        raise ShapeError(f"{name}: y_true and y_pred are (N, D), got {shapes}")


class FBetaScore(Metric):
    """The mean of precision and recall, with recall beta times as important; by class or joined.

    A class is called where the output is above `threshold`, by default where it is the largest.
    """

    _direction = "up"
    _sums: Any

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        self.average = check_choice("average", average, (None, "micro", "macro", "weighted"))
        if beta <= 0:
            raise ArgumentError(f"{type(self).__name__}: beta must be positive, got {beta}")
        if threshold is not None and not 0 < threshold <= 1:
            raise ArgumentError(
                f"{type(self).__name__}: threshold is above 0 and at most 1, got {threshold}"
            )
        self.beta, self.threshold = beta, threshold
        super().__init__(dtype, name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = arrays(y_true, y_pred)
        _two_dimensional(self.name, y_true, y_pred)
        if self.threshold is None:
            called = (y_pred >= y_pred.max(axis=-1, keepdims=True)) & (np.abs(y_pred) > 1e-9)
        else:
            called = y_pred > self.threshold
        weight = 1.0 if sample_weight is None else arrays(sample_weight)[0].reshape(-1, 1)
        axis = None if self.average == "micro" else 0
        sums = np.stack([
            np.sum(part * weight, axis=axis, dtype=np.float64)
            for part in (called * y_true, called * (1 - y_true), ~called * y_true, y_true)
        ])  # fmt: skip
        self._sums = sums if self._sums is None else self._sums + sums

    def result(self) -> Any:
        if self._sums is None:
            return Result(0.0)
        tp, fp, fn, weights = self._sums
        precision, recall = tp / (tp + fp + epsilon()), tp / (tp + fn + epsilon())
        square = self.beta**2
        score = (1 + square) * precision * recall / (square * precision + recall + epsilon())
        if self.average == "weighted":
            return Result(np.sum(score * weights / (weights.sum() + epsilon())))
        return score if self.average is None else Result(np.mean(score))

    def reset_state(self) -> None:
        self._sums = None
        super().reset_state()


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall.

    >>> from nn import keras
    >>> round(keras.metrics.F1Score("micro", 0.5)([[0, 1], [1, 0]], [[0.2, 0.9], [0.4, 0.8]]), 4)
    0.5
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)


class R2Score(Metric):
    """1 − the error over the variance, of outputs (N, D); "uniform_average" of the columns.

    `num_regressors` adjusts for that many inputs.
    """

    _direction = "up"
    _sums: Any
    _size: int

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        ways = (None, "uniform_average", "variance_weighted_average")
        self.class_aggregation = check_choice("class_aggregation", class_aggregation, ways)
        if num_regressors < 0:
            raise ArgumentError(f"R2Score: num_regressors is not negative, got {num_regressors}")
        self.num_regressors = num_regressors
        super().__init__(dtype, name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = (a.astype(np.float64) for a in same_rank(*arrays(y_true, y_pred)))
        _two_dimensional(self.name, y_true, y_pred)
        weight = arrays(1.0 if sample_weight is None else sample_weight)[0]
        weight = np.broadcast_to(weight[:, None] if weight.ndim == 1 else weight, y_true.shape)
        parts = (y_true, y_true**2, (y_true - y_pred) ** 2, np.ones_like(y_true))
        sums = np.stack([np.sum(part * weight, axis=0) for part in parts])
        self._sums = sums if self._sums is None else self._sums + sums
        self._size += y_true.size

    def result(self) -> Any:
        if self._sums is None:
            return Result(0.0)
        total, squares, errors, count = self._sums
        spread = squares - total * total / count
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = 1 - errors / spread
        scores = np.where(np.isinf(scores), 0.0, scores)
        score: Any = scores
        if self.class_aggregation == "uniform_average":
            score = np.mean(scores)
        elif self.class_aggregation is not None:
            score = np.sum(spread * scores) / np.sum(spread)
        if 0 < self.num_regressors < self._size - 1:
            score = 1 - (1 - score) * (self._size - 1) / (self._size - self.num_regressors - 1)
        return Result(score) if np.ndim(score) == 0 else score

    def reset_state(self) -> None:
        self._sums, self._size = None, 0
        super().reset_state()


class CosineSimilarity(MeanMetricWrapper):
    """The cos of the angle between y_true and y_pred: 1 where they point the same way."""

    _direction = "up"

    def __init__(
        self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cos of the angle; the loss of this name is its negative."""
    return -negative_cosine(y_true, y_pred, axis)


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Pearson's correlation along an axis."""
    y_true, y_pred = (y - ag.mean(y, axis=axis, keepdims=True) for y in comparable(y_true, y_pred))
    y_true, y_pred = (y / ag.std(y, axis=axis, keepdims=True) for y in (y_true, y_pred))
    return ag.mean(y_true * y_pred, axis=axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """How near y_pred is to y_true, and not only in step with it, as Keras computes it.

    Source: Lin, A concordance correlation coefficient to evaluate reproducibility (1989).
    """
    y_true, y_pred = comparable(y_true, y_pred)
    one, two = (ag.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred))
    spread = ag.var(y_true, axis=axis, keepdims=True) + ag.var(y_pred, axis=axis, keepdims=True)
    together = 2 * (y_true - two) * (y_pred - two)
    return ag.mean(together / (spread + ag.square(one - two) + epsilon()), axis=axis)


class PearsonCorrelation(MeanMetricWrapper):
    """The mean of Pearson's correlation along an axis."""

    _direction = "up"

    def __init__(
        self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean of Lin's concordance along an axis."""

    _direction = "up"

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
