"""keras.metrics: numbers about outputs and targets, gathered batch by batch, as Keras does."""

from __future__ import annotations

from typing import Any

from nn.keras.identifiers import chapter
from nn.keras.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    kld,
    kullback_leibler_divergence,
    log_cosh,
    logcosh,
    mae,
    mape,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    mse,
    msle,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from nn.keras.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from nn.keras.metrics.auc import AUC
from nn.keras.metrics.base import Mean, MeanMetricWrapper, Metric, Sum
from nn.keras.metrics.by_shape import AccuracyByShape
from nn.keras.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from nn.keras.metrics.of_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from nn.keras.metrics.overlap import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from nn.keras.metrics.scores import (
    ConcordanceCorrelation,
    CosineSimilarity,
    F1Score,
    FBetaScore,
    PearsonCorrelation,
    R2Score,
    RootMeanSquaredError,
    concordance_correlation,
    pearson_correlation,
)
from nn.keras.naming import snake

__all__ = [
    "AUC", "KLD", "MAE", "MAPE", "MSE", "MSLE", "Accuracy", "BinaryAccuracy",
    "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy", "CategoricalCrossentropy",
    "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity", "F1Score", "FBetaScore",
    "FalseNegatives", "FalsePositives", "Hinge", "IoU", "KLDivergence", "LogCoshError", "Mean",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanIoU", "MeanMetricWrapper",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "Metric", "OneHotIoU", "OneHotMeanIoU",
    "PearsonCorrelation", "Poisson", "Precision", "PrecisionAtRecall", "R2Score", "Recall",
    "RecallAtPrecision", "RootMeanSquaredError", "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity", "SquaredHinge", "Sum",
    "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives", "as_metric", "binary_accuracy",
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_accuracy",
    "categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge",
    "concordance_correlation", "deserialize", "get", "hinge", "huber", "kl_divergence", "kld",
    "kullback_leibler_divergence", "log_cosh", "logcosh", "mae", "mape", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
    "mse", "msle", "pearson_correlation", "poisson", "serialize", "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy", "sparse_top_k_categorical_accuracy", "squared_hinge",
    "top_k_categorical_accuracy",
]  # fmt: skip

KLD, MAE, MAPE, MSE, MSLE = kld, mae, mape, mse, msle  # Keras' other spellings

LOSS_FUNCTIONS = {
    binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy,
    categorical_focal_crossentropy, categorical_hinge, hinge, huber, kl_divergence, log_cosh,
    mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
    mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy, squared_hinge,
}  # fmt: skip
CLASSES = [v for n, v in globals().copy().items() if n in __all__ and isinstance(v, type)]
TABLE: dict[str, Any] = {snake(kind.__name__): kind for kind in CLASSES}
TABLE |= {kind.__name__: kind for kind in CLASSES} | {
    "MAE": MeanAbsoluteError, "MAPE": MeanAbsolutePercentageError, "MSE": MeanSquaredError,
    "MSLE": MeanSquaredLogarithmicError, "bce": BinaryCrossentropy, "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError, "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError, "rmse": RootMeanSquaredError,
}  # fmt: skip

get, serialize, deserialize = chapter("metric", TABLE)


def as_metric(identifier: Any) -> Any:
    """The metric that `compile` makes of a name, a function, a class or a metric.

    "accuracy" (or "acc") is of yes and no, of whole numbers or of one-hot rows, by the shapes of
    the first batch. A name is the metric's own from then on.

    >>> from nn import keras
    >>> keras.metrics.as_metric("acc")
    AccuracyByShape(name='acc')
    """
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return AccuracyByShape(identifier)
    found: Any = get(identifier)
    if found is None:
        return None
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    return MeanMetricWrapper(found, getattr(found, "__name__", type(found).__name__))
