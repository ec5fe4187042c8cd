"""Rprop: steps that follow the sign of the gradient only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from optim.base.checks import Params, options_in
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group, Optimizer, penalised


class Rprop(Optimizer):
    """Steps of a size of its own for each element, along the sign of the gradient.

    The size grows by the second of `etas` while the sign stays, and shrinks by the first when it
    turns; then the element rests for one step. It is made for gradients of the whole data, not for
    minibatches. With the gradient g, the last one h, and the size s, starting from lr::

        s ← clip(s·(etas[1] if g·h > 0, etas[0] if g·h < 0, else 1), *step_sizes)
        h ← 0 where g·h < 0, else g
        p ← p − s·sign(h)

    `maximize` climbs instead.

    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm (1993).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.Rprop([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, options_in(locals()))

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        shrink, grow = group["etas"]
        if not 0 < shrink < 1 < grow:
            raise ArgumentError(f"etas must be a factor below 1 and one above, got {group['etas']}")
        smallest, largest = group["step_sizes"]
        if not 0 <= smallest <= largest:
            sizes = group["step_sizes"]
            raise ArgumentError(f"step_sizes must be the smallest and the largest one, got {sizes}")

    def _arrays(self, group: Group) -> Kept:
        return {"prev": 0.0, "step_size": float(group["lr"])}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        (shrink, grow), (smallest, largest) = group["etas"], group["step_sizes"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            h, size = state
            s, negated, _ = scratch
            g = penalised(g, p, group, negated, False)
            np.multiply(g, h, out=s)
            stays, turns = np.greater(s, 0), np.less(s, 0)
            for where, factor in ((stays, grow), (turns, shrink)):  # faster than ufuncs' where=
                size *= np.add(np.multiply(where, factor - 1, out=s), 1, out=s)
            np.clip(size, smallest, largest, out=size)
            np.copyto(h, g)
            np.copyto(h, 0, where=turns)
            p -= np.multiply(np.sign(h, out=s), size, out=s)

        return rule
