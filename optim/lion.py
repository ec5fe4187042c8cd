"""Lion: the sign of an interpolated momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class Lion(Optimizer):
    """Steps of the same size for every element, along the sign of a running mean of the gradient.

    With g = ∇f(p)::

        p ← p − lr·weight_decay·p
        p ← p − lr·sign(β₁·m + (1 − β₁)·g)
        m ← β₂·m + (1 − β₂)·g

    The rate is best three to ten times smaller than Adam's, and the weight decay larger by as much.
    `maximize` climbs instead.

    Source: Chen et al., Symbolic discovery of optimization algorithms (2023).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Lion([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"exp_avg": 0.0}

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        kept = 1 - lr * group["weight_decay"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            (m,) = state
            s, negated, direction = scratch
            if kept != 1:
                p *= kept
            g = penalised(g, p, group, negated, False)
            np.multiply(m, beta1, out=direction)
            direction += np.multiply(g, 1 - beta1, out=s)
            np.sign(direction, out=s)  # into itself it would take ten times as long
            p -= np.multiply(s, lr, out=s)
            m *= beta2
            m += np.multiply(g, 1 - beta2, out=s)

        return rule
