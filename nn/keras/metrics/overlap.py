"""IoU: how far the areas of classes overlap, from a confusion matrix."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from nn.keras.backend import epsilon
from nn.keras.metrics.base import Metric, Result, arrays

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]


class IoU(Metric):
    """The mean over `target_class_ids` of true positives / (all called, or of the class).

    Classes are whole numbers, or (`sparse_y_true`, `sparse_y_pred` False) the largest along `axis`.
    Pixels of the class `ignore_class` do not count.

    >>> from nn import keras
    >>> round(keras.metrics.IoU(2, [0])([0, 0, 1, 1], [0, 1, 0, 1]), 4)
    0.3333
    """

    _direction = "up"
    _matrix: Any

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        if max(target_class_ids) >= num_classes:
            raise ArgumentError(
                f"{type(self).__name__}: classes are 0 to {num_classes - 1}, and target_class_ids "
                f"has {max(target_class_ids)}"
            )
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        super().__init__(dtype or "int64", name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = arrays(y_true, y_pred)
        true = y_true if self.sparse_y_true else np.argmax(y_true, axis=self.axis)
        pred = y_pred if self.sparse_y_pred else np.argmax(y_pred, axis=self.axis)
        true, pred = true.reshape(-1).astype(np.int64), pred.reshape(-1).astype(np.int64)
        weight = self._weight(sample_weight)
        weight = np.broadcast_to(weight.reshape(-1) if weight.ndim > 1 else weight, true.shape)
        counts = (true >= 0) & (true < self.num_classes) & (pred >= 0) & (pred < self.num_classes)
        if self.ignore_class is not None:
            counts &= true != self.ignore_class
        cells = true[counts] * self.num_classes + pred[counts]
        found = np.bincount(cells, weight[counts].astype(float), self.num_classes**2)
        self._matrix += found.reshape(self.num_classes, -1)

    def _weight(self, given: Any) -> Any:
        weight = arrays(1.0 if given is None else given)[0]
        if np.issubdtype(self.dtype, np.integer) and given is not None:
            if np.any(weight != np.trunc(weight)):
                warnings.warn(
                    f"{self.name}: weights are cut to whole numbers, as in Keras; make the metric "
                    "with dtype='float32'",
                    stacklevel=4,
                )
            weight = np.trunc(weight)
        return weight

    def result(self) -> Any:
        hits = np.diag(self._matrix)
        union = self._matrix.sum(axis=0) + self._matrix.sum(axis=1) - hits
        hits, union = hits[self.target_class_ids], union[self.target_class_ids]
        there = union > 1e-9
        shares = np.where(there, hits / (union + epsilon()), 0.0)
        return Result(shares.sum() / (there.sum() + epsilon()))

    def reset_state(self) -> None:
        self._matrix = np.zeros((self.num_classes, self.num_classes))
        super().reset_state()


class BinaryIoU(IoU):
    """IoU of no (0) and yes (1), which is an output of at least `threshold`."""

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.threshold = threshold
        super().__init__(2, target_class_ids, name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(y_true, arrays(y_pred)[0] >= self.threshold, sample_weight)


class MeanIoU(IoU):
    """IoU over all classes."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true,
            sparse_y_pred, axis,
        )  # fmt: skip


class OneHotIoU(IoU):
    """IoU of one-hot y_true."""

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )


class OneHotMeanIoU(MeanIoU):
    """IoU over all classes, of one-hot y_true."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
