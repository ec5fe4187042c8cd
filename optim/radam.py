"""RAdam: Adam that waits until its second mean can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.kernels.optimizers import update_means
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class RAdam(Optimizer):
    """Adam whose scaling by the second mean sets in as far as its variance is known.

    At step t, with g = ∇f(p) + weight_decay·p (`decoupled_weight_decay`: the plain gradient, and
    first p ← p − lr·weight_decay·p)::

        m ← β₁·m + (1 − β₁)·g
        v ← β₂·v + (1 − β₂)·g²
        ρ∞ = 2/(1 − β₂) − 1,   ρ = ρ∞ − 2·t·β₂ᵗ/(1 − β₂ᵗ)
        r² = (ρ − 4)·(ρ − 2)·ρ∞ / ((ρ∞ − 4)·(ρ∞ − 2)·ρ)
        p ← p − lr/(1 − β₁ᵗ) · r·√(1 − β₂ᵗ) · m / (√v + eps)          if ρ > 5
        p ← p − lr/(1 − β₁ᵗ) · m                                      else

    `maximize` climbs instead.

    Source: Liu, Jiang, He, Chen, Liu, Gao and Han, On the variance of the adaptive learning rate
    and beyond (2020).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.RAdam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0., 0.], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        step, (beta1, beta2) = numbers["step"], group["betas"]
        lr, decoupled = float(group["lr"]), group["decoupled_weight_decay"]
        kept = 1 - lr * group["weight_decay"] if decoupled else 1.0
        rectified = _rectification(beta2, step)
        rate = lr / (1 - beta1**step) * (rectified or 1.0)

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            m, v = state
            s, regularised, _ = scratch
            if kept != 1:
                p *= kept
            g = penalised(g, p, group, regularised, not decoupled)
            update_means(m, v, g, group["betas"], s)
            if rectified is None:
                np.multiply(m, rate, out=s)
            else:
                np.add(np.sqrt(v, out=s), group["eps"], out=s)
                np.multiply(np.divide(m, s, out=s), rate, out=s)
            p -= s

        return rule


def _rectification(beta2: float, step: int) -> float | None:
    """r·√(1 − β₂ᵗ), or None where the variance of the scaling is not known yet."""
    bias = 1 - beta2**step
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * step * beta2**step / bias
    if length <= 5:
        return None
    part = (length - 4) * (length - 2) * longest
    return math.sqrt(part / ((longest - 4) * (longest - 2) * length) * bias)
