"""Schedules that multiply the rate of all groups by the same factor, epoch by epoch."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from autograd.engine.diagnose import listed
from autograd.engine.kinds import is_whole
from autograd.errors import ArgumentError, ArgumentTypeError
from optim.lr_scheduler.base import LRScheduler
from optim.optimizer import Optimizer


class _FactorLR(LRScheduler):
    """A subclass says the factor of one step, and what the factors make together."""

    def _factor(self) -> float:
        """What the rate is multiplied by on arrival at `last_epoch`."""
        raise NotImplementedError

    def _share(self) -> float:
        """The rate at `last_epoch` as a share of the initial one: the product of the factors."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        factor = self._factor()
        return [rate * factor for rate in self._rates()]

    def _closed_form(self) -> list[float]:
        share = self._share()
        return [base_lr * share for _, base_lr in self._with_bases()]


class StepLR(_FactorLR):
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

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        return 1.0 if self.last_epoch == 0 or self.last_epoch % self.step_size else self.gamma

    def _share(self) -> float:
        return float(self.gamma ** (self.last_epoch // self.step_size))


class MultiStepLR(_FactorLR):
    """The rate times `gamma` at each of the epochs `milestones`; twice where one is given twice.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    milestones: Counter[int]  # how often each is given

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        epochs = listed("milestones", milestones)
        if not all(map(is_whole, epochs)):
            raise ArgumentTypeError(f"milestones must be whole numbers, got {epochs}")
        if any(b < a for a, b in pairwise(epochs)):
            raise ArgumentError(f"milestones must not decrease, got {epochs}")
        self.milestones = Counter(epochs)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        return float(self.gamma ** self.milestones[self.last_epoch])

    def _adopt(self, state: Mapping[str, Any]) -> None:
        super()._adopt(state)
        given = state["milestones"].items()
        self.milestones = Counter({int(epoch): times for epoch, times in given})  # JSON's are text

    def _share(self) -> float:
        return float(self.gamma ** bisect_right(self._epochs(), self.last_epoch))

    def _epochs(self) -> list[int]:
        return sorted(self.milestones.elements())

    def _shown(self, name: str) -> str:
        return str(self._epochs()) if name == "milestones" else super()._shown(name)


class ConstantLR(_FactorLR):
    """The rate times `factor` for the first `total_iters` epochs, and the full rate after them.

    Source: Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour (2017), as
    constant warm-up.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> schedule.get_last_lr()
    [0.5]
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < factor <= 1:
            raise ArgumentError(f"factor must lie above 0 and not above 1, got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        if self.last_epoch == 0:
            return self.factor
        return 1.0 / self.factor if self.last_epoch == self.total_iters else 1.0

    def _share(self) -> float:
        return 1.0 if self.last_epoch >= self.total_iters else self.factor


class LinearLR(_FactorLR):
    """The rate times a factor that goes in a line from `start_factor` to `end_factor`.

    It arrives after `total_iters` epochs, and stays there.

    Source: Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour (2017), as
    gradual warm-up.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.25, 0.5, 0.75, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ArgumentError(
                f"start_factor must lie above 0 and not above 1, got {start_factor}"
            )
        if not 0 <= end_factor <= 1:
            raise ArgumentError(f"end_factor must lie between 0 and 1, got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        if self.last_epoch == 0:
            return self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1.0
        rise = self.end_factor - self.start_factor
        return 1.0 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise)

    def _share(self) -> float:
        rise = self.end_factor - self.start_factor
        return self.start_factor + rise * min(self.total_iters, self.last_epoch) / self.total_iters


class ExponentialLR(_FactorLR):
    """The rate times `gamma` every epoch.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.125]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        return 1.0 if self._is_initial else self.gamma

    def _share(self) -> float:
        return float(self.gamma**self.last_epoch)


class PolynomialLR(_FactorLR):
    """The initial rate times (1 − epoch/total_iters)^power, down to 0, where it stays.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.PolynomialLR(optimizer, total_iters=2, power=2.0)
    >>> optimizer.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self) -> float:
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1.0
        before = 1.0 - (self.last_epoch - 1) / self.total_iters
        return float(((1.0 - self.last_epoch / self.total_iters) / before) ** self.power)

    def _share(self) -> float:
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return float(left**self.power)
