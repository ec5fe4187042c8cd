"""Learning-rate schedules: the rate of each group as a function of how often `step` was called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd.errors import StateDictError
from optim.optimizer import Optimizer

__all__ = ["CosineAnnealingLR", "LRScheduler", "StepLR"]


class LRScheduler:
    """Base of all schedules: a subclass says what the rate is after some epochs.

    The rate at the start is kept in each group as `initial_lr`. `step` is called once an epoch,
    after the optimizer's. `last_epoch` is the epoch to resume from, -1 for a new run.
    """

    _saved: tuple[str, ...] = ("last_epoch", "base_lrs")

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule belongs to an Optimizer, got {type(optimizer).__name__}")
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group["initial_lr"] = group["lr"]
            elif "initial_lr" not in group:
                raise ValueError(
                    f"group {number} has no initial_lr, so there is nothing to resume at "
                    f"last_epoch={last_epoch}; load the optimizer's state first"
                )
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def lr_after(self, epochs: int, base_lr: float) -> float:
        """The rate after `epochs` calls of step, for a group that starts at `base_lr`."""
        raise NotImplementedError(f"{type(self).__name__} has no lr_after()")

    def step(self) -> None:
        """Go to the next epoch and set the rate of every group."""
        self.last_epoch += 1
        for group, base_lr in zip(self.optimizer.param_groups, self.base_lrs, strict=False):
            group["lr"] = self.lr_after(self.last_epoch, base_lr)

    def get_last_lr(self) -> list[float]:
        """The rate of each group now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule stands, without the optimizer."""
        return {name: getattr(self, name) for name in self._saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go to where a schedule of the same kind stood; the rates are the optimizer's to load."""
        missing = [name for name in self._saved if name not in state_dict]
        if missing:
            raise StateDictError(
                f"the state does not fit {type(self).__name__}: it lacks {', '.join(missing)}"
            )
        for name in self._saved:
            setattr(self, name, state_dict[name])


class StepLR(LRScheduler):
    """The rate times `gamma` every `step_size` epochs.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    _saved = (*LRScheduler._saved, "step_size", "gamma")

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if step_size < 1:
            raise ValueError(f"step_size must be at least 1, got {step_size}")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def lr_after(self, epochs: int, base_lr: float) -> float:
        return float(base_lr * self.gamma ** (epochs // self.step_size))


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the initial rate to `eta_min` in `T_max` epochs, and back up after them.

    Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017), without
    the restarts.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> schedule.step()
    >>> round(schedule.get_last_lr()[0], 6)
    0.5
    """

    _saved = (*LRScheduler._saved, "T_max", "eta_min")

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if T_max < 1:
            raise ValueError(f"T_max must be at least 1, got {T_max}")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def lr_after(self, epochs: int, base_lr: float) -> float:
        share = (1 + math.cos(math.pi * epochs / self.T_max)) / 2
        return self.eta_min + (base_lr - self.eta_min) * share
