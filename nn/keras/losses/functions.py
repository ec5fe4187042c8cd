"""Losses as functions of (y_true, y_pred): one number for each example, not yet joined."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from nn.keras.backend import epsilon, tensor
from nn.keras.losses.pairs import comparable, predicted

__all__ = [
    "categorical_hinge", "circle", "cosine_similarity", "dice", "hinge", "huber", "kl_divergence",
    "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error",
    "mean_squared_logarithmic_error", "poisson", "squared_hinge", "tversky",
]  # fmt: skip


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (y_true − y_pred)² over the last axis.

    >>> from nn import keras
    >>> keras.losses.mean_squared_error([[0.0, 2.0]], [[1.0, 0.0]])
    Tensor([2.5], dtype=float32)
    """
    y_true, y_pred = comparable(y_true, y_pred)
    return ag.mean(ag.square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_true − y_pred| over the last axis."""
    y_true, y_pred = comparable(y_true, y_pred)
    return ag.mean(ag.abs(y_true - y_pred), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of 100·|1 − y_pred/y_true| over the last axis; y_true near 0 counts as epsilon."""
    y_true, y_pred = comparable(y_true, y_pred)
    size = ag.maximum(ag.abs(y_true), epsilon())
    return 100.0 * ag.mean(ag.abs((y_true - y_pred) / size), axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (log(1 + y_true) − log(1 + y_pred))² over the last axis, of values from 0 on."""
    y_true, y_pred = comparable(y_true, y_pred)
    one, two = (ag.log(ag.maximum(y, epsilon()) + 1.0) for y in (y_pred, y_true))
    return ag.mean(ag.square(one - two), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Half the square of the error up to `delta`, and a straight line beyond it; its mean.

    >>> from nn import keras
    >>> keras.losses.huber([[0.0, 0.0]], [[1.0, 3.0]])
    Tensor([1.5], dtype=float32)
    """
    y_true, y_pred = comparable(y_true, y_pred)
    error = y_pred - y_true
    size = ag.abs(error)
    line = delta * size - 0.5 * delta * delta
    return ag.mean(ag.where(size <= delta, 0.5 * ag.square(error), line), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """The mean of log cosh(y_pred − y_true) over the last axis."""
    y_true, y_pred = comparable(y_true, y_pred)
    error = y_pred - y_true
    return ag.mean(error + ag.softplus(-2.0 * error) - math.log(2.0), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """The mean of y_pred − y_true·log(y_pred) over the last axis."""
    y_true, y_pred = comparable(y_true, y_pred)
    return ag.mean(y_pred - y_true * ag.log(y_pred + epsilon()), axis=-1)


def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """Σ y_true·log(y_true/y_pred) over the last axis, of probabilities cut to epsilon … 1."""
    y_true, y_pred = (ag.clip(y, epsilon(), 1) for y in comparable(y_true, y_pred))
    return ag.sum(y_true * ag.log(y_true / y_pred), axis=-1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """−cos of the angle between y_true and y_pred: −1 where they point the same way.

    >>> from nn import keras
    >>> keras.losses.cosine_similarity([[3.0, 4.0]], [[6.0, 8.0]]).tolist()
    [-1.0]
    """
    y_true, y_pred = (_unit(y, axis) for y in comparable(y_true, y_pred))
    return -ag.sum(y_true * y_pred, axis=axis)


def _unit(x: Any, axis: int) -> Any:
    squares = ag.sum(ag.square(x), axis=axis, keepdims=True)
    return x / ag.sqrt(ag.maximum(squares, 1e-12))


def _signs(y_true: Any) -> Any:
    """Labels −1 and 1, for labels 0 and 1 too."""
    binary = ag.all(ag.logical_or(y_true == 0, y_true == 1))
    return ag.where(binary, 2.0 * y_true - 1.0, y_true)


def hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(1 − y_true·y_pred, 0) over the last axis; labels 0 and 1 count as −1 and 1.

    >>> from nn import keras
    >>> keras.losses.hinge([[1.0, 0.0]], [[0.5, 0.5]])
    Tensor([1.], dtype=float32)
    """
    y_true, y_pred = comparable(y_true, y_pred)
    return ag.mean(ag.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(1 − y_true·y_pred, 0)² over the last axis."""
    y_true, y_pred = comparable(y_true, y_pred)
    return ag.mean(ag.square(ag.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """How far the best wrong class comes within 1 of the right one."""
    y_true, y_pred = comparable(y_true, y_pred)
    right = ag.sum(y_true * y_pred, axis=-1)
    wrong = ag.max((1.0 - y_true) * y_pred, axis=-1)
    return ag.maximum(wrong - right + 1.0, 0.0)


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """1 − 2·|A ∩ B| / (|A| + |B|), over all axes or those given.

    Source: Dice, Measures of the amount of ecologic association between species (1945).
    """
    y_true, y_pred = comparable(y_true, y_pred)
    axis = tuple(axis) if isinstance(axis, list) else axis
    both = ag.sum(y_true * y_pred, axis=axis)
    sizes = ag.sum(y_true, axis=axis) + ag.sum(y_pred, axis=axis)
    return 1 - 2.0 * both / (sizes + epsilon())


def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None
) -> Any:
    """1 − |A ∩ B| / (|A ∩ B| + alpha·|A \\ B| + beta·|B \\ A|).

    Source: Salehi, Erdogmus and Gholipour, Tversky loss function for image segmentation (2017).
    """
    y_true, y_pred = comparable(y_true, y_pred)
    axis = tuple(axis) if isinstance(axis, list) else axis
    both = ag.sum(y_true * y_pred, axis=axis)
    only_true = ag.sum((1 - y_pred) * y_true, axis=axis)
    only_pred = ag.sum(y_pred * (1 - y_true), axis=axis)
    return 1 - both / (both + alpha * only_true + beta * only_pred + epsilon())


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """The circle loss of unit embeddings (N, D) with labels (N,).

    Source: Sun et al., Circle loss: a unified perspective of pair similarity optimization (2020).
    """
    y_pred = predicted(y_pred)
    labels = np.asarray(tensor(y_true)).astype(np.int64).reshape(-1, 1)
    others = y_pred if ref_embeddings is None else predicted(ref_embeddings)
    theirs = labels if ref_labels is None else np.asarray(tensor(ref_labels)).reshape(-1, 1)
    far = ag.maximum(1 - y_pred @ others.mT, 0.0)
    same = labels == theirs.T
    differs = ~same
    if remove_diagonal:
        same = same & (np.eye(*same.shape) == 0)
    near = -gamma * ag.maximum(margin + far, 0.0) * (margin - far)
    apart = gamma * ag.maximum(1 + margin - far, 0.0) * (1 - margin - far)
    one = ag.logsumexp(ag.where(same, near, -math.inf), axis=1)
    two = ag.logsumexp(ag.where(differs, apart, -math.inf), axis=1)
    return ag.softplus(one + two)
