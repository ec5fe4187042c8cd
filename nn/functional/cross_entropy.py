"""Cross-entropy of logits: class indices or probabilities as targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.diagnose import here
from autograd.errors import DTypeError, ShapeError
from autograd.op import Array, op
from autograd.samples import draw, sample, samples
from nn.functional.reduction import check_reduction

__all__ = ["cross_entropy"]


@op(
    "one-hot t",
    samples=samples(
        lambda: sample(np.array([0, 2, 1, 2]), num_classes=3),
        lambda: sample(np.array([], int), num_classes=2, label="empty"),
    ),
    reference=lambda target, num_classes: np.eye(num_classes, dtype=bool)[target],
)
def _one_hot(target: Array, /, num_classes: int) -> Array:
    """True where the class is the label: (N,) -> (N, C). Booleans leave the dtype to the others."""
    return np.expand_dims(target, 1) == np.arange(num_classes)


def d_cross_entropy_x(g: Array, x: Array, target: Array) -> Array:
    return np.expand_dims(g, 1) * (ag.softmax(x, axis=1) - _one_hot(target, x.shape[1]))


@op(
    "−log softmax(x)ₜ",
    x=d_cross_entropy_x,
    samples=samples(
        lambda: sample(draw(4, 3), np.array([0, 2, 1, 2])),
        lambda: sample(draw(2, 1), np.array([0, 0]), label="one class"),
        lambda: sample(draw(0, 3), np.array([], int), label="empty"),
        lambda: sample(draw(2, 3, low=-200, high=200), np.array([0, 1]), label="large logits"),
    ),
    reference=lambda x, target: np.array(
        [
            math.log(math.fsum(math.exp(v - row[t]) for v in row))
            for row, t in zip(x, target, strict=True)
        ]
    ),
)
def _cross_entropy(x: Array, target: Array, /) -> Array:
    """-log softmax(x) at the label, for each row: (N, C) and (N,) integers -> (N,)."""
    shifted = x - np.max(x, axis=1, keepdims=True)
    chosen = shifted[np.arange(target.shape[0]), target]
    return np.log(np.sum(np.exp(shifted), axis=1)) - chosen


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-log softmax(input) at the labels, reduced; the softmax is over the classes, axis 1.

    `input` holds logits (N, C), (N, C, d1, ...) or (C,). `target` holds class indices, integers of
    the shape of the input without C, or probabilities, floats of the shape of the input. `weight`
    (C,) weighs the classes, and the mean over class indices is the weighted mean. Labels equal to
    `ignore_index` do not count.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.cross_entropy(ag.Tensor([[0.0, 0.0], [2.0, 2.0]]), ag.Tensor([0, 1]))
    Tensor(0.6931472, dtype=float32)
    """
    check_reduction(reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"label_smoothing must lie between 0 and 1, got {label_smoothing}")
    shape = np.shape(input)
    if not shape:
        raise ShapeError(f"cross_entropy: input is a scalar; it needs an axis of classes{here()}")
    target = target if isinstance(target, Tensor) else ag.asarray(target)
    classes = shape[0] if len(shape) == 1 else shape[1]
    weight = _class_weight(weight, classes)
    logits = _rows(input, classes)
    if target.dtype.kind == "f":
        _check_probabilities(target, shape, classes)
        smooth = _rows(target, classes) * (1 - label_smoothing) + label_smoothing / classes
        losses = _soft_losses(logits, smooth, weight)
        return _reduced(
            losses, losses.shape[0], (*shape[:1], *shape[2:])[: len(shape) - 1], reduction
        )
    labels, counted = _labels(target, shape, classes, ignore_index)
    factor = _factor(labels, counted, weight, logits.dtype)
    if label_smoothing:
        one_hot = _one_hot(labels, classes).astype(logits.dtype)
        smooth = one_hot * (1 - label_smoothing) + label_smoothing / classes
        losses = _soft_losses(logits, smooth, weight)
        losses = losses if counted is None else losses * counted.astype(logits.dtype)
    else:
        losses = _cross_entropy(logits, labels)
        losses = losses if factor is None else losses * factor
    return _reduced(
        losses, len(labels) if factor is None else factor.sum(), target.shape, reduction
    )


def _reduced(losses: Any, total: Any, shape: tuple[int, ...], reduction: str) -> Any:
    if reduction == "none":
        return ag.reshape(losses, shape)
    if reduction == "sum":
        return ag.sum(losses)
    if total == 0:
        raise ValueError(
            "cross_entropy: the mean over no labels: the batch is empty, all labels are "
            f"ignore_index, or all their weights are 0.\n  reduction='sum' gives 0 here.{here()}"
        )
    return ag.mean(losses) if type(total) is int else ag.sum(losses) / total


def _rows(x: Any, classes: int) -> Any:
    """(N, C, d1, ...) or (C,) as rows of classes."""
    if x.ndim == 2:
        return x
    if x.ndim > 2:
        x = ag.permute_dims(x, (0, *range(2, x.ndim), 1))
    return ag.reshape(x, (math.prod(x.shape[:-1]), classes))


def _soft_losses(logits: Any, smooth: Any, weight: Any) -> Any:
    """-Σ q log softmax(x) over the classes."""
    weighted = smooth if weight is None else smooth * weight.astype(logits.dtype)
    return -ag.sum(weighted * ag.log_softmax(logits, axis=1), axis=1)


def _factor(labels: Any, counted: Any, weight: Any, dtype: Any) -> Any:
    """What each label counts, or None if all count alike."""
    if weight is None:
        return None if counted is None else counted.astype(dtype)
    chosen = weight[labels].astype(dtype)
    return chosen if counted is None else chosen * counted


def _class_weight(weight: Any, classes: int) -> Any:
    if weight is None:
        return None
    weight = np.asarray(weight)
    if weight.shape != (classes,):
        raise ShapeError(
            f"cross_entropy: weight is {weight.shape}; for {classes} classes it must be "
            f"({classes},){here()}"
        )
    return weight


def _labels(
    target: Tensor, shape: tuple[int, ...], classes: int, ignore_index: int
) -> tuple[Any, Any]:
    """The labels in one row, those to ignore replaced by 0, and which count (None: all)."""
    expected = () if len(shape) == 1 else (shape[0], *shape[2:])
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"cross_entropy: labels are class indices (integers) or probabilities (floats), not "
            f"{target.dtype}{here()}"
        )
    if target.shape != expected:
        raise ShapeError(
            f"cross_entropy: input is {shape}, so class indices must be {expected}; target is "
            f"{target.shape}{here()}"
        )
    labels = np.reshape(target._value, -1)
    all_valid = not labels.size or (labels.min() >= 0 and labels.max() < classes)
    if all_valid and not 0 <= ignore_index < classes:
        return labels, None
    counted = labels != ignore_index
    if counted.all():
        counted = None
    else:
        labels = np.where(counted, labels, 0)
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if wrong.size:
        place = tuple(int(i) for i in np.unravel_index(wrong[0], target.shape))
        shown = ", ".join(map(str, place))
        raise ValueError(
            f"cross_entropy: label {labels[wrong[0]]} at target[{shown}] is out of range: input is "
            f"{shape}, so there are {classes} classes, 0 to {classes - 1}{here()}"
        )
    return labels, counted


def _check_probabilities(target: Tensor, shape: tuple[int, ...], classes: int) -> None:
    if target.shape != shape:
        raise DTypeError(
            f"cross_entropy: target is {target.shape} {target.dtype} and input is {shape}: class "
            "indices must be integers, and probabilities have the shape of the input.\n"
            f"  For class indices write target.astype('int64').{here()}"
        )
    value = target._value
    sums = value.sum(axis=0 if len(shape) == 1 else 1)
    # half of the digits: room for rounding over many classes, none for labels of another kind
    tolerance = math.sqrt(np.finfo(target.dtype).eps)
    if value.size and (value.min() < 0 or np.abs(sums - 1).max() > tolerance):
        raise ValueError(
            "cross_entropy: the target is floating and has the shape of the input, so it must hold "
            f"probabilities: none negative, each sum over the {classes} classes 1; the least is "
            f"{value.min():.4g}, the sums go from {sums.min():.4g} to {sums.max():.4g}{here()}"
        )
