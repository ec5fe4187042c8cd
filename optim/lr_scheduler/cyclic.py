"""CyclicLR: the rate goes up and down between two bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd.engine.diagnose import check_choice
from optim.lr_scheduler.base import (
    check_optimizer,
    function_state,
    load_function_state,
    per_group,
)
from optim.lr_scheduler.momentum import MomentumCycle
from optim.optimizer import Optimizer

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(MomentumCycle):
    """The rate in lines up from `base_lr` to `max_lr` and down again; `step` once a batch.

    `mode` says how the height of the triangles changes: not at all (triangular), halved every cycle
    (triangular2), or times `gamma` every step (exp_range). `scale_fn` says it instead, as a
    function of the number of the cycle, from 1, or of the step: `scale_mode` 'cycle' or
    'iterations'. With `cycle_momentum` the momentum (or the first of betas) goes the other way,
    down from `max_momentum` to `base_momentum` and up again.

    Source: Smith, Cyclical learning rates for training neural networks (2017).

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], momentum=0.9)
    >>> schedule = optim.lr_scheduler.CyclicLR(optimizer, 1.0, 2.0, step_size_up=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [1.0, 1.5, 2.0, 1.5, 1.0]
    """

    _not_saved = (*MomentumCycle._not_saved, "_scale_fn_custom")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: float = 2000,
        step_size_down: float | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(optimizer, last_epoch)
        self.base_lrs = per_group("base_lr", base_lr, optimizer)
        self.max_lrs = per_group("max_lr", max_lr, optimizer)
        self._set_lengths(step_size_up, step_size_up if step_size_down is None else step_size_down)
        self._scale_fn_custom = scale_fn
        self.mode = mode if scale_fn is not None else check_choice("mode", mode, MODES)
        self.gamma = gamma
        self.scale_mode = check_choice("scale_mode", scale_mode, ("cycle", "iterations"))
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self._cycle_momentum(cycle_momentum, base_momentum, max_momentum)
        if cycle_momentum:
            self.base_momentums = per_group("base_momentum", base_momentum, optimizer)
            self.max_momentums = per_group("max_momentum", max_momentum, optimizer)
        for rate, group in zip(self.base_lrs, self._groups, strict=True):
            group["lr"] = rate
        super().__init__(optimizer, last_epoch)

    def _bases(self) -> list[float]:
        return self.base_lrs

    def _set_lengths(self, up: float, down: float) -> None:
        self.total_size = float(up + down)
        self.step_ratio = up / self.total_size

    def scale_fn(self, x: float) -> float:
        """The height of the triangle at cycle x, or at step x, as `scale_mode` says."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return float(0.5 ** (x - 1) if self.mode == "triangular2" else self.gamma**x)

    def _height(self) -> float:
        """How far up `last_epoch` is, from 0 at the low end to 1 at the high one, scaled."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        rising = x <= self.step_ratio
        height = x / self.step_ratio if rising else (x - 1) / (self.step_ratio - 1)
        return height * self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)

    def get_lr(self) -> list[float]:
        self._check_count(len(self.max_lrs))
        height = self._height()
        return [
            low + (high - low) * height
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]

    def _momenta(self) -> list[float]:
        height = self._height()
        return [
            high - (high - low) * height
            for low, high in zip(self.base_momentums, self.max_momentums, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"_scale_fn_custom": function_state(self._scale_fn_custom)}

    def _adopt(self, state: Mapping[str, Any]) -> None:
        function = self._scale_fn_custom
        super()._adopt(state)
        self._scale_fn_custom = function
        load_function_state(function, state["_scale_fn_custom"])
