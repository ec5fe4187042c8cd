"""Schedules that move the momentum against the rate: high while the rate is low."""

from __future__ import annotations

from typing import Any

from autograd.errors import ArgumentError
from optim.lr_scheduler.base import LRScheduler, per_group
from optim.optimizer import Group

__all__ = ["MomentumCycle"]


class MomentumCycle(LRScheduler):
    """Base of schedules that also set each group's `momentum`, or the first of its `betas`."""

    cycle_momentum: bool
    use_beta1: bool

    def _cycle_momentum(self, cycle: bool, base: Any, highest: Any) -> None:
        """Keep the two ends in each group, and start at the high one; before the base's init."""
        self.cycle_momentum = cycle
        if not cycle:
            return
        defaults = self.optimizer.defaults
        if "momentum" not in defaults and "betas" not in defaults:
            raise ArgumentError(
                f"{type(self.optimizer).__name__} has neither momentum nor betas to cycle; "
                "give cycle_momentum=False"
            )
        self.use_beta1 = "betas" in defaults
        lows = per_group("base_momentum", base, self.optimizer)
        highs = per_group("max_momentum", highest, self.optimizer)
        for group, low, high in zip(self._groups, lows, highs, strict=True):
            self._set_momentum(group, high)
            group["max_momentum"], group["base_momentum"] = high, low

    def _set_momentum(self, group: Group, momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum

    def _momenta(self) -> list[float]:
        """The momentum of each group at `last_epoch`."""
        raise NotImplementedError

    def _move(self, epoch: int | None) -> None:
        super()._move(epoch)
        if self.cycle_momentum:
            for group, momentum in zip(self._groups, self._momenta(), strict=True):
                self._set_momentum(group, momentum)
