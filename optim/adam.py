"""Adam, and AdamW with decoupled weight decay.

Kingma and Ba, Adam: a method for stochastic optimization (2015); Reddi, Kale and Kumar, On the
convergence of Adam and beyond (2018), for amsgrad; Loshchilov and Hutter, Decoupled weight decay
regularization (2019). As in PyTorch, at step t::

    g ← ∇f(p) + weight_decay·p            (AdamW: p ← p − lr·weight_decay·p instead)
    m ← β₁·m + (1 − β₁)·g
    v ← β₂·v + (1 − β₂)·g²                (amsgrad: v̂ is the largest v so far, else v)
    p ← p − lr/(1 − β₁ᵗ) · m / (√(v̂/(1 − β₂ᵗ)) + eps)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.chunk import Rule
from optim.optimizer import Group, Optimizer, penalised

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.

    `maximize` climbs instead. The arguments and defaults are PyTorch's.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Adam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    _not_negative = ("lr", "weight_decay", "eps")
    _counts_steps = True
    _decoupled = False  # whether the weight decay bypasses the running means

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        betas = group["betas"]
        if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be two numbers from 0 up to but not 1, got {betas}")

    def _state_names(self, group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq") + (("max_exp_avg_sq",) if group["amsgrad"] else ())

    def _rule(self, group: Group, step: int, fresh: frozenset[str]) -> Rule:
        beta1, beta2 = group["betas"]
        lr, decay = float(group["lr"]), group["weight_decay"] if self._decoupled else 0.0
        # √(v/c²) + eps = (√v + c·eps)/c, which saves a pass
        c = math.sqrt(1 - beta2**step)
        eps, rate = group["eps"] * c, lr * c / (1 - beta1**step)

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            m, v, *largest = state
            s, regularised = scratch
            if decay:
                p *= 1 - lr * decay
            g = penalised(g, p, group, regularised, not self._decoupled)
            m *= beta1
            m += np.multiply(g, 1 - beta1, out=s)
            v *= beta2
            v += np.multiply(np.multiply(g, g, out=s), 1 - beta2, out=s)
            if largest:
                v = np.maximum(largest[0], v, out=largest[0])
            np.add(np.sqrt(v, out=s), eps, out=s)
            np.divide(m, s, out=s)
            p -= np.multiply(s, rate, out=s)

        return rule


class AdamW(Adam):
    """Adam with decoupled weight decay: p shrinks by lr·weight_decay before each step.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.AdamW([w], lr=0.5, weight_decay=0.0)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    _decoupled = True

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)
