"""Adam, and AdamW with decoupled weight decay."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.kernels.optimizers import adam_update
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.

    At step t, with g = ∇f(p) + weight_decay·p (`decoupled_weight_decay`: the plain gradient, and
    first p ← p − lr·weight_decay·p)::

        m ← β₁·m + (1 − β₁)·g
        v ← β₂·v + (1 − β₂)·g²
        p ← p − lr/(1 − β₁ᵗ) · m / (√(v/(1 − β₂ᵗ)) + eps)

    With `amsgrad`, v in the last line is the largest so far. `maximize` climbs instead.

    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015). Reddi, Kale and Kumar,
    On the convergence of Adam and beyond (2018), for amsgrad.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Adam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    _sometimes: tuple[str, ...] = ("max_exp_avg_sq",)
    _scratch_count = 0

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _arrays(self, group: Group) -> Kept:
        largest = {"max_exp_avg_sq": 0.0} if group["amsgrad"] else {}
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0} | largest

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        step, (beta1, beta2) = numbers["step"], group["betas"]
        lr, decoupled = float(group["lr"]), group["decoupled_weight_decay"]
        kept = 1 - lr * group["weight_decay"] if decoupled else 1.0
        # √(v/c²) + eps = (√v + c·eps)/c, which saves a pass
        c = math.sqrt(1 - beta2**step)
        eps, rate = group["eps"] * c, lr * c / (1 - beta1**step)

        decay, maximize = 0.0 if decoupled else group["weight_decay"], group["maximize"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            m, v, *most = state
            largest = most[0] if most else None
            adam_update(p, g, m, v, largest, (beta1, beta2), eps, rate, kept, decay, maximize)

        return rule


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by lr·weight_decay before each step.

    It is Adam with other defaults: a group may say `decoupled_weight_decay=False`, and is Adam's.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.AdamW([w], lr=0.5, weight_decay=0.0)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, **options_in(locals()), decoupled_weight_decay=True)
