"""Adagrad: rates that shrink with the sum of squared gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class Adagrad(Optimizer):
    """Steps scaled by the root of the sum of all squared gradients.

    At step t, with g = ∇f(p) + weight_decay·p, and s starting from `initial_accumulator_value`::

        s ← s + g²
        p ← p − lr/(1 + (t − 1)·lr_decay) · g / (√s + eps)

    `maximize` climbs instead.

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
    optimization (2011).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Adagrad([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"sum": group["initial_accumulator_value"]}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        rate = float(group["lr"]) / (1 + (numbers["step"] - 1) * group["lr_decay"])

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            (total,) = state
            s, regularised, _ = scratch
            g = penalised(g, p, group, regularised)
            total += np.multiply(g, g, out=s)
            np.add(np.sqrt(total, out=s), group["eps"], out=s)
            np.divide(g, s, out=s)
            p -= np.multiply(s, rate, out=s)

        return rule
