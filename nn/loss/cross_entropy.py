"""Cross-entropy of logits: class indices or probabilities as targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import in_single
from autograd.engine.modes import capturing
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import Array, draw, here, op, raw, sample, samples
from autograd.kernels.activation import cross_entropy as kernel
from nn.loss.labels import check_probabilities, class_labels, class_weight
from nn.loss.reduction import as_floats, as_tensor, check_reduction, reduce


def columns(x: Array) -> Array:
    """(N, C, d1, ...) as the kernel's (N, C) or (N, C, M)."""
    return x if x.ndim <= 3 else np.reshape(x, (*x.shape[:2], math.prod(x.shape[2:])))


def flat(x: Array) -> Array:
    """(N, d1, ...) as the kernel's (N,) or (N, M)."""
    return x if x.ndim <= 2 else np.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


def _smoothed(target: Array, classes: int, smoothing: float) -> Array:
    one_hot = np.moveaxis(np.eye(classes)[target], -1, 1)
    return one_hot * (1 - smoothing) + smoothing / classes


def _log_softmax_by_loops(x: Array) -> Array:
    out = np.empty_like(x)
    for n in range(x.shape[0]):
        for place in np.ndindex(x.shape[2:]):
            column = x[(n, slice(None), *place)]
            top = max(column)
            total = top + math.log(math.fsum(math.exp(v - top) for v in column))
            out[(n, slice(None), *place)] = column - total
    return out


def _pull_by_definition(c: Array, x: Array, target: Array, label_smoothing: float = 0.0) -> Array:
    softmax = np.exp(_log_softmax_by_loops(x))
    return np.expand_dims(c, 1) * (softmax - _smoothed(target, x.shape[1], label_smoothing))


def d_pull_c(g: Array, x: Array, target: Array, label_smoothing: float) -> Array:
    ones = np.ones_like(x, shape=np.shape(target))
    return np.sum(g * _cross_entropy_pull(ones, x, target, label_smoothing), axis=1)


def d_pull_x(g: Array, c: Array, x: Array) -> Array:
    # the label's part does not depend on x: what is left is softmax's own derivative
    p = ag.softmax(x, axis=1)
    weighted = g * p
    return np.expand_dims(c, 1) * (weighted - p * np.sum(weighted, axis=1, keepdims=True))


@op(
    "c·(softmax(x) − t)",
    c=d_pull_c,
    x=d_pull_x,
    real_only=True,
    samples=samples(
        lambda: sample(draw(4), draw(4, 3), np.array([0, 2, 1, 2])),
        lambda: sample(draw(4), draw(4, 3), np.array([0, 2, 1, 2]), label_smoothing=0.2),
        lambda: sample(draw(2, 3), draw(2, 4, 3), np.array([[0, 2, 1], [2, 3, 3]])),
        lambda: sample(draw(0), draw(0, 3), np.array([], int), label="empty"),
    ),
    reference=_pull_by_definition,
)
def _cross_entropy_pull(
    c: Array, x: Array, target: Array, /, label_smoothing: float = 0.0
) -> Array:
    """The logits' cotangent from that of the losses: (N, *), (N, C, *), (N, *) -> (N, C, *)."""
    return np.reshape(
        kernel.cross_entropy_pull(flat(c), columns(x), flat(target), label_smoothing), x.shape
    )


@op(
    "−log softmax(x)ₜ",
    x=lambda g, x, target, label_smoothing: _cross_entropy_pull(g, x, target, label_smoothing),
    real_only=True,
    samples=samples(
        lambda: sample(draw(4, 3), np.array([0, 2, 1, 2])),
        lambda: sample(draw(4, 3), np.array([0, 2, 1, 2]), label_smoothing=0.2),
        lambda: sample(draw(2, 4, 3), np.array([[0, 2, 1], [2, 3, 3]])),
        lambda: sample(draw(2, 1), np.array([0, 0]), label="one class"),
        lambda: sample(draw(0, 3), np.array([], int), label="empty"),
        lambda: sample(draw(2, 3, low=-200, high=200), np.array([0, 1]), label="large logits"),
    ),
    reference=lambda x, target, label_smoothing=0.0: (
        -np.sum(_smoothed(target, x.shape[1], label_smoothing) * _log_softmax_by_loops(x), axis=1)
    ),
)
def _cross_entropy(x: Array, target: Array, /, label_smoothing: float = 0.0) -> Array:
    """-Σ q log softmax(x) with q the smoothed label: (N, C, *) and (N, *) integers -> (N, *)."""
    losses = kernel.cross_entropy(columns(x), flat(target), label_smoothing)
    return np.reshape(losses, target.shape)


@checked
@in_single
@for_reals
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log softmax(input) at the labels, reduced; the softmax is over the classes, axis 1.

    `input` holds logits (N, C), (N, C, d1, ...) or (C,). `target` holds class indices, integers of
    the shape of the input without C, or probabilities, floats of the shape of the input. `weight`
    (C,) weighs the classes, and the mean over class indices is the weighted mean. Labels equal to
    `ignore_index` do not count. `label_smoothing` spreads that part of each label evenly over the
    classes (Szegedy et al., Rethinking the inception architecture, 2016).

    Shape: (N, C, *) and (N, *) integers or (N, C, *) probabilities -> (), or (N, *) with reduction
    "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.cross_entropy(ag.Tensor([[0.0, 0.0], [2.0, 2.0]]), ag.Tensor([0, 1]))
    Tensor(0.6931472, dtype=float32)
    """
    check_reduction(reduction)
    input, target = as_floats(input), as_tensor(target)
    shape = raw(input).shape
    if not shape:
        raise ShapeError(f"cross_entropy: input is a scalar; it needs an axis of classes{here()}")
    weight = class_weight("cross_entropy", weight, shape[0] if len(shape) == 1 else shape[1],
                          raw(input).dtype)  # fmt: skip
    if raw(target).dtype.kind == "f":
        _check_probabilities(target, shape)
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    labels, counted = class_labels("cross_entropy", target, shape, ignore_index)
    if counted is None:
        labels = target  # which a graph need not copy
    logits = input if len(shape) > 1 else ag.expand_dims(input, 0)
    rows = labels if len(shape) > 1 else labels[None]
    if weight is None:
        losses, factor = _cross_entropy(logits, rows, label_smoothing), None
    else:
        factor = ag.take(weight, rows, axis=0)
        losses = (1 - label_smoothing) * factor * _cross_entropy(logits, rows)
        if label_smoothing:
            spread = weight * (label_smoothing / logits.shape[1])
            losses = losses + _soft_losses(logits, _along_classes(spread, logits.ndim))
    losses, total = count_losses(losses, factor, counted)
    return reduce("cross_entropy", losses if len(shape) > 1 else losses[0], reduction, total)


def count_losses(losses: Any, factor: Any, counted: Any) -> tuple[Any, Any]:
    """The losses, 0 where they do not count, and what their mean divides by (None: their number).

    `factor` is the weight of each label that the losses contain already, or None.
    """
    if counted is None:
        return losses, None if factor is None else ag.sum(factor)
    counted = np.reshape(counted, losses.shape)
    total: Any
    if factor is not None:
        total = ag.sum(ag.where(counted, factor, 0))
    elif capturing():
        total = ag.astype(ag.count_nonzero(counted), losses.dtype)
    else:
        total = int(np.count_nonzero(counted))
    return ag.where(counted, losses, 0), total  # not a product: a loss to ignore may be infinite


def _along_classes(weight: Any, ndim: int) -> Any:
    """(C,) in the shape that broadcasts with (N, C, d1, ...)."""
    return ag.reshape(weight, (-1,) + (1,) * (ndim - 2))


def _soft_losses(logits: Any, q: Any) -> Any:
    """-Σ q log softmax(x) over the classes, axis 1."""
    return -ag.sum(q * ag.log_softmax(logits, axis=1), axis=1)


def _soft_cross_entropy(
    input: Any, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Any:
    """The mean is over the places of the target, also with weights."""
    logits, q = (x if x.ndim > 1 else ag.expand_dims(x, 0) for x in (input, target))
    if label_smoothing:
        q = q * (1 - label_smoothing) + label_smoothing / q.shape[1]
    if weight is not None:
        q = q * _along_classes(weight, q.ndim)
    losses = _soft_losses(logits, q)
    return reduce("cross_entropy", losses if input.ndim > 1 else losses[0], reduction)


def _check_probabilities(target: Any, shape: tuple[int, ...]) -> None:
    if target.shape != shape:
        raise DTypeError(
            f"cross_entropy: target is {target.shape} {target.dtype} and input is {shape}: class "
            "indices must be integers, and probabilities have the shape of the input.\n"
            f"  For class indices write target.astype('int64').{here()}"
        )
    what = "target, floating and of the shape of the input,"
    check_probabilities("cross_entropy", what, target, 0 if len(shape) == 1 else 1)


@checked
@in_single
@for_reals
def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of the logits input·Wᵀ + b: the last layer and its loss in one.

    `linear_weight` is (C, in_features), or (C, d1, ..., in_features) for logits (N, C, d1, ...);
    `linear_bias` lacks the last axis. The rest is as in `cross_entropy`, whose default the
    `ignore_index` None stands for.

    Shape: (N, in_features) and (N, d1, ...) integers or (N, C, d1, ...) probabilities -> (), or (N,
    d1, ...) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> x, w = ag.Tensor([[1.0, 2.0]]), ag.Tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> nn.functional.linear_cross_entropy(x, w, ag.Tensor([1]))
    Tensor(0.6931472, dtype=float32)
    """
    input, linear_weight, target = as_tensor(input), as_tensor(linear_weight), as_tensor(target)
    if not linear_weight.ndim:
        raise ShapeError(f"linear_cross_entropy: linear_weight is a number, not (C, n){here()}")
    *classes, features = linear_weight.shape
    allowed = (tuple(classes), (math.prod(classes),))
    if linear_bias is not None and np.shape(linear_bias) not in allowed:
        raise ShapeError(
            f"linear_cross_entropy: linear_bias is {np.shape(linear_bias)}, and linear_weight "
            f"{linear_weight.shape}: expected {tuple(classes)}{here()}"
        )
    if input.ndim not in (1, 2) or not classes or input.shape[-1] != features:
        raise ShapeError(
            f"linear_cross_entropy: linear_weight is {linear_weight.shape}, so input must be "
            f"(N, {features}) or ({features},); input is {input.shape}{here()}"
        )
    if len(classes) > 1 and input.ndim == 1:
        raise ShapeError(
            f"linear_cross_entropy: linear_weight {linear_weight.shape} scores several places, so "
            f"input must be (N, {features}); input is {input.shape}{here()}"
        )
    if ignore_index is not None and target.dtype.kind == "f":
        raise ArgumentError(
            "linear_cross_entropy: ignore_index is about class indices, and the target holds "
            f"probabilities ({target.dtype}){here()}"
        )
    flat = ag.reshape(linear_weight, (math.prod(classes), features))
    bias = None if linear_bias is None else ag.reshape(as_tensor(linear_bias), (len(flat),))
    logits = ag.reshape(ag.linear(input, flat, bias), (*input.shape[:-1], *classes))
    return cross_entropy(
        logits, target, weight, -100 if ignore_index is None else ignore_index, reduction,
        label_smoothing,
    )  # fmt: skip
