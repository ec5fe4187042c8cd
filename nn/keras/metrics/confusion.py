"""Yes and no at thresholds: what was called right and wrong, and the rates that follow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ArgumentError, ShapeError
from nn.keras.backend import epsilon, floatx
from nn.keras.losses.pairs import same_rank
from nn.keras.metrics.base import Metric, Result, arrays, quotient

__all__ = [
    "Counts", "FalseNegatives", "FalsePositives", "Precision", "PrecisionAtRecall", "Recall",
    "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity", "TrueNegatives",
    "TruePositives",
]  # fmt: skip

_LOWEST = -1e10  # what Keras puts for outputs that are not among the k best


class Confusion(NamedTuple):
    """True and false positives, false and true negatives, at each threshold."""

    tp: Any
    fp: Any
    fn: Any
    tn: Any


class Counts(Metric):
    """Base of metrics of yes and no: it counts at each threshold what was called yes, and is."""

    _direction: str | None = "up"
    _counts: Any  # [tp, fp, positives, negatives], each (thresholds,) or (thresholds, labels)

    def __init__(
        self,
        thresholds: Any,
        name: str | None,
        dtype: Any,
        top_k: int | None = None,
        class_id: int | None = None,
    ) -> None:
        self._cuts = np.atleast_1d(np.asarray(thresholds, floatx()))
        self._even = _are_even(self._cuts)
        self.top_k, self.class_id = top_k, class_id
        super().__init__(dtype, name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred, y_true = same_rank(*arrays(y_pred, y_true))
        weight = np.ones(1, y_pred.dtype)
        if sample_weight is not None:
            weight = arrays(sample_weight)[0][..., None]
            weight = weight[..., 0] if weight.ndim == y_true.ndim + 1 else weight
        if self.top_k is not None:
            y_pred = _best(y_pred, self.top_k)
        if self.class_id is not None:
            if y_pred.ndim == 1:
                raise ShapeError(f"{self.name}: class_id needs outputs (N, C), got {y_pred.shape}")
            y_true = y_true[..., self.class_id, None]
            y_pred = y_pred[..., self.class_id, None]
        self._count(y_true.astype(bool), y_pred, np.broadcast_to(weight, y_pred.shape))

    def _count(self, y_true: Any, y_pred: Any, weight: Any) -> None:
        found = self._at_all_cuts(y_true.ravel(), y_pred.ravel(), weight.ravel())
        self._counts = found if self._counts is None else self._counts + found

    def _at_all_cuts(self, y_true: Any, y_pred: Any, weight: Any) -> Any:
        """True and false positives by threshold, and all that are positive and negative."""
        last = self._last_below(y_pred)
        counted = last >= 0
        size = len(self._cuts)
        rows = []
        for kind in (y_true, ~y_true):
            part = np.bincount(
                last[counted & kind], weight[counted & kind].astype(np.float64), minlength=size
            )
            rows.append(np.cumsum(part[::-1])[::-1])
        rows += [np.full(size, weight[kind].sum(dtype=np.float64)) for kind in (y_true, ~y_true)]
        if not self._even:  # the cuts were sorted
            rows[:2] = [row[np.argsort(np.argsort(self._cuts))] for row in rows[:2]]
        return np.stack(rows)

    def _last_below(self, y_pred: Any) -> Any:
        """The number of the highest threshold below each output; −1 for none."""
        if not self._even:
            return np.searchsorted(np.sort(self._cuts), y_pred, side="left") - 1
        # As Keras finds it, so that what lies at a threshold falls to the same side.
        one = y_pred.dtype.type(len(self._cuts) - 1)
        found = np.ceil(np.clip(y_pred, 0, 1) * one).astype(np.int64) - 1
        return np.maximum(found, 0) if self._cuts[0] < 0 else found

    @property
    def confusion(self) -> Confusion:
        """The counts so far."""
        if self._counts is None:
            return Confusion(*np.zeros((4, len(self._cuts))))
        tp, fp, positive, negative = self._counts
        return Confusion(tp, fp, positive - tp, negative - fp)

    def reset_state(self) -> None:
        self._counts = None
        super().reset_state()

    def _shown(self, values: Any) -> Any:
        return Result(values[0]) if len(self._cuts) == 1 else values


def _are_even(cuts: Any) -> bool:
    even = np.linspace(0, 1, len(cuts))
    return len(cuts) > 2 and np.allclose(cuts, even, atol=max(epsilon(), 2e-7))


def _best(y_pred: Any, k: int) -> Any:
    order = np.argsort(-y_pred, axis=-1, kind="stable")[..., :k]
    best = np.zeros(y_pred.shape, bool)
    np.put_along_axis(best, order, True, axis=-1)
    return np.where(best, y_pred, y_pred.dtype.type(_LOWEST))


def _thresholds(name: str, given: Any, top_k: int | None = None) -> Any:
    if given is None:
        return 0.5 if top_k is None else _LOWEST
    for cut in given if isinstance(given, (list, tuple)) else [given]:
        if cut is None or not 0 <= cut <= 1:
            raise ArgumentError(f"{name}: thresholds lie between 0 and 1, got {given}")
    return given


class _Kind(Counts):
    """Base of the four counts."""

    _direction = None
    _field: str

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        self.thresholds = thresholds
        super().__init__(_thresholds(type(self).__name__, thresholds), name, dtype)

    def result(self) -> Any:
        return self._shown(getattr(self.confusion, self._field))


class TruePositives(_Kind):
    """How many were called yes, and are.

    >>> from nn import keras
    >>> keras.metrics.TruePositives()([0, 1, 1], [0.9, 0.8, 0.1])
    1.0
    """

    _field = "tp"


class FalsePositives(_Kind):
    """How many were called yes, and are not."""

    _field = "fp"


class FalseNegatives(_Kind):
    """How many were called no, and are yes."""

    _field = "fn"


class TrueNegatives(_Kind):
    """How many were called no, and are."""

    _field = "tn"


class _Rate(Counts):
    """Base of precision and recall."""

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.thresholds = thresholds
        cuts = _thresholds(type(self).__name__, thresholds, top_k)
        super().__init__(cuts, name, dtype, top_k, class_id)


class Precision(_Rate):
    """The share of what was called yes that is.

    >>> from nn import keras
    >>> keras.metrics.Precision()([0, 1, 1], [0.9, 0.8, 0.1])
    0.5
    """

    def result(self) -> Any:
        c = self.confusion
        return self._shown(quotient(c.tp, c.tp + c.fp))


class Recall(_Rate):
    """The share of what is yes that was called so.

    >>> from nn import keras
    >>> keras.metrics.Recall()([0, 1, 1], [0.9, 0.8, 0.1])
    0.5
    """

    def result(self) -> Any:
        c = self.confusion
        return self._shown(quotient(c.tp, c.tp + c.fn))


class _At(Counts):
    """Base of the best of one rate where another is at least `value`."""

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        kind = type(self).__name__
        if not 0 <= value <= 1:
            raise ArgumentError(f"{kind}: the bound lies between 0 and 1, got {value}")
        if num_thresholds < 1:
            raise ArgumentError(f"{kind}: num_thresholds is at least 1, got {num_thresholds}")
        self.value, self.num_thresholds = value, num_thresholds
        cuts = [0.5] if num_thresholds == 1 else np.linspace(0, 1, num_thresholds)
        super().__init__(cuts, name, dtype, class_id=class_id)

    def _rates(self, c: Confusion) -> tuple[Any, Any]:
        """The rate that is bound, and that whose best is sought."""
        raise NotImplementedError

    def result(self) -> Any:
        bound, sought = self._rates(self.confusion)
        return Result(np.max(np.where(bound >= self.value, sought, 0.0)))


class SensitivityAtSpecificity(_At):
    """The best sensitivity where the specificity is at least that."""

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.specificity = specificity
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def _rates(self, c: Confusion) -> tuple[Any, Any]:
        return quotient(c.tn, c.tn + c.fp), quotient(c.tp, c.tp + c.fn)


class SpecificityAtSensitivity(_At):
    """The best specificity where the sensitivity is at least that."""

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.sensitivity = sensitivity
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def _rates(self, c: Confusion) -> tuple[Any, Any]:
        return quotient(c.tp, c.tp + c.fn), quotient(c.tn, c.tn + c.fp)


class PrecisionAtRecall(_At):
    """The best precision where the recall is at least that."""

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.recall = recall
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def _rates(self, c: Confusion) -> tuple[Any, Any]:
        return quotient(c.tp, c.tp + c.fn), quotient(c.tp, c.tp + c.fp)


class RecallAtPrecision(_At):
    """The best recall where the precision is at least that."""

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.precision = precision
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def _rates(self, c: Confusion) -> tuple[Any, Any]:
        return quotient(c.tp, c.tp + c.fp), quotient(c.tp, c.tp + c.fn)
