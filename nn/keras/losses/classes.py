"""Losses as objects: a function of the chapter, its options, and how its numbers are joined."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.extend import raw
from nn.keras.losses import functions, probabilities
from nn.keras.losses.base import NamedLoss
from nn.keras.losses.probabilities import counted_labels

__all__ = [
    "CTC", "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "CategoricalHinge",
    "Circle", "CosineSimilarity", "Dice", "Hinge", "Huber", "KLDivergence", "LogCosh",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "Tversky",
]  # fmt: skip

Reduction = str | None
MEAN = "sum_over_batch_size"


class MeanSquaredError(NamedLoss):
    """The mean of (y_true − y_pred)².

    >>> from nn import keras
    >>> keras.losses.MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]], sample_weight=[1.0, 0.5])
    Tensor(2., dtype=float32)
    """

    function = staticmethod(functions.mean_squared_error)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class MeanAbsoluteError(NamedLoss):
    """The mean of |y_true − y_pred|."""

    function = staticmethod(functions.mean_absolute_error)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class MeanAbsolutePercentageError(NamedLoss):
    """The mean of 100·|1 − y_pred/y_true|."""

    function = staticmethod(functions.mean_absolute_percentage_error)

    def __init__(
        self,
        reduction: Reduction = MEAN,
        name: str = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)


class MeanSquaredLogarithmicError(NamedLoss):
    """The mean of (log(1 + y_true) − log(1 + y_pred))²."""

    function = staticmethod(functions.mean_squared_logarithmic_error)

    def __init__(
        self,
        reduction: Reduction = MEAN,
        name: str = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)


class CosineSimilarity(NamedLoss):
    """−cos of the angle between y_true and y_pred along an axis: −1 where they agree."""

    function = staticmethod(functions.cosine_similarity)

    def __init__(
        self,
        axis: int = -1,
        reduction: Reduction = MEAN,
        name: str = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, axis=axis)


class Huber(NamedLoss):
    """Half the square of the error up to `delta`, and a straight line beyond it."""

    function = staticmethod(functions.huber)

    def __init__(
        self,
        delta: float = 1.0,
        reduction: Reduction = MEAN,
        name: str = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, delta=delta)


class LogCosh(NamedLoss):
    """The mean of log cosh(y_pred − y_true)."""

    function = staticmethod(functions.log_cosh)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "log_cosh", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class Hinge(NamedLoss):
    """The mean of max(1 − y_true·y_pred, 0), of labels −1 and 1, or 0 and 1."""

    function = staticmethod(functions.hinge)

    def __init__(self, reduction: Reduction = MEAN, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(reduction, name, dtype)


class SquaredHinge(NamedLoss):
    """The mean of max(1 − y_true·y_pred, 0)²."""

    function = staticmethod(functions.squared_hinge)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "squared_hinge", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class CategoricalHinge(NamedLoss):
    """How far the best wrong class comes within 1 of the right one."""

    function = staticmethod(functions.categorical_hinge)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "categorical_hinge", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class KLDivergence(NamedLoss):
    """Σ y_true·log(y_true/y_pred), of probabilities."""

    function = staticmethod(functions.kl_divergence)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "kl_divergence", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class Poisson(NamedLoss):
    """The mean of y_pred − y_true·log(y_pred)."""

    function = staticmethod(functions.poisson)

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "poisson", dtype: Any = None
    ) -> None:
        super().__init__(reduction, name, dtype)


class BinaryCrossentropy(NamedLoss):
    """Crossentropy of yes and no, of probabilities or (`from_logits`) of logits.

    >>> from nn import keras
    >>> keras.losses.BinaryCrossentropy(from_logits=True)([[1.0]], [[0.0]])
    Tensor(0.6931472, dtype=float32)
    """

    function = staticmethod(probabilities.binary_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = MEAN,
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(reduction, name, dtype, **options)


class BinaryFocalCrossentropy(NamedLoss):
    """`BinaryCrossentropy` in which easy answers count less, by (1 − p)^gamma."""

    function = staticmethod(probabilities.binary_focal_crossentropy)

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = MEAN,
        name: str = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        balance = {"apply_class_balancing": apply_class_balancing, "alpha": alpha, "gamma": gamma}
        super().__init__(reduction, name, dtype, **balance, **options)


class CategoricalCrossentropy(NamedLoss):
    """Crossentropy of classes, of one-hot rows or probabilities."""

    function = staticmethod(probabilities.categorical_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = MEAN,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(reduction, name, dtype, **options)


class CategoricalFocalCrossentropy(NamedLoss):
    """`CategoricalCrossentropy` in which easy answers count less."""

    function = staticmethod(probabilities.categorical_focal_crossentropy)

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = MEAN,
        name: str = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(reduction, name, dtype, alpha=alpha, gamma=gamma, **options)


class SparseCategoricalCrossentropy(NamedLoss):
    """Crossentropy of classes that are whole numbers; those that are `ignore_class` do not count.

    >>> from nn import keras
    >>> keras.losses.SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [1.0, 0.0]])
    Tensor(0.34657365, dtype=float32)
    """

    function = staticmethod(probabilities.sparse_categorical_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: Reduction = MEAN,
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(reduction, name, dtype, **options)

    def _joined(self, mask: Any, losses: Any, y_true: Any, y_pred: Any) -> Any:
        ignored = self.options["ignore_class"]
        if ignored is None:
            return mask
        return _both(mask, counted_labels(y_true, ignored, y_pred, self.options["axis"]))


class CTC(NamedLoss):
    """The CTC loss of logits (N, T, C) for labels (N, L); 0 is the blank."""

    function = staticmethod(probabilities.ctc)

    def __init__(self, reduction: Reduction = MEAN, name: str = "ctc", dtype: Any = None) -> None:
        super().__init__(reduction, name, dtype)


class Dice(NamedLoss):
    """1 − 2·|A ∩ B| / (|A| + |B|)."""

    function = staticmethod(functions.dice)

    def __init__(
        self,
        reduction: Reduction = MEAN,
        name: str = "dice",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, axis=axis)


class Tversky(NamedLoss):
    """`Dice` that weighs what is missed by alpha and what is too much by beta."""

    function = staticmethod(functions.tversky)

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: Reduction = MEAN,
        name: str = "tversky",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


class Circle(NamedLoss):
    """The circle loss of unit embeddings with their labels."""

    function = staticmethod(functions.circle)

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: Reduction = MEAN,
        name: str = "circle",
        dtype: Any = None,
    ) -> None:
        options = {"gamma": gamma, "margin": margin, "remove_diagonal": remove_diagonal}
        super().__init__(reduction, name, dtype, **options)

    def _joined(self, mask: Any, losses: Any, y_true: Any, y_pred: Any) -> Any:
        return _both(mask, np.asarray(raw(losses)) > 0)  # what has nobody of its class counts not


class CategoricalGeneralizedCrossEntropy(NamedLoss):
    """(1 − p^q)/q at the class that is, which stands wrong labels better than crossentropy."""

    function = staticmethod(probabilities.categorical_generalized_cross_entropy)

    def __init__(
        self,
        q: float = 0.5,
        reduction: Reduction = MEAN,
        name: str = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ArgumentError(
                f"CategoricalGeneralizedCrossEntropy: q is between 0 and 1, got {q}"
            )
        super().__init__(reduction, name, dtype, q=q)


def _both(mask: Any, own: Any) -> Any:
    return own if mask is None else own & np.asarray(raw(mask)).astype(bool)
