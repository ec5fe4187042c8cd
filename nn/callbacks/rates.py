"""What sets the learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd.errors import ArgumentError
from nn.callbacks.base import Callback, Logs
from nn.callbacks.monitor import Monitor


class LearningRateScheduler(Callback):
    """Set the learning rate before every epoch: `schedule(epoch, lr) -> lr`."""

    def __init__(self, schedule: Callable[[int, float], float]) -> None:
        self.schedule = schedule

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        for group in self.model.optimizer.param_groups:
            rate = float(self.schedule(epoch, group["lr"]))
            if not math.isfinite(rate) or rate < 0:
                raise ArgumentError(f"the schedule gave the learning rate {rate} for epoch {epoch}")
            group["lr"] = rate

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        logs["learning_rate"] = self.model.optimizer.param_groups[0]["lr"]


class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by `factor` when a number has not improved for `patience` epochs.

    It then waits for `cooldown` epochs, and never goes below `min_lr`.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not 0 < factor < 1:
            raise ArgumentError(f"factor must lie between 0 and 1, got {factor}")
        self.factor, self.patience, self.cooldown, self.min_lr = factor, patience, cooldown, min_lr

    _wait: int
    _cooling: int

    def _at_the_start(self) -> dict[str, Any]:
        return super()._at_the_start() | {"_wait": 0, "_cooling": 0}

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        value = self.value(logs)
        groups = self.model.optimizer.param_groups
        logs["learning_rate"] = groups[0]["lr"]
        if self._cooling:
            self._cooling -= 1
            self._wait = 0
        if self.improves(value):
            self.best, self._wait = value, 0
        elif not self._cooling:
            self._wait += 1
            if self._wait >= self.patience:
                for group in groups:
                    group["lr"] = max(group["lr"] * self.factor, self.min_lr)
                self._cooling, self._wait = self.cooldown, 0
