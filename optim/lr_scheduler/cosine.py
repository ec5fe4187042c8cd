"""Schedules along a cosine, once or with restarts."""

from __future__ import annotations

import math

from autograd.errors import ArgumentError
from optim.lr_scheduler.base import LRScheduler
from optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the initial rate to `eta_min` in `T_max` epochs, and back up after them.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017),
    without the restarts.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> optimizer.step()
    >>> schedule.step()
    >>> round(schedule.get_last_lr()[0], 6)
    0.5
    """

    def __init__(
        self, optimizer: Optimizer, T_max: float, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._is_initial:
            return self._rates()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # the share before this epoch was 0, and no factor leads up from there
            rise = 1 - _share(1, self.T_max)
            return [
                group["lr"] + (base_lr - self.eta_min) * rise
                for group, base_lr in self._with_bases()
            ]
        factor = _share(self.last_epoch, self.T_max) / _share(self.last_epoch - 1, self.T_max)
        return [factor * (rate - self.eta_min) + self.eta_min for rate in self._rates()]

    def _closed_form(self) -> list[float]:
        share = _share(self.last_epoch, self.T_max)
        return [
            self.eta_min + (base_lr - self.eta_min) * share for _, base_lr in self._with_bases()
        ]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine from the initial rate to `eta_min`, again and again.

    The first takes `T_0` epochs, each further one `T_mult` times as long as the one before. `step`
    may be given an epoch with a fraction, to anneal within epochs: `step(epoch + batch / batches)`.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 6) for rate in rates]
    [1.0, 0.5, 1.0, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_0 = T_0
        self.T_i: float = T_0  # the length of the present cosine
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = 0  # how far it has come
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        share = _share(self.T_cur, self.T_i)
        return [
            self.eta_min + (base_lr - self.eta_min) * share for _, base_lr in self._with_bases()
        ]

    def step(self, epoch: float | None = None) -> None:
        """Go to the next epoch, or to the one given, and set the rate of every group."""
        if epoch is None and self.last_epoch >= 0 and not self._is_initial:
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
            epoch = self.last_epoch + 1
        else:
            epoch = self.last_epoch + 1 if epoch is None else epoch
            if epoch < 0:
                raise ArgumentError(f"an epoch is not negative, got {epoch}")
            self._place(epoch)
        self._move(math.floor(epoch))

    def _place(self, epoch: float) -> None:
        """Find the cosine that an epoch lies in, and how far in."""
        if self.T_mult == 1:
            self.T_cur, self.T_i = epoch % self.T_0, self.T_0
            return
        self.T_cur, self.T_i = epoch, self.T_0
        while self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult


def _share(epoch: float, length: float) -> float:
    """Half a cosine: from 1 at epoch 0 to 0 at `length`."""
    return (1 + math.cos(math.pi * epoch / length)) / 2
