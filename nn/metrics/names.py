"""Names: a metric by what it is called, and whether more of it is better."""

from __future__ import annotations

from typing import Any

from autograd.errors import ArgumentError, ArgumentTypeError
from nn.loss.layers import Loss
from nn.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    ClassMetric,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from nn.metrics.base import FunctionMetric, Metric
from nn.metrics.counts import ConfusionMatrix, F1Score, Precision, Recall
from nn.metrics.detection import MeanAveragePrecision
from nn.metrics.overlap import Dice, IoU, MeanIoU
from nn.metrics.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    R2Score,
    RootMeanSquaredError,
)
from nn.module.names import look_up, plain

METRICS: dict[str, type[Metric]] = {
    "acc": Accuracy,
    "accuracy": Accuracy,
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "confusion_matrix": ConfusionMatrix,
    "dice": Dice,
    "f1": F1Score,
    "f1_score": F1Score,
    "io_u": IoU,
    "iou": IoU,
    "mae": MeanAbsoluteError,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_average_precision": MeanAveragePrecision,
    "mean_io_u": MeanIoU,
    "mean_iou": MeanIoU,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "precision": Precision,
    "r2": R2Score,
    "r2_score": R2Score,
    "recall": Recall,
    "rmse": RootMeanSquaredError,
    "root_mean_squared_error": RootMeanSquaredError,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
    "sparse_top_k_categorical_accuracy": SparseTopKCategoricalAccuracy,
    "top_k_categorical_accuracy": TopKCategoricalAccuracy,
}
_CUT = (BinaryAccuracy, ConfusionMatrix)  # those that cut outputs at a threshold


def get(metric: Any, loss: Any = None) -> Metric:
    """A metric by name, class, function of (y_true, y_pred), or the metric itself.

    A metric by name is called by that name. It follows the loss: where that takes logits, such as
    BCEWithLogitsLoss, yes and no are cut at 0 instead of 0.5; classes lie where it has them, and
    labels that it ignores do not count.

    >>> import nn
    >>> nn.metrics.get("accuracy")
    Accuracy(name='accuracy')
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, str):
        name: str | None = metric
        kind: Any = look_up("metric", metric, METRICS)
    elif isinstance(metric, type) and issubclass(metric, Metric):
        kind, name = metric, None
    elif callable(metric):
        return FunctionMetric(metric)
    else:
        raise ArgumentTypeError(
            "a metric is a name, such as 'accuracy', an nn.metrics object, or a function of "
            f"(y_true, y_pred), got {type(metric).__name__}"
        )
    _check_loss(kind, loss)
    options: dict[str, Any] = {"name": name}
    if type(loss).__name__ == "BCEWithLogitsLoss":
        if kind is Accuracy:
            options["logits"] = True
        elif issubclass(kind, _CUT):
            options["threshold"] = 0.0
    made: Metric = kind(**options)
    if isinstance(made, (ClassMetric, ConfusionMatrix)) and isinstance(loss, Loss):
        made.axis = getattr(loss, "dim", None)
        made.ignore_index = getattr(loss, "ignore_index", None)
    return made


def higher_is_better(name: str) -> bool | None:
    """Whether more of what a name means is better; None for a name that is not known here."""
    if name == "loss":
        return False
    kinds = {known: kind for known, kind in METRICS.items() if plain(known) == plain(name)}
    return next((kind.higher_is_better for kind in kinds.values()), None)


def _check_loss(kind: type[Metric], loss: Any) -> None:
    """Raise ValueError for a metric of classes beside a loss of numbers."""
    of_numbers = type(loss).__name__ in ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss")
    if of_numbers and issubclass(kind, (SparseCategoricalAccuracy, SparseTopKCategoricalAccuracy)):
        raise ArgumentError(
            f"{kind.__name__} is of class labels, and {type(loss).__name__} compares numbers"
        )
