"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.kernels.optimizers import update_means
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class NAdam(Optimizer):
    """Adam that looks one step ahead along its momentum.

    At step t, with g = ∇f(p) + weight_decay·p (`decoupled_weight_decay`: the plain gradient, and
    first p ← p − lr·weight_decay·p), and μᵢ = β₁·(1 − ½·0.96^(i·momentum_decay))::

        m ← β₁·m + (1 − β₁)·g
        v ← β₂·v + (1 − β₂)·g²
        m̂ ← μₜ₊₁·m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ)·g / (1 − μ₁⋯μₜ)
        p ← p − lr·m̂ / (√(v/(1 − β₂ᵗ)) + eps)

    `maximize` climbs instead.

    Source: Dozat, Incorporating Nesterov momentum into Adam (2016).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.NAdam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.47177416, 1.4717741 ], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def _numbers(self, group: Group) -> Numbers:
        return {"step": 0, "mu_product": 1.0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        step, (beta1, beta2) = numbers["step"], group["betas"]
        lr, decoupled = float(group["lr"]), group["decoupled_weight_decay"]
        kept = 1 - lr * group["weight_decay"] if decoupled else 1.0
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (step, step + 1)
        )
        numbers["mu_product"] *= mu
        share_g = (1 - mu) / (1 - numbers["mu_product"])
        share_m = mu_next / (1 - numbers["mu_product"] * mu_next)
        c = math.sqrt(1 - beta2**step)  # √(v/c²) + eps = (√v + c·eps)/c
        eps, rate = group["eps"] * c, lr * c

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            m, v = state
            s, regularised, ahead = scratch
            if kept != 1:
                p *= kept
            g = penalised(g, p, group, regularised, not decoupled)
            update_means(m, v, g, group["betas"], s)
            np.multiply(m, share_m, out=ahead)
            ahead += np.multiply(g, share_g, out=s)
            ahead /= np.add(np.sqrt(v, out=s), eps, out=s)
            p -= np.multiply(ahead, rate, out=s)

        return rule
