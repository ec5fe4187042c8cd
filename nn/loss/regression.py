"""Losses of numbers against numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked, learns
from autograd.engine.checks import is_learned
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import in_single
from autograd.engine.operands import as_number
from autograd.errors import ArgumentError
from autograd.extend import Array, draw, here, op, sample, samples
from autograd.kernels.activation import piecewise as kernel
from nn.loss.reduction import as_tensor, check_same_shape, comparable, reduce


@checked
@in_single
def l1_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Tensor:
    """|input - target|, reduced; both must have the same shape.

    With a `weight` of that shape each loss counts as much, and the mean is the weighted mean.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.l1_loss(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(1., dtype=float32)
    """
    input, target = comparable("l1_loss", input, target)
    return _weighted_mean("l1_loss", ag.abs(input - target), weight, reduction)


@checked
@in_single
@for_reals
def mse_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Tensor:
    """(input - target)², reduced; both must have the same shape.

    With a `weight` of that shape each loss counts as much, and the mean is the weighted mean.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.mse_loss(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(2., dtype=float32)
    """
    input, target = comparable("mse_loss", input, target)
    return _weighted_mean("mse_loss", ag.square(input - target), weight, reduction)


def _weighted_mean(name: str, losses: Any, weight: Any, reduction: str) -> Any:
    if weight is None:
        return reduce(name, losses, reduction)
    weight = as_tensor(weight, losses.dtype)
    check_same_shape(name, losses, weight, ("input", "weight"))
    return reduce(name, losses * weight, reduction, ag.sum(weight))


def _huber_by_parts(x: Array, delta: float = 1.0) -> Array:
    inside = np.abs(x) <= delta
    return np.choose(inside, [delta * np.abs(x) - delta**2 / 2, x**2 / 2])


@op(
    "huber x",
    x=lambda g, x, delta: kernel.huber_pull(g, x, delta),
    real_only=True,
    samples=samples(
        lambda: sample(draw(3, 4, away_from=(-1.0, 1.0))),
        lambda: sample(draw(4, away_from=(-0.5, 0.5)), delta=0.5),
        lambda: sample(draw()),
        lambda: sample(np.array([-1.0, 0.0, 1.0]), label="the seams", smooth=False),
        lambda: sample(draw(0, 2)),
    ),
    reference=_huber_by_parts,
)
def _huber(x: Array, /, delta: float = 1.0) -> Array:
    """x²/2 up to ±delta, and the straight lines that go on from there: c·(x - c/2), x clipped."""
    return kernel.huber(x, delta)


def _learned_huber(x: Any, delta: Any) -> Any:
    """The same of a delta that has a gradient: c·(|x| - c/2), where c is the smaller of both."""
    size, delta = ag.abs(x), as_number(x, delta)
    c = ag.where(size < delta, size, delta)
    return c * (size - c / 2)


@learns(beta=3)
@checked
@in_single
@for_reals
def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """d²/(2·beta) where d = |input - target| is below beta, d - beta/2 elsewhere; reduced.

    With beta = 0 it is the L1 loss; otherwise it is the Huber loss divided by beta.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.smooth_l1_loss(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(0.75, dtype=float32)
    """
    input, target = comparable("smooth_l1_loss", input, target)
    learned = is_learned(beta)
    if not learned and beta < 0:
        raise ArgumentError(f"smooth_l1_loss: beta must not be negative, got {beta}{here()}")
    difference = input - target
    if learned:
        losses = _learned_huber(difference, beta) / as_number(difference, beta)
    else:
        losses = _huber(difference, beta) if beta else ag.abs(difference)
        losses = losses / beta if beta not in (0, 1) else losses
    return reduce("smooth_l1_loss", losses, reduction)


@learns(delta=3)
@checked
@in_single
@for_reals
def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Tensor:
    """d²/2 where d = |input - target| is below delta, delta·(d - delta/2) elsewhere; reduced.

    With a `weight` of the same shape each loss is multiplied by it; as in PyTorch, the mean then
    divides by the number of losses and not by the sum of their weights.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.huber_loss(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]), delta=0.5)
    Tensor(0.4375, dtype=float32)
    """
    input, target = comparable("huber_loss", input, target)
    losses = (_learned_huber if is_learned(delta) else _huber)(input - target, delta)
    if weight is not None:
        weight = as_tensor(weight, losses.dtype)
        check_same_shape("huber_loss", losses, weight, ("input", "weight"))
        losses = losses * weight
    return reduce("huber_loss", losses, reduction)
