"""OneCycleLR: one rise of the rate and one long fall, over the whole of the training."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from autograd.engine.diagnose import check_choice
from autograd.engine.ranges import Count
from autograd.errors import ArgumentError
from optim.lr_scheduler.base import check_optimizer, per_group
from optim.lr_scheduler.momentum import MomentumCycle
from optim.optimizer import Group, Optimizer

STRATEGIES = ("cos", "linear")


class OneCycleLR(MomentumCycle):
    """The rate up to `max_lr` in the first `pct_start` of the steps, and down in the others.

    `step` is called once a batch. The rate starts at max_lr / `div_factor`, and ends at
    `final_div_factor` below that. There are `total_steps` steps, or `epochs` times
    `steps_per_epoch`; one more is an error. With `three_phase` the way down stops at the initial
    rate, as long after the top as the top is after the start, and goes on from there. The momentum
    (or the first of betas) goes the other way, unless `cycle_momentum` is False. `anneal_strategy`
    'cos' follows half cosines, 'linear' lines.

    Source: Smith and Topin, Super-convergence: very fast training of neural networks using large
    learning rates (2019).

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], momentum=0.9)
    >>> schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(9):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 2) for rate in rates]
    [0.04, 0.52, 1.0, 0.95, 0.81, 0.61, 0.39, 0.19, 0.05, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: Count | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 10000.0,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(optimizer, last_epoch)
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        self._anneal_func_type = check_choice("anneal_strategy", anneal_strategy, STRATEGIES)
        self._schedule_phases = _phases(pct_start, self.total_steps, three_phase)
        max_lrs = per_group("max_lr", max_lr, optimizer)
        self._cycle_momentum(cycle_momentum, base_momentum, max_momentum)
        for group, rate in zip(self._groups, max_lrs, strict=True):
            group["initial_lr"] = rate / div_factor
            group["max_lr"] = rate
            group["min_lr"] = group["initial_lr"] / final_div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch > self.total_steps:
            raise ArgumentError(
                f"OneCycleLR was made for total_steps={self.total_steps}, and they are over; "
                "total_steps counts batches: epochs * batches per epoch"
            )
        return [self._annealed(group, "lr") for group in self._groups]

    def _momenta(self) -> list[float]:
        return [self._annealed(group, "momentum") for group in self._groups]

    def _annealed(self, group: Group, option: str) -> float:
        """The option, lr or momentum, at `last_epoch`."""
        start = 0.0
        *most, phase = self._schedule_phases
        for earlier in most:
            if self.last_epoch <= earlier["end_step"]:
                phase = earlier
                break
            start = earlier["end_step"]
        length = phase["end_step"] - start
        share = (self.last_epoch - start) / length if length else 1.0
        low, high = group[phase[f"start_{option}"]], group[phase[f"end_{option}"]]
        return anneal(low, high, share, self._anneal_func_type)


def anneal(start: float, end: float, share: float, strategy: str) -> float:
    """A point on the way from start to end, along a line or half a cosine."""
    if strategy == "linear":
        return (end - start) * share + start
    return end + (start - end) / 2.0 * (1 + math.cos(math.pi * share))


def _total(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """The number of steps: as given, or the product of the other two."""
    if total_steps is not None:
        return total_steps
    if epochs is None or steps_per_epoch is None:
        raise ArgumentError("give total_steps, or both epochs and steps_per_epoch")
    return epochs * steps_per_epoch


def _phases(pct_start: float, total_steps: int, three_phase: bool) -> list[dict[str, Any]]:
    """The phases, as (their last step, and the keys of rate and momentum at both their ends)."""
    top = float(pct_start * total_steps) - 1
    ends = [top, 2 * top, total_steps - 1] if three_phase else [top, total_steps - 1]
    low = ["initial_lr"] if three_phase else []
    rates = pairwise(["initial_lr", "max_lr", *low, "min_lr"])
    high = ["max_momentum"] * (2 if three_phase else 1)
    momenta = pairwise(["max_momentum", "base_momentum", *high])
    keys = ("start_lr", "end_lr", "start_momentum", "end_momentum")
    return [
        {"end_step": end, **dict(zip(keys, rate + momentum, strict=True))}
        for end, rate, momentum in zip(ends, rates, momenta, strict=True)
    ]
