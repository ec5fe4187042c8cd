"""AUC: the area under the curve of two rates over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, ShapeError
from nn.keras.backend import epsilon
from nn.keras.metrics.base import Result, arrays, quotient
from nn.keras.metrics.confusion import Counts

__all__ = ["AUC"]

CURVES = ("ROC", "PR", "PRGAIN")
METHODS = ("interpolation", "majoring", "minoring")


class AUC(Counts):
    """The area under the ROC or precision-recall curve, from counts at `num_thresholds` cuts.

    With `multi_label` each column of the outputs has a curve of its own, and the mean of the areas
    is weighted by `label_weights`. `summation_method` "interpolation" goes in straight lines (for
    "PR" as Davis and Goadrich do), the others take the lower or the higher end.

    Source: Davis and Goadrich, The relationship between precision-recall and ROC curves (2006).

    >>> from nn import keras
    >>> keras.metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        if num_labels and not multi_label:
            raise ArgumentError("AUC: num_labels is for multi_label=True")
        if num_thresholds <= 1:
            raise ArgumentError(f"AUC: num_thresholds must be above 1, got {num_thresholds}")
        self.curve = check_choice("curve", curve.upper(), CURVES)
        self.summation_method = check_choice("summation_method", summation_method.lower(), METHODS)
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights, self.from_logits = label_weights, from_logits
        self.thresholds = None if thresholds is None else sorted(thresholds)
        inner = np.linspace(0, 1, num_thresholds)[1:-1] if thresholds is None else self.thresholds
        cuts = np.concatenate([[-epsilon()], np.asarray(inner, float), [1 + epsilon()]])
        self.num_thresholds = len(cuts)
        super().__init__(cuts, name, dtype)

    def _count(self, y_true: Any, y_pred: Any, weight: Any) -> None:
        if self.from_logits:
            y_pred = 1 / (1 + np.exp(-y_pred))
        if not self.multi_label:
            if self.label_weights is not None:
                weight = weight * arrays(self.label_weights)[0]
            super()._count(y_true, y_pred, weight)
            return
        if y_pred.ndim != 2 or (self.num_labels or y_pred.shape[1]) != y_pred.shape[1]:
            wanted = f"(N, {self.num_labels or 'labels'})"
            raise ShapeError(f"{self.name}: multi_label takes outputs {wanted}, got {y_pred.shape}")
        columns = zip(y_true.T, y_pred.T, weight.T, strict=True)
        found = np.stack([self._at_all_cuts(*column) for column in columns], axis=-1)
        self._counts = found if self._counts is None else self._counts + found

    def result(self) -> Any:
        interpolates = self.summation_method == "interpolation"
        if self.curve == "PR" and interpolates:
            areas = self._between_points()
        else:
            x, y = self._curve()
            join: dict[str, Any] = {
                "interpolation": lambda a, b: (a + b) / 2,
                "minoring": np.minimum,
            }
            heights = join.get(self.summation_method, np.maximum)(y[:-1], y[1:])
            areas = np.sum((x[:-1] - x[1:]) * heights, axis=0)
        if not self.multi_label or self.label_weights is None:
            return Result(np.mean(areas))
        weights = arrays(self.label_weights)[0]
        return Result(quotient(np.sum(areas * weights), np.sum(weights)))

    def _curve(self) -> tuple[Any, Any]:
        """The two rates at each threshold."""
        tp, fp, fn, tn = self.confusion
        recall, precision = quotient(tp, tp + fn), quotient(tp, tp + fp)
        if self.curve == "ROC":
            return quotient(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, precision
        odds = quotient(tp + fn, tn + fp)
        gains = (1 - odds * quotient(wrong, tp) for wrong in (fn, fp))
        recall, precision = (
            np.where(tp == 0, none, gain) for none, gain in zip((0, 1), gains, strict=True)
        )
        return np.maximum(recall, 0), precision

    def _between_points(self) -> Any:
        """The area under the precision-recall curve, along which true positives grow evenly."""
        tp, fp, fn, _ = self.confusion
        called = tp + fp
        hits = tp[:-1] - tp[1:]
        slope = quotient(hits, np.maximum(called[:-1] - called[1:], 0))
        start = tp[1:] - slope * called[1:]
        both = (called[:-1] > 0) & (called[1:] > 0)
        ratio = np.where(both, quotient(called[:-1], np.maximum(called[1:], 0)), 1.0)
        return np.sum(
            quotient(slope * (hits + start * np.log(ratio)), np.maximum(tp[1:] + fn[1:], 0)), axis=0
        )
