"""RMSprop: gradients over their running root mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.ranges import Decay
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class RMSprop(Optimizer):
    """Steps scaled by the running root mean square of the gradient.

    With g = ∇f(p) + weight_decay·p::

        v ← alpha·v + (1 − alpha)·g²
        a ← alpha·a + (1 − alpha)·g          (centered; else a = 0)
        b ← momentum·b + g / (√(v − a²) + eps)
        p ← p − lr·b

    `maximize` climbs instead.

    Note that eps is outside the root, as in the lecture; some implementations have it inside.

    Source: Tieleman and Hinton, Lecture 6.5: rmsprop (2012). Graves, Generating sequences with
    recurrent neural networks (2013), for the centered form.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.RMSprop([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([-3.9999995, -3.       ], dtype=float32)
    """

    _sometimes = ("momentum_buffer", "grad_avg")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: Decay = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        buffer = {"momentum_buffer": 0.0} if group["momentum"] else {}
        mean = {"grad_avg": 0.0} if group["centered"] else {}
        return {"square_avg": 0.0} | buffer | mean

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        alpha, eps, momentum = (group[name] for name in ("alpha", "eps", "momentum"))
        lr = float(group["lr"])

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            v, *others = state
            s, regularised, _ = scratch
            g = penalised(g, p, group, regularised)
            v *= alpha
            v += np.multiply(np.multiply(g, g, out=s), 1 - alpha, out=s)
            if group["centered"]:
                a = others[-1]
                a *= alpha
                a += np.multiply(g, 1 - alpha, out=s)
                np.subtract(v, np.multiply(a, a, out=s), out=s)
                np.maximum(s, 0, out=s)  # a variance; rounding may take it below
                np.sqrt(s, out=s)
            else:
                np.sqrt(v, out=s)
            np.divide(g, np.add(s, eps, out=s), out=s)
            if momentum:
                b = others[0]
                b *= momentum
                b += s
                np.multiply(b, lr, out=s)
            else:
                s *= lr
            p -= s

        return rule
