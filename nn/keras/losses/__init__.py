"""keras.losses: losses as Keras computes them, functions of (y_true, y_pred) and objects."""

from __future__ import annotations

from typing import Any

from nn.keras.engine.old_names import with_old_names
from nn.keras.identifiers import chapter
from nn.keras.losses.base import Loss, LossFunctionWrapper
from nn.keras.losses.classes import (
    CTC,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    Circle,
    CosineSimilarity,
    Dice,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
    Tversky,
)
from nn.keras.losses.functions import (
    categorical_hinge,
    circle,
    cosine_similarity,
    dice,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    squared_hinge,
    tversky,
)
from nn.keras.losses.pairs import kind_of_labels
from nn.keras.losses.probabilities import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    ctc,
    sparse_categorical_crossentropy,
)

__all__ = [
    "CTC", "KLD", "MAE", "MAPE", "MSE", "MSLE", "BinaryCrossentropy", "BinaryFocalCrossentropy",
    "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy", "CategoricalHinge", "Circle", "CosineSimilarity", "Dice",
    "Hinge", "Huber", "KLDivergence", "LogCosh", "Loss", "LossFunctionWrapper",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "Tversky", "as_loss", "binary_crossentropy", "binary_focal_crossentropy",
    "categorical_crossentropy", "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy", "categorical_hinge", "circle", "cosine_similarity",
    "ctc", "deserialize", "dice", "get", "hinge", "huber", "kl_divergence", "kld",
    "kullback_leibler_divergence", "log_cosh", "logcosh", "mae", "mape", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "mse",
    "msle", "poisson", "serialize", "sparse_categorical_crossentropy", "squared_hinge", "tversky",
]  # fmt: skip

# Keras' short names
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh

_OTHERS = ("as_loss", "deserialize", "get", "serialize")
FUNCTIONS = {n: globals()[n] for n in __all__ if n.islower() and n not in _OTHERS}
TABLE = FUNCTIONS | {"bce": binary_crossentropy} | {
    name: globals()[name] for name in __all__ if name not in FUNCTIONS and name not in _OTHERS
}  # fmt: skip

_get, serialize, deserialize = chapter("loss", TABLE)


def get(identifier: Any) -> Any:
    """What a name, a config, a class or a function stands for, as in Keras: a name in small
    letters is the function, whose losses are not yet joined; `as_loss` joins them.

    >>> from nn import keras
    >>> keras.losses.get("mse") is keras.losses.mean_squared_error
    True
    """
    return _get(identifier)


def as_loss(identifier: Any) -> Any:
    """The loss that `compile` makes of a name, a function, a class or a loss; it gives one number.

    >>> from nn import keras
    >>> keras.losses.as_loss("mse")([[0.0], [2.0]], [[0.0], [0.0]])
    Tensor(2., dtype=float32)
    """
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        return LossFunctionWrapper(_crossentropy, name=identifier)
    found = _get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    name = getattr(found, "__name__", None) or type(found).__name__
    return LossFunctionWrapper(found, name=name)


def _crossentropy(y_true: Any, y_pred: Any) -> Any:
    """The crossentropy that fits the shapes of labels and outputs."""
    kind = kind_of_labels(y_true.shape, y_pred.shape)
    by_kind: dict[str, Any] = {
        "binary": binary_crossentropy, "sparse": sparse_categorical_crossentropy,
    }  # fmt: skip
    return by_kind.get(kind, categorical_crossentropy)(y_true, y_pred)


__getattr__ = with_old_names(__name__)
