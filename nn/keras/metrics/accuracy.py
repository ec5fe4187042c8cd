"""How often outputs are right: as numbers, as yes and no, as classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.keras.backend import floatx, tensor
from nn.keras.losses.pairs import same_rank
from nn.keras.metrics.base import MeanMetricWrapper, arrays

__all__ = [
    "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy", "accuracy", "binary_accuracy",
    "categorical_accuracy", "sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]  # fmt: skip


def _hits(found: Any) -> Any:
    return tensor(np.asarray(found).astype(floatx()))


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where y_pred is y_true, else 0.

    >>> from nn import keras
    >>> keras.metrics.Accuracy()([1, 2, 3], [1, 2, 0])
    0.6666666666666666
    """
    y_true, y_pred = same_rank(*arrays(y_true, y_pred))
    return _hits(y_true.astype(y_pred.dtype) == y_pred)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where y_pred is above `threshold` and y_true is 1, or neither, else 0."""
    y_true, y_pred = same_rank(*arrays(y_true, y_pred))
    return _hits(y_true == (y_pred > threshold))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where y_true and y_pred, one-hot or probabilities, are largest at the same class."""
    y_true, y_pred = arrays(y_true, y_pred)
    return _hits(np.argmax(y_true, axis=-1) == np.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where y_pred is largest at the class y_true, a whole number."""
    y_true, y_pred = arrays(y_true, y_pred)
    column = y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1
    labels = y_true[..., 0] if column else y_true
    hits = labels == np.argmax(y_pred, axis=-1)
    return _hits(hits[..., 0] if hits.ndim > 1 and hits.shape[-1] == 1 else hits)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the class of y_true, one-hot, is among the k largest of y_pred."""
    (y_true,) = arrays(y_true)
    return sparse_top_k_categorical_accuracy(np.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Any:
    """1 where the class y_true, a whole number, is among the k largest of y_pred.

    With `from_sorted_ids` y_pred holds the classes themselves, the best first.
    """
    y_true, y_pred = arrays(y_true, y_pred)
    labels, rows = y_true.reshape(-1), y_pred.reshape(-1, y_pred.shape[-1])
    if from_sorted_ids:
        hits = (labels[:, None] == rows[:, :k]).any(axis=1)
    else:
        score = np.take_along_axis(rows, labels.astype(np.int64)[:, None], axis=1)
        hits = (rows > score).sum(axis=1) < k
    return _hits(hits.reshape(y_true.shape))


class Accuracy(MeanMetricWrapper):
    """How often y_pred is y_true."""

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often yes and no are right, with yes above `threshold`."""

    _direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the class is right, of one-hot y_true."""

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the class is right, of y_true as whole numbers.

    >>> from nn import keras
    >>> keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.3, 0.7]])
    0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class is among the k best, of one-hot y_true."""

    _direction = "up"

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class is among the k best, of y_true as whole numbers."""

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        options = {"k": k, "from_sorted_ids": from_sorted_ids}
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, **options)
