"""What "accuracy" means: it follows from the shapes, as soon as the first batch has shown them."""

from __future__ import annotations

from typing import Any

from nn.keras.losses.pairs import kind_of_labels
from nn.keras.metrics.accuracy import (
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
)
from nn.keras.metrics.base import Metric, Result, arrays

__all__ = ["AccuracyByShape"]

KINDS = {
    "binary": BinaryAccuracy,
    "sparse": SparseCategoricalAccuracy,
    "categorical": CategoricalAccuracy,
}


class AccuracyByShape(Metric):
    """BinaryAccuracy for one output, else of classes: of whole numbers, or of one-hot rows.

    >>> AccuracyByShape()([1, 0], [[0.2, 0.8], [0.3, 0.7]])
    0.5
    """

    _direction = "up"
    chosen: Any

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        self.chosen = None
        super().__init__(dtype, name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = arrays(y_true, y_pred)
        if self.chosen is None:
            self.chosen = KINDS[kind_of_labels(y_true.shape, y_pred.shape)]()
        self.chosen.update_state(y_true, y_pred, sample_weight)

    def result(self) -> Any:
        return Result(0.0) if self.chosen is None else self.chosen.result()

    def reset_state(self) -> None:
        if self.chosen is not None:
            self.chosen.reset_state()
        super().reset_state()
