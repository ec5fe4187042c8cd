"""Losses of distributions: Kullback and Leibler's divergence, and negative log-likelihoods."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals, here
from autograd.engine.dtypes import in_single
from autograd.engine.modes import capturing
from autograd.engine.trail import choice
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import raw
from nn.loss.reduction import REDUCTIONS, as_tensor, comparable, looks_again, reduce
from nn.module.checks import check_choice


@checked
@in_single
@for_reals
def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """target·(log target - input), reduced: the divergence of the target from exp(input).

    `input` holds log-probabilities; `target` probabilities, or with `log_target` their logarithms
    too. "batchmean", the sum divided by the length of the first axis, is the divergence itself;
    "mean" divides by the number of elements.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> logs = ag.log(ag.Tensor([[0.5, 0.5]]))
    >>> nn.functional.kl_div(logs, ag.Tensor([[1.0, 0.0]]), reduction="batchmean")
    Tensor(0.6931472, dtype=float32)
    """
    check_choice("reduction", reduction, (*REDUCTIONS, "batchmean"))
    input, target = comparable("kl_div", input, target)
    if log_target:
        losses = ag.exp(target) * (target - input)
    else:
        postponed = looks_again(lambda x: x < 0, target)
        if not postponed and target.size and raw(target).min() < 0:
            raise ArgumentError(
                f"kl_div: target holds probabilities, and the least is {raw(target).min():.4g}.\n"
                f"  For log-probabilities write log_target=True.{here()}"
            )
        losses = ag.xlogy(target, target) - target * input
    if reduction != "batchmean":
        return reduce("kl_div", losses, reduction)
    return reduce("kl_div", losses, "mean", input.shape[0] if input.ndim else 1)


@checked
@in_single
@for_reals
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """-log of the Poisson probability of the count `target`, without its log target!; reduced.

    `input` is the logarithm of the expected count, or with log_input=False the count itself, to
    which `eps` is added under the logarithm. `full` adds Stirling's approximation of log target!
    where the target is above 1.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.poisson_nll_loss(ag.Tensor([0.0, 0.0]), ag.Tensor([0.0, 5.0]))
    Tensor(1., dtype=float32)
    """
    input, target = comparable("poisson_nll_loss", input, target)
    expected, log_expected = (ag.exp(input), input) if log_input else (input, ag.log(input + eps))
    losses = expected - target * log_expected
    if full:
        many = choice(target) > 1
        count = ag.where(many, target, 1)
        stirling = count * ag.log(count) - count + 0.5 * ag.log(2 * math.pi * count)
        losses = losses + ag.where(many, stirling, 0)
    return reduce("poisson_nll_loss", losses, reduction)


@checked
@in_single
@for_reals
def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """½·(log var + (input - target)²/var), reduced: -log of a normal density but for a constant.

    `var` has the shape of the input, or lacks its last axis, or has length 1 in one axis, or is a
    number. A variance below `eps` counts as eps, and keeps the gradient that it has there, so that
    it can grow again. `full` adds the constant ½·log 2π.

    Shape: (*), (*) and (*), the same, or the variance without or with length 1 in its last axis ->
    (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.gaussian_nll_loss(ag.Tensor([1.0]), ag.Tensor([3.0]), ag.Tensor([1.0]))
    Tensor(2., dtype=float32)
    """
    input, target = comparable("gaussian_nll_loss", input, target)
    var = _variance(var, input)
    postponed = looks_again(lambda x: x < 0, var)
    if not postponed and var.size and raw(var).min() < 0:
        raise ArgumentError(
            f"gaussian_nll_loss: var holds variances, and the least is {raw(var).min():.4g}."
            f"\n  For their logarithms write var=autograd.exp(var).{here()}"
        )
    values = choice(var)
    below = values < eps
    if capturing() or np.any(below):
        var = var + np.where(below, eps - values, 0).astype(var.dtype)
    losses = 0.5 * (ag.log(var) + ag.square(input - target) / var)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduce("gaussian_nll_loss", losses, reduction)


def _variance(var: Any, input: Any) -> Any:
    """The variances, in a shape that broadcasts with the input's."""
    if isinstance(var, (int, float)):
        return ag.full_like(input, float(var))
    var = as_tensor(var, input.dtype)
    shape = input.shape
    if var.shape == shape:
        return var
    if var.shape == shape[:-1]:
        return ag.expand_dims(var, -1)
    differ = [axis for axis, (a, b) in enumerate(zip(shape, var.shape, strict=False)) if a != b]
    if var.ndim == len(shape) and len(differ) == 1 and var.shape[differ[0]] == 1:
        return var
    raise ShapeError(
        f"gaussian_nll_loss: input is {shape}, so var must be {shape}, or {shape[:-1]}, or have "
        f"length 1 in one axis; var is {var.shape}{here()}"
    )
