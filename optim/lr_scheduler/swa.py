"""SWALR: the rate on its way to that of weight averaging."""

from __future__ import annotations

from autograd.engine.diagnose import check_choice
from optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from optim.lr_scheduler.one_cycle import STRATEGIES, anneal
from optim.optimizer import Group, Optimizer

__all__ = ["SWALR"]


class SWALR(LRScheduler):
    """The rate from where it is to `swa_lr` in `anneal_epochs` epochs, and constant after them.

    It is the rate at which the weights are averaged by `AveragedModel`. `anneal_strategy` 'cos'
    goes there along half a cosine, 'linear' in a line.

    Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging weights leads to wider
    optima and better generalization (2018).

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.swa_utils.SWALR(optimizer, 0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [1.0, 0.75, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        rates = per_group("swa_lr", swa_lr, check_optimizer(optimizer, last_epoch))
        self._anneal_strategy = check_choice("anneal_strategy", anneal_strategy, STRATEGIES)
        self.anneal_epochs = anneal_epochs
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
            if last_epoch == -1:
                group["swa_start_lr"] = group["lr"]  # not the initial one, after another schedule
        super().__init__(optimizer, last_epoch)

    def _rate_at_the_start(self, group: Group) -> float:
        return float(group["swa_start_lr" if "swa_start_lr" in group else "initial_lr"])

    def get_lr(self) -> list[float]:
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self._groups:
            goal = group["swa_lr"]
            start = goal if before == 1 else (group["lr"] - before * goal) / (1 - before)
            rates.append(goal * now + start * (1 - now))
        return rates

    def _share(self, step: int) -> float:
        """How far the rate has come after some steps: 0 at the start, 1 at `swa_lr`."""
        part = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return anneal(0.0, 1.0, part, self._anneal_strategy)
