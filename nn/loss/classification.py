"""Losses of probabilities: binary cross-entropy, and Keras' categorical one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import in_single
from autograd.errors import DTypeError, ShapeError
from autograd.extend import Array, draw, elementwise, here, op, sample, samples
from autograd.kernels.activation.sigmoid import soft_part
from nn.loss.labels import check_probabilities, class_labels
from nn.loss.reduction import as_tensor, check_reduction, comparable, reduce, weighted

LEAST_LOG = -100.0  # what log 0 counts as
LEAST_SLOPE = 1e-12  # the logarithm's slope, 1/x, grows no further below this x


@op(
    "max(log x, −100)",
    x=lambda g, x: g / np.maximum(x, LEAST_SLOPE),
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3, low=0.05, high=1.0)),
        lambda: sample(draw(low=0.05, high=1.0)),
        lambda: sample(np.array([0.0, 1e-60, 1e-14]), label="near 0", smooth=False),
        lambda: sample(draw(0, 3)),
    ),
    reference=lambda x: np.vectorize(
        lambda v: max(math.log(v), -100.0) if v > 0 else -100.0, otypes=[float]
    )(x),
)
def _bounded_log(x: Array, /) -> Array:
    """log x, but no less than -100, and never steeper than 1e12."""
    with np.errstate(divide="ignore"):  # log 0 = -∞ is meant
        return np.maximum(np.log(x), LEAST_LOG)


@checked
@in_single
@for_reals
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """-(target·log input + (1 - target)·log(1 - input)), reduced; both hold probabilities.

    The logarithms are no less than -100, so that the loss and its gradient stay finite. `weight`
    broadcasts to the input's shape. After a sigmoid binary_cross_entropy_with_logits is better.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.binary_cross_entropy(ag.Tensor([0.5, 0.5]), ag.Tensor([1.0, 0.0]))
    Tensor(0.6931472, dtype=float32)
    """
    name = "binary_cross_entropy"
    check_reduction(reduction)
    input, target = comparable(name, input, target)
    hint = "\n  For logits there is binary_cross_entropy_with_logits (nn.BCEWithLogitsLoss)."
    check_probabilities(name, "input", input, hint=hint)
    check_probabilities(name, "target", target)
    losses = -(target * _bounded_log(input) + (1 - target) * _bounded_log(1 - input))
    return reduce(name, weighted(name, losses, weight), reduction)


@op(
    "log(1 + eˣ) − t x",
    # σ(x) − t, with all its digits where σ(x) rounds to the target 1
    x=lambda g, x, target: g * ((1 - target) * ag.sigmoid(x) - target * ag.sigmoid(-x)),
    target=lambda g, x: -g * x,
    elementwise=True,
    wide=True,
    real_only=True,
    samples=elementwise((-3.0, 3.0), (0.0, 1.0), kinks=((0.0, 1.0), (800.0, 1.0), (-800.0, 0.0))),
    reference=lambda x, target: np.logaddexp(0, x) - target * x,
)
def _logistic_loss(x: Array, target: Array, /) -> Array:
    """-log of the probability σ(x) if the target is 1, of 1 - σ(x) if it is 0; linear between."""
    return np.maximum(x, 0) - x * target + soft_part(x)


@checked
@in_single
@for_reals
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """Binary cross-entropy of sigmoid(input), from the logits themselves; reduced.

    It is exact also where the sigmoid rounds to 0 or 1. `weight` weighs the losses, `pos_weight`
    the part of target 1 in them: above 1 it raises recall, below 1 precision. Both broadcast to
    the input's shape.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> x, y = ag.Tensor([0.0, 1000.0]), ag.Tensor([1.0, 1.0])
    >>> nn.functional.binary_cross_entropy_with_logits(x, y, reduction="none")
    Tensor([0.6931472, 0.       ], dtype=float32)
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(reduction)
    input, target = comparable(name, input, target)
    check_probabilities(name, "target", target)
    return reduce(
        name, weighted(name, logistic_losses(name, input, target, pos_weight), weight), reduction
    )


def logistic_losses(name: str, input: Any, target: Any, pos_weight: Any = None) -> Any:
    """Binary cross-entropy of logits, element by element."""
    if pos_weight is None:
        return _logistic_loss(input, target)
    positive = weighted(name, target * ag.logsigmoid(input), pos_weight, "pos_weight")
    return -(positive + (1 - target) * ag.logsigmoid(-input))


# ---- of probabilities over classes ---------------------------------------------------------------


@checked
@in_single
@for_reals
def categorical_cross_entropy(
    input: Any,
    target: Any,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    dim: int = -1,
    eps: float = 1e-7,
) -> Tensor:
    """-Σ target·log input over the classes, reduced; both hold probabilities, as a softmax gives.

    `target` has the shape of the input: one-hot rows or probabilities, of which `label_smoothing`
    spreads that part evenly over the classes. The classes lie along `dim`, by default the last
    axis. Probabilities are clipped to [eps, 1 - eps]. Without a softmax before it, cross_entropy of
    the logits is faster and exact everywhere.

    Shape: (*, C) and (*, C) -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> p, one_hot = ag.Tensor([[0.5, 0.5]]), ag.Tensor([[0, 1]])
    >>> nn.functional.categorical_cross_entropy(p, one_hot)
    Tensor(0.6931472, dtype=float32)
    """
    name = "categorical_cross_entropy"
    check_reduction(reduction)
    input = _class_probabilities(name, input, dim)
    given = as_tensor(target)
    if given.ndim == input.ndim - 1 and given.dtype.kind in "iu":
        raise ShapeError(
            f"{name}: target is {given.shape} {given.dtype} and input is {input.shape}: one-hot "
            "rows have the shape of the input.\n  For class indices there is "
            f"sparse_categorical_cross_entropy (nn.SparseCategoricalCrossEntropy).{here()}"
        )
    input, target = comparable(name, input, given)
    check_probabilities(name, "target", target, axis=dim)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / input.shape[dim]
    logs = ag.log(ag.clip(input, eps, 1 - eps))
    return reduce(name, -ag.sum(target * logs, axis=dim), reduction)


@checked
@in_single
@for_reals
def sparse_categorical_cross_entropy(
    input: Any, target: Any, reduction: str = "mean", dim: int = -1, eps: float = 1e-7
) -> Tensor:
    """-log input at the labels, reduced: categorical_cross_entropy of class indices.

    `target` holds integers. The classes lie along `dim`, and `eps` is that of
    `categorical_cross_entropy`.

    Shape: (*, C) and (*) integers -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.sparse_categorical_cross_entropy(ag.Tensor([[0.5, 0.5]]), ag.Tensor([1]))
    Tensor(0.6931472, dtype=float32)
    """
    name = "sparse_categorical_cross_entropy"
    check_reduction(reduction)
    input, target = _class_probabilities(name, input, dim), as_tensor(target)
    if target.dtype.kind == "f":
        raise DTypeError(
            f"{name}: target is {target.shape} {target.dtype}, and class indices are integers.\n"
            "  For one-hot rows or probabilities there is categorical_cross_entropy "
            f"(nn.CategoricalCrossEntropy); else write target.astype('int64').{here()}"
        )
    labels, _ = class_labels(name, target, input.shape, axis=dim)
    chosen = ag.take_along_axis(input, np.expand_dims(labels, dim), axis=dim)
    losses = -ag.log(ag.clip(ag.squeeze(chosen, axis=dim), eps, 1 - eps))
    return reduce(name, losses, reduction)


def _class_probabilities(name: str, input: Any, dim: int) -> Any:
    """The input as a Tensor, if it holds probabilities over the classes."""
    input = as_tensor(input)
    if not -input.ndim <= dim < input.ndim:
        raise ShapeError(f"{name}: input is {input.shape} and has no axis {dim} of classes{here()}")
    hint = "\n  Logits go to cross_entropy (nn.CrossEntropyLoss), or through a softmax first."
    check_probabilities(name, "input", input, axis=dim, hint=hint)
    return input
