"""Muon: momentum whose steps are made orthogonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError
from autograd.tensors.display import label
from optim.base.checks import Params, options_in
from optim.base.chunk import Numbers
from optim.optimizer import Group
from optim.shaped import ShapedOptimizer

RATES = ("original", "match_rms_adamw")


class Muon(ShapedOptimizer):
    """Momentum for matrices, with all singular values of a step brought near 1.

    With the gradient g of a matrix (A, B)::

        b ← momentum·b + (1 − momentum)·g
        o = newton_schulz(nesterov: momentum·b + (1 − momentum)·g, else b)
        p ← p − lr·weight_decay·p
        p ← p − lr·factor·o

    where newton_schulz divides by the norm (by `eps` at least), and then takes `ns_steps` times
    x ← a·x + (b·x·xᵀ + c·(x·xᵀ)²)·x with the `ns_coefficients` (a, b, c). The factor is
    √max(1, A/B) by `adjust_lr_fn="original"`, and 0.2·√max(A, B) by "match_rms_adamw", which brings
    steps to the size of AdamW's. All of it is done in the precision of the parameter.

    It is made for the matrices of hidden layers; give vectors, embeddings and the last layer to
    another optimizer.

    Source: Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024). Liu et
    al., Muon is scalable for LLM training (2025), for the second factor.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([[3.0, 0.0], [0.0, 1.0]], requires_grad=True)
    >>> optimizer = optim.Muon([w], lr=0.1, weight_decay=0.0)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> optimizer.state[w]["momentum_buffer"].shape
    (2, 2)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        check_choice("adjust_lr_fn", group["adjust_lr_fn"], (None, *RATES))

    def _check_param(self, p: Any, position: int) -> None:
        super()._check_param(p, position)
        if p.ndim != 2:
            raise ArgumentError(
                f"parameter {position} ({label(p)}) is {p.shape}, and Muon is for matrices; give "
                "it to another optimizer, such as AdamW"
            )

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _state_shapes(self, p: Tensor, group: Group) -> dict[str, tuple[int, ...]]:
        return {"momentum_buffer": p.shape}

    def _updated(
        self, p: Any, g: Any, group: Group, state: dict[str, Any], numbers: Numbers
    ) -> Any:
        buffer, momentum, lr = state["momentum_buffer"], group["momentum"], float(group["lr"])
        buffer *= momentum
        buffer += (1 - momentum) * g
        step = momentum * buffer + (1 - momentum) * g if group["nesterov"] else buffer
        step = _newton_schulz(step, group["ns_coefficients"], group["ns_steps"], group["eps"])
        height, width = p.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            factor = 0.2 * math.sqrt(max(height, width))
        else:
            factor = math.sqrt(max(1, height / width))
        return p * (1 - lr * group["weight_decay"]) - lr * factor * step


def _newton_schulz(x: Any, coefficients: tuple[float, float, float], steps: int, eps: float) -> Any:
    """A matrix with the singular vectors of x, and singular values near 1."""
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]  # the shorter side makes the smaller product x @ x.T
    x = (x.T if tall else x) / max(float(np.linalg.norm(x)), eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if tall else x
