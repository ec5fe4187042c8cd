"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.errors import ArgumentError
from autograd.kernels.optimizers import descend, sgd_update
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer


class SGD(Optimizer):
    """Gradient descent with momentum, dampening, Nesterov's form and weight decay.

    With g = ∇f(p) + weight_decay·p::

        b ← g at the first step, else momentum·b + (1 − dampening)·g
        p ← p − lr·b                 (nesterov: p − lr·(g + momentum·b))

    `maximize` climbs instead.

    Source: Robbins and Monro, A stochastic approximation method (1951). Polyak, Some methods of
    speeding up the convergence of iteration methods (1964). Sutskever, Martens, Dahl and Hinton, On
    the importance of initialization and momentum in deep learning (2013), for Nesterov's form.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0., 0.], dtype=float32)
    """

    _sometimes = ("momentum_buffer",)
    _scratch_count = 0

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ArgumentError("nesterov needs a momentum, and no dampening")

    def _arrays(self, group: Group) -> Kept:
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, momentum, nesterov = float(group["lr"]), group["momentum"], group["nesterov"]
        undamped = 1.0 if fresh else 1.0 - group["dampening"]
        decay, maximize = group["weight_decay"], group["maximize"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            if not momentum and not decay:
                descend(p, g, -lr if maximize else lr)
                return
            b = state[0] if momentum else None
            sgd_update(p, g, b, lr, momentum, undamped, nesterov, decay, maximize)

        return rule
