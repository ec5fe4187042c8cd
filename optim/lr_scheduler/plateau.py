"""ReduceLROnPlateau: a lower rate when what is watched stops improving."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd import no_grad
from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, ArgumentTypeError
from optim.lr_scheduler.base import LRScheduler, per_group
from optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` when a metric has not improved for more than `patience` epochs.

    `mode` says whether 'min' or 'max' is better. An improvement is one by more than `threshold`,
    relative to the best value so far ('rel') or as a difference ('abs'). After a reduction
    `cooldown` epochs do not count. No rate goes below `min_lr`, one number or one for each group,
    and changes of less than `eps` are not made.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for validation_loss in (3.0, 2.0, 2.0, 2.0):
    ...     optimizer.step()
    ...     schedule.step(validation_loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = optimizer
        if not 0 <= factor < 1:
            raise ArgumentError(f"factor must be at least 0 and below 1, got {factor}")
        self.mode = check_choice("mode", mode, ("min", "max"))
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = check_choice("threshold_mode", threshold_mode, ("rel", "abs"))
        self.cooldown = cooldown
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.min_lrs = per_group("min_lr", min_lr, optimizer)
        self.eps = eps
        self.last_epoch = 0
        self._last_lr = self._rates()
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    @property
    def in_cooldown(self) -> bool:
        """Whether a reduction is so recent that epochs do not count."""
        return self.cooldown_counter > 0

    def step(  # type: ignore[override]
        self, metrics: Any = None, epoch: int | None = None
    ) -> None:
        """Look at the metric of this epoch, and reduce the rates if it is time to."""
        if metrics is None:
            raise ArgumentTypeError(
                "ReduceLROnPlateau.step() needs the number that it watches: "
                "schedule.step(validation_loss)"
            )
        with no_grad():  # only to look at it
            current = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._rates()

    def _is_better(self, value: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        if self.threshold_mode == "rel":
            bar = self.best * (1.0 + sign * self.threshold)
        else:
            bar = self.best + sign * self.threshold
        return sign * value > sign * bar

    def _reduce(self) -> None:
        if self.default_min_lr is not None:
            self.min_lrs = [self.default_min_lr] * len(self._groups)  # groups may have come
        self._check_count(len(self.min_lrs))
        for group, least in zip(self._groups, self.min_lrs, strict=True):
            rate = max(float(group["lr"]) * self.factor, least)
            if group["lr"] - rate > self.eps:
                group["lr"] = rate

    def _faults(self, state: Mapping[str, Any]) -> list[str]:
        faults = super()._faults(state)
        if not faults and len(state["min_lrs"]) != len(self.min_lrs):
            count = len(state["min_lrs"])
            faults = [f"min_lrs     of {count} groups in the state, {len(self.min_lrs)} here"]
        return faults
