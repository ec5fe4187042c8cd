"""Losses that ask for a margin between classes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals, here
from autograd.engine.dtypes import in_single
from autograd.engine.modes import capturing
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import raw
from nn.loss.classification import logistic_losses
from nn.loss.labels import check_probabilities, class_labels, class_weight
from nn.loss.reduction import (
    as_floats,
    as_tensor,
    check_reduction,
    check_same_shape,
    check_signs,
    comparable,
    looks_again,
    place_of,
    reduce,
    weighted,
)


@checked
@in_single
@for_reals
def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-target·input)), reduced: the logistic loss of targets 1 and -1.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.soft_margin_loss(ag.Tensor([0.0, 1000.0]), ag.Tensor([1, 1]))
    Tensor(0.3465736, dtype=float32)
    """
    input, target = comparable("soft_margin_loss", input, target)
    check_signs("soft_margin_loss", target)
    return reduce("soft_margin_loss", -ag.logsigmoid(target * input), reduction)


@checked
@in_single
@for_reals
def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """The mean over the classes, the last axis, of binary cross-entropy with logits; reduced.

    `target` holds 1 for each class that applies and 0 for the others; `weight` (C,) weighs the
    classes.

    Shape: (*, C) and (*, C) -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> x, y = ag.Tensor([[0.0, 1000.0]]), ag.Tensor([[0, 1]])
    >>> nn.functional.multilabel_soft_margin_loss(x, y)
    Tensor(0.3465736, dtype=float32)
    """
    name = "multilabel_soft_margin_loss"
    check_reduction(reduction)
    input, target = comparable(name, input, target)
    if not input.ndim:
        raise ShapeError(f"{name}: input is a scalar; it needs an axis of classes{here()}")
    check_probabilities(name, "target", target)
    losses = weighted(name, logistic_losses(name, input, target), weight)
    return reduce(name, ag.mean(losses, axis=-1), reduction)


@checked
@in_single
@for_reals
def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Σ max(0, margin - x_target + xᵢ)ᵖ / C over the other classes i, reduced.

    `input` is (N, C) or (C,), `target` holds class indices, `p` is 1 or 2, and each loss is
    multiplied by the `weight` (C,) of its class.

    Shape: (N, C) and (N,) integers, or (C,) and () -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.multi_margin_loss(ag.Tensor([[1.0, 1.5, 0.0]]), ag.Tensor([0]))
    Tensor(0.5, dtype=float32)
    """
    name = "multi_margin_loss"
    check_reduction(reduction)
    if p not in (1, 2):
        raise ArgumentError(f"{name}: p must be 1 or 2, got {p}{here()}")
    rows = _rows(name, input)
    classes = rows.shape[1]
    weight = class_weight(name, weight, classes, rows.dtype)
    labels, _ = class_labels(name, as_tensor(target), np.shape(input))
    labels = labels.reshape(len(rows), 1)
    short = ag.relu(margin - ag.take_along_axis(rows, labels, axis=1) + rows)
    short = ag.where(np.arange(classes) == labels, 0, short)
    losses = ag.sum(ag.square(short) if p == 2 else short, axis=1) / classes
    if weight is not None:
        losses = losses * ag.take(weight, labels[:, 0], axis=0)
    return reduce(name, losses if np.ndim(input) > 1 else losses[0], reduction)


@checked
@in_single
@for_reals
def multilabel_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Σ max(0, 1 - x_label + xᵢ) / C over all labels and all classes i that are none; reduced.

    `input` is (N, C) or (C,). A row of `target`, of the same shape, begins with class indices in
    any order; a -1 ends them.

    Shape: (N, C) and (N, C) integers, or (C,) and (C,) -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> x, y = ag.Tensor([[0.1, 0.2, 0.4, 0.8]]), ag.Tensor([[3, 0, -1, 1]])
    >>> nn.functional.multilabel_margin_loss(x, y)
    Tensor(0.85, dtype=float32)
    """
    name = "multilabel_margin_loss"
    check_reduction(reduction)
    rows, target = _rows(name, input), as_tensor(target)
    check_same_shape(name, input, target)
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"{name}: target holds class indices (integers) and -1, not {target.dtype}.\n"
            f"  Write target.astype('int64').{here()}"
        )
    labels, pairs = _pairs(name, target, rows.shape[1])
    chosen = ag.expand_dims(ag.take_along_axis(rows, labels, axis=1), 2)
    short = ag.relu(1 - chosen + ag.expand_dims(rows, 1))
    short = ag.where(pairs, short, 0)
    losses = ag.sum(short, axis=(1, 2)) / rows.shape[1]
    return reduce(name, losses if np.ndim(input) > 1 else losses[0], reduction)


def _pairs(name: str, target: Tensor, classes: int) -> tuple[Any, Any]:
    """The labels before the first -1 of each row, and which are compared with which classes."""
    labels = ag.reshape(target, (-1, classes))
    ends = ag.expand_dims(ag.equal(labels, -1), 1)  # at or before each place
    used = ~ag.any(ends & np.tri(classes, dtype=bool), axis=2)
    wrong = used & ((labels < 0) | (labels >= classes))
    if not looks_again(lambda x: x, wrong) and raw(wrong).any():
        value, at = place_of(target, np.argwhere(raw(wrong))[0][-target.ndim :])
        raise ArgumentError(
            f"{name}: label {value} at {at} is out of range: there are {classes} classes, 0 to "
            f"{classes - 1}, and -1 ends a row{here()}"
        )
    labels = ag.where(used, labels, 0)
    if capturing() is None:  # no more columns than any row uses; a program keeps its shapes
        most = int(raw(used).sum(axis=1).max(initial=0))
        labels, used = labels[:, :most], used[:, :most]
    is_used = ag.expand_dims(used, 2)
    is_label = ag.any(ag.equal(ag.expand_dims(labels, 2), np.arange(classes)) & is_used, axis=1)
    return labels, is_used & ~ag.expand_dims(is_label, 1)


def _rows(name: str, input: Any) -> Any:
    """(N, C), or (C,) as (1, C)."""
    rows = as_floats(input)
    if rows.ndim not in (1, 2):
        raise ShapeError(f"{name}: input must be (N, C) or (C,), got {rows.shape}{here()}")
    return rows if rows.ndim == 2 else ag.expand_dims(rows, 0)
