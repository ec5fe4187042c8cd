"""Averaged stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.ranges import Rate
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class ASGD(Optimizer):
    """Gradient descent with a shrinking rate, that also keeps the average of the parameters.

    At step t, with g = ∇f(p) + weight_decay·p, η = lr and μ = 1 at first::

        p ← (1 − lambd·η)·p − η·g
        a ← a + μ·(p − a)
        η ← lr / (1 + lambd·lr·t)^alpha
        μ ← 1 / max(1, t − t0)

    The average a, in the state as `ax`, is p itself up to step t0, and the mean since then; to put
    it in place of p at the end is left to the user. `maximize` climbs instead.

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging (1992). Xu,
    Towards optimal one pass large scale learning with averaged stochastic gradient descent (2011).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.ASGD([w], lr=0.25, lambd=0.0)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1. ], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: Rate = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        return {"ax": 0.0}

    def _numbers(self, group: Group) -> Numbers:
        return {"step": 0, "eta": float(group["lr"]), "mu": 1.0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        step, eta, mu = (numbers[name] for name in ("step", "eta", "mu"))
        lr, lambd = float(group["lr"]), group["lambd"]
        numbers["eta"] = lr / (1 + lambd * lr * step) ** group["alpha"]
        numbers["mu"] = 1 / max(1, step - group["t0"])

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            (average,) = state
            s, regularised, _ = scratch
            g = penalised(g, p, group, regularised)
            p *= 1 - lambd * eta
            p -= np.multiply(g, eta, out=s)
            if mu == 1:
                np.copyto(average, p)
            else:
                average += np.multiply(np.subtract(p, average, out=s), mu, out=s)

        return rule
