"""The negative log-likelihood: log-probabilities at the labels."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import in_single
from autograd.errors import ShapeError
from autograd.extend import Array, draw, here, op, raw, sample, samples
from autograd.kernels.activation import cross_entropy as kernel
from nn.loss.cross_entropy import columns, count_losses, flat
from nn.loss.labels import class_labels, class_weight
from nn.loss.reduction import as_floats, as_tensor, check_reduction, reduce

_LABELLED = (np.array([0, 2, 1, 2]), np.array([[0, 2, 1], [2, 3, 3]]))


def _negated_at(c: Array, target: Array, classes: int) -> Array:
    return -np.expand_dims(c, 1) * np.moveaxis(np.eye(classes)[target], -1, 1)


@op(
    "0[t] − c",
    c=lambda g, target: _nll(g, target),
    linear=True,
    samples=samples(
        lambda: sample(draw(4), _LABELLED[0], classes=3),
        lambda: sample(draw(2, 3), _LABELLED[1], classes=4),
        lambda: sample(draw(0), np.array([], int), classes=3, label="empty"),
    ),
    reference=_negated_at,
)
def _nll_pull(c: Array, target: Array, /, classes: int) -> Array:
    """The cotangent of log-probabilities from that of the losses: (N, *), (N, *) -> (N, C, *)."""
    out = np.zeros_like(c, shape=(len(target), classes, *target.shape[1:]), order="C")
    kernel.lessen(columns(out), flat(target), flat(c))
    return out


@op(
    "−xₜ",
    x=lambda g, x_shape, target: _nll_pull(g, target, x_shape[1]),
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), _LABELLED[0]),
        lambda: sample(draw(2, 4, 3), _LABELLED[1]),
        lambda: sample(draw(0, 3), np.array([], int), label="empty"),
    ),
    reference=lambda x, target: -np.take_along_axis(x, np.expand_dims(target, 1), 1).squeeze(1),
)
def _nll(x: Array, target: Array, /) -> Array:
    """-x at the labels: (N, C, *) and (N, *) integers -> (N, *)."""
    return np.reshape(-kernel.chosen(columns(x), flat(target)), target.shape)


@checked
@in_single
@for_reals
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """-input at the labels, reduced: `input` holds log-probabilities over the classes, axis 1.

    Shapes, `weight` and `ignore_index` are those of `cross_entropy`, which is this after
    log_softmax.

    Shape: (N, C, *) and (N, *) integers -> (), or (N, *) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> logs = ag.log(ag.Tensor([[0.25, 0.75]]))
    >>> nn.functional.nll_loss(logs, ag.Tensor([0]))
    Tensor(1.3862944, dtype=float32)
    """
    check_reduction(reduction)
    input, target = as_floats(input), as_tensor(target)
    shape = raw(input).shape
    if not shape:
        raise ShapeError(f"nll_loss: input is a scalar; it needs an axis of classes{here()}")
    axis = 0 if len(shape) == 1 else 1
    weight = class_weight("nll_loss", weight, shape[axis], raw(input).dtype)
    labels, counted = class_labels("nll_loss", target, shape, ignore_index)
    if counted is None:
        labels = target
    logs, rows = (input, labels) if axis else (ag.expand_dims(input, 0), labels[None])
    losses = _nll(logs, rows)
    factor = None if weight is None else ag.take(weight, rows, axis=0)
    losses, total = count_losses(losses if factor is None else losses * factor, factor, counted)
    return reduce("nll_loss", losses if axis else losses[0], reduction, total)
