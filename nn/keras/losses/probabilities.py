"""Crossentropies: of yes and no, of classes, and weighed towards what is hard."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ShapeError
from autograd.extend import raw
from nn.keras.backend import epsilon, tensor
from nn.keras.losses.pairs import comparable, predicted
from nn.loss.classification import binary_cross_entropy_with_logits
from nn.loss.cross_entropy import cross_entropy
from nn.loss.ctc import ctc_loss
from nn.loss.labels import class_labels

__all__ = [
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy", "ctc",
    "sparse_categorical_crossentropy",
]  # fmt: skip


def _cut(p: Any) -> Any:
    return ag.clip(p, epsilon(), 1 - epsilon())


def _as_one_shape(name: str, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    y_true, y_pred = comparable(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        hint = ""
        if name.startswith("categorical") and y_true.ndim < y_pred.ndim:
            hint = "; for class indices there is sparse_categorical_crossentropy"
        raise ShapeError(
            f"keras.losses.{name}: y_true is {y_true.shape} and y_pred is {y_pred.shape}; they "
            f"must be the same{hint}"
        )
    return y_true, y_pred


def _smoothed(y_true: Any, smoothing: float, classes: int) -> Any:
    return y_true * (1.0 - smoothing) + smoothing / classes if smoothing else y_true


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """The mean of −y_true·log(p) − (1 − y_true)·log(1 − p) over an axis.

    Probabilities p are cut to epsilon … 1 − epsilon; `from_logits` takes what a sigmoid would be
    applied to. `label_smoothing` draws labels towards ½.

    >>> from nn import keras
    >>> keras.losses.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]])
    Tensor([0.6931472], dtype=float32)
    """
    y_true, y_pred = _as_one_shape("binary_crossentropy", y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing, 2)
    return ag.mean(elementwise_binary(y_true, y_pred, from_logits), axis=axis)


def elementwise_binary(y_true: Any, y_pred: Any, from_logits: bool) -> Any:
    """The crossentropy of yes and no, not yet joined over any axis."""
    y_true, y_pred = _as_one_shape("binary_crossentropy", y_true, y_pred)
    if from_logits:
        return binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
    p = _cut(y_pred)
    return -y_true * ag.log(p) - (1 - y_true) * ag.log(1 - p)


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`binary_crossentropy` times (1 − p)^gamma of the right answer, so that easy ones count less.

    `apply_class_balancing` weighs yes by alpha and no by 1 − alpha.

    Source: Lin et al., Focal loss for dense object detection (2017).
    """
    y_true, y_pred = _as_one_shape("binary_focal_crossentropy", y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing, 2)
    p = ag.sigmoid(y_pred) if from_logits else y_pred
    right = y_true * p + (1 - y_true) * (1 - p)
    losses = (1.0 - right) ** gamma * elementwise_binary(y_true, p, False)
    if apply_class_balancing:
        losses = losses * (y_true * alpha + (1 - y_true) * (1 - alpha))
    return ag.mean(losses, axis=axis)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """−Σ y_true·log(p) over the classes along an axis; y_true is one-hot or probabilities.

    Probabilities p are divided by their sum and cut to epsilon … 1 − epsilon.

    >>> from nn import keras
    >>> keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    Tensor([0.6931472], dtype=float32)
    """
    y_true, y_pred = _as_one_shape("categorical_crossentropy", y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing, y_true.shape[-1])
    if from_logits:
        logs = ag.log_softmax(y_pred, axis=axis)
    else:
        logs = ag.log(_cut(y_pred / ag.sum(y_pred, axis=axis, keepdims=True)))
    return -ag.sum(y_true * logs, axis=axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`categorical_crossentropy` with each class times alpha·(1 − p)^gamma."""
    y_true, y_pred = _as_one_shape("categorical_focal_crossentropy", y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing, y_true.shape[-1])
    p = ag.softmax(y_pred, axis=axis) if from_logits else y_pred
    p = _cut(p / ag.sum(p, axis=axis, keepdims=True))
    alpha = alpha if np.isscalar(alpha) else tensor(alpha, p.dtype)
    return -ag.sum(alpha * (1.0 - p) ** gamma * y_true * ag.log(p), axis=axis)


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Any:
    """−log(p) at the class y_true, a whole number; 0 where it is `ignore_class`.

    Classes lie along `axis`, which y_true lacks, or where it has the length 1.

    >>> from nn import keras
    >>> keras.losses.sparse_categorical_crossentropy([1], [[0.5, 0.5]])
    Tensor([0.6931472], dtype=float32)
    """
    y_true, y_pred = tensor(y_true), predicted(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
        y_true = ag.squeeze(y_true, axis=axis)
    labels = y_true if y_true.dtype.kind in "iu" else y_true.astype(np.int64)
    labels, counted = class_labels(
        "keras.losses.sparse_categorical_crossentropy", labels, y_pred.shape, ignore_class, axis
    )
    if from_logits:
        logits = ag.moveaxis(y_pred, axis, 1) if y_pred.ndim > 2 else y_pred
        losses = cross_entropy(logits, labels, reduction="none")
    else:
        chosen = ag.take_along_axis(y_pred, ag.expand_dims(tensor(labels), axis), axis=axis)
        total = ag.sum(y_pred, axis=axis)
        losses = -ag.log(_cut(ag.squeeze(chosen, axis=axis) / total))
    return losses if counted is None else ag.where(counted, losses, 0.0)


def counted_labels(y_true: Any, ignore_class: int, y_pred: Any, axis: int) -> Any:
    """Where a class counts: a mask of the shape of the losses."""
    labels = np.asarray(raw(tensor(y_true)))
    if labels.ndim == y_pred.ndim and labels.shape[axis] == 1:
        labels = np.squeeze(labels, axis=axis)
    return labels != ignore_class


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """(1 − p^q)/q at the class y_true: between crossentropy (q near 0) and absolute error (q = 1).

    Source: Zhang and Sabuncu, Generalized cross entropy loss for training deep neural networks
    with noisy labels (2018).
    """
    y_pred = predicted(y_pred)
    labels = tensor(y_true).astype(np.int64)
    chosen = ag.take_along_axis(y_pred, ag.expand_dims(labels, -1), axis=-1)
    return (1 - ag.squeeze(chosen, axis=-1) ** q) / q


def ctc(y_true: Any, y_pred: Any) -> Any:
    """The CTC loss of logits (N, T, C) for labels (N, L); 0 is the blank, and ends the labels.

    Source: Graves et al., Connectionist temporal classification (2006).
    """
    labels, y_pred = np.asarray(raw(tensor(y_true))), predicted(y_pred)
    if labels.ndim != 2 or y_pred.ndim != 3:
        raise ShapeError(
            f"keras.losses.ctc: y_true is (N, L) and y_pred (N, T, C), got {labels.shape} and "
            f"{y_pred.shape}"
        )
    count, length = y_pred.shape[:2]
    logs = ag.swapaxes(ag.log_softmax(y_pred, axis=-1), 0, 1)
    lengths = np.full(count, length)
    labels = labels.astype(np.int64)
    return ctc_loss(logs, labels, lengths, (labels != 0).sum(axis=-1), reduction="none")
