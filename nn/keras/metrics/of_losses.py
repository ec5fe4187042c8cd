"""Losses as metrics: the mean of a function of keras.losses over the examples."""

from __future__ import annotations

from typing import Any

from nn.keras import losses
from nn.keras.losses.probabilities import counted_labels
from nn.keras.metrics.base import MeanMetricWrapper, arrays

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "Hinge", "KLDivergence",
    "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
]  # fmt: skip


class _OfLoss(MeanMetricWrapper):
    """Base: a subclass names its function, and by default is called as that is."""

    _direction = "down"
    _function: Any

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(type(self)._function, name or type(self)._function.__name__, dtype)


class MeanSquaredError(_OfLoss):
    """The mean of (y_true − y_pred)².

    >>> from nn import keras
    >>> keras.metrics.MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]])
    2.0
    """

    _function = staticmethod(losses.mean_squared_error)


class MeanAbsoluteError(_OfLoss):
    """The mean of |y_true − y_pred|."""

    _function = staticmethod(losses.mean_absolute_error)


class MeanAbsolutePercentageError(_OfLoss):
    """The mean of 100·|1 − y_pred/y_true|."""

    _function = staticmethod(losses.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(_OfLoss):
    """The mean of (log(1 + y_true) − log(1 + y_pred))²."""

    _function = staticmethod(losses.mean_squared_logarithmic_error)


class LogCoshError(_OfLoss):
    """The mean of log cosh(y_pred − y_true)."""

    _function = staticmethod(losses.log_cosh)

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(name, dtype)


class Hinge(_OfLoss):
    """The mean of max(1 − y_true·y_pred, 0)."""

    _function = staticmethod(losses.hinge)


class SquaredHinge(_OfLoss):
    """The mean of max(1 − y_true·y_pred, 0)²."""

    _function = staticmethod(losses.squared_hinge)


class CategoricalHinge(_OfLoss):
    """How far the best wrong class comes within 1 of the right one."""

    _function = staticmethod(losses.categorical_hinge)


class KLDivergence(_OfLoss):
    """Σ y_true·log(y_true/y_pred)."""

    _function = staticmethod(losses.kl_divergence)


class Poisson(_OfLoss):
    """The mean of y_pred − y_true·log(y_pred)."""

    _function = staticmethod(losses.poisson)


class BinaryCrossentropy(MeanMetricWrapper):
    """Crossentropy of yes and no."""

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(losses.binary_crossentropy, name, dtype, **options)


class CategoricalCrossentropy(MeanMetricWrapper):
    """Crossentropy of classes, of one-hot y_true."""

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name, dtype, **options)


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Crossentropy of classes, of y_true as whole numbers; `ignore_class` does not count."""

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, **options)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        ignored = self.options["ignore_class"]
        if ignored is not None and sample_weight is not None:  # else Keras lets it count as 0
            y_pred = arrays(y_pred)[0]
            mask = counted_labels(y_true, ignored, y_pred, self.options["axis"]) * 1.0
            weight = arrays(sample_weight)[0]
            sample_weight = mask * weight[(...,) + (None,) * (mask.ndim - weight.ndim)]
        super().update_state(y_true, y_pred, sample_weight)
