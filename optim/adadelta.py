"""Adadelta: steps whose size is that of recent steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class Adadelta(Optimizer):
    """Steps scaled by the ratio of the running sizes of past steps and of the gradient.

    With g = ∇f(p) + weight_decay·p::

        v ← rho·v + (1 − rho)·g²
        d ← √(u + eps) / √(v + eps) · g
        u ← rho·u + (1 − rho)·d²
        p ← p − lr·d

    `maximize` climbs instead.

    Source: Zeiler, ADADELTA: an adaptive learning rate method (2012).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Adadelta([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.99841887, 1.9984188 ], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, rho, eps = float(group["lr"]), group["rho"], group["eps"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            v, u = state
            s, regularised, d = scratch
            g = penalised(g, p, group, regularised)
            v *= rho
            v += np.multiply(np.multiply(g, g, out=s), 1 - rho, out=s)
            np.sqrt(np.add(v, eps, out=s), out=s)
            np.sqrt(np.add(u, eps, out=d), out=d)
            np.multiply(np.divide(d, s, out=d), g, out=d)
            u *= rho
            u += np.multiply(np.multiply(d, d, out=s), 1 - rho, out=s)
            p -= np.multiply(d, lr, out=d)

        return rule
