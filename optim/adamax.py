"""Adamax: Adam with the largest gradient in place of the root mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class Adamax(Optimizer):
    """Steps scaled by the mean of the gradient over its largest recent size.

    At step t, with g = ∇f(p) + weight_decay·p::

        m ← β₁·m + (1 − β₁)·g
        u ← max(β₂·u, |g| + eps)
        p ← p − lr/(1 − β₁ᵗ) · m / u

    `maximize` climbs instead.

    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015), section 7.1.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Adamax([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        beta1, beta2 = group["betas"]
        rate = float(group["lr"]) / (1 - beta1 ** numbers["step"])

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            m, u = state
            s, regularised, _ = scratch
            g = penalised(g, p, group, regularised)
            m *= beta1
            m += np.multiply(g, 1 - beta1, out=s)
            u *= beta2
            np.maximum(u, np.add(np.abs(g, out=s), group["eps"], out=s), out=u)
            np.divide(m, u, out=s)
            p -= np.multiply(s, rate, out=s)

        return rule
