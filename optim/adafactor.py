"""Adafactor: second moments kept as the product of a row and a column."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import ArgumentError
from optim.base.checks import Params, options_in
from optim.base.chunk import Numbers
from optim.optimizer import Group
from optim.shaped import ShapedOptimizer, root_mean_square


class Adafactor(ShapedOptimizer):
    """Steps scaled by squared gradients that are kept by their means over rows and over columns.

    At step t, over the last two axes of g = ∇f(p), with β = 1 − t^beta2_decay and rms = √mean(x²)::

        p ← p − lr·weight_decay·p
        r ← β·r + (1 − β)·mean of g² over columns
        c ← β·c + (1 − β)·mean of g² over rows
        v = r·c / max(mean of r, eps₁)
        u = g / max(√v, eps₁)
        p ← p − max(eps₂, rms(p))·min(lr, 1/√t) · u / max(1, rms(u)/d)

    A vector keeps v itself, the running mean of g². rms(p) is that before the decay; eps₁ = None is
    the precision of the parameter's dtype. `maximize` climbs instead. Parameters are real.

    Source: Shazeer and Stern, Adafactor: adaptive learning rates with sublinear memory cost (2018).
    Other than there, lr bounds the relative rate in place of the constant 0.01, and eps₁ bounds v
    where it is used instead of being added to g².

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([[3.0, -4.0]], requires_grad=True)
    >>> optimizer = optim.Adafactor([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> optimizer.state[w]["row_var"].shape, optimizer.state[w]["col_var"].shape
    ((1, 1), (1, 2))
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        if not group["beta2_decay"] <= 0:
            raise ArgumentError(f"beta2_decay must not be positive, got {group['beta2_decay']}")
        if not group["d"] >= 1:
            raise ArgumentError(f"d must be at least 1, got {group['d']}")

    def _state_shapes(self, p: Tensor, group: Group) -> dict[str, tuple[int, ...]]:
        if p.ndim < 2:
            return {"variance": p.shape}
        return {"row_var": (*p.shape[:-1], 1), "col_var": (*p.shape[:-2], 1, p.shape[-1])}

    def _updated(
        self, p: Any, g: Any, group: Group, state: dict[str, Any], numbers: Numbers
    ) -> Any:
        step, lr, (eps1, eps2) = numbers["step"], float(group["lr"]), group["eps"]
        eps1 = float(np.finfo(p.dtype).eps) if eps1 is None else eps1
        rate = max(eps2, root_mean_square(p)) * min(lr, 1 / math.sqrt(step))
        variance = _variance(g, state, step ** group["beta2_decay"], eps1)
        # the bound is squared because the root comes after it
        update = g / np.sqrt(np.maximum(variance, eps1 * eps1, out=variance), out=variance)
        rate /= max(1.0, root_mean_square(update) / group["d"])
        update *= -rate if group["maximize"] else rate
        return p * (1 - lr * group["weight_decay"]) - update


def _variance(g: Any, state: dict[str, Any], share: float, eps1: float) -> Any:
    """Move the means of g² on by a share, and give the estimate of g² that they make up."""
    square = g * g
    if "variance" in state:
        _move(state["variance"], square, share)
        return state["variance"].copy()
    rows, columns = state["row_var"], state["col_var"]
    _move(rows, square.mean(-1, keepdims=True), share)
    _move(columns, square.mean(-2, keepdims=True), share)
    return rows / np.maximum(rows.mean(-2, keepdims=True), eps1) * columns


def _move(mean: Any, value: Any, share: float) -> None:
    mean += share * (value - mean)
