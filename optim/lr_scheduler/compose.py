"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from autograd.errors import ArgumentError, ArgumentTypeError
from optim.lr_scheduler.base import LRScheduler, check_optimizer
from optim.lr_scheduler.plateau import ReduceLROnPlateau
from optim.optimizer import Optimizer


class _Composed(LRScheduler):
    """Several schedules of one optimizer; their states are saved as a list."""

    _not_saved = (*LRScheduler._not_saved, "_schedulers", "_step_count")
    _schedulers: list[LRScheduler]

    def _rewind(self) -> None:
        for scheduler in self._schedulers:
            scheduler._rewind()

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"_schedulers": [s.state_dict() for s in self._schedulers]}

    def _faults(self, state: Mapping[str, Any]) -> list[str]:
        faults = super()._faults(state)
        theirs = state.get("_schedulers", ())
        if faults or len(theirs) != len(self._schedulers):
            return faults or [f"{len(theirs)} schedules in the state, {len(self._schedulers)} here"]
        return [
            f"schedule {number} ({type(scheduler).__name__}): {' '.join(fault.split())}"
            for number, (scheduler, part) in enumerate(zip(self._schedulers, theirs, strict=True))
            for fault in scheduler._faults(part)
        ]

    def _adopt(self, state: Mapping[str, Any]) -> None:
        own = self._schedulers
        super()._adopt(state)
        self._schedulers = own
        for scheduler, part in zip(own, state["_schedulers"], strict=True):
            scheduler._adopt(part)

    def __repr__(self) -> str:
        inner = ",".join(f"\n{s!r}".replace("\n", "\n  ") for s in self._schedulers)
        return f"{type(self).__name__}([{inner}\n]{self._more()})"

    def _more(self) -> str:
        return ""


class SequentialLR(_Composed):
    """One schedule after the other: scheduler i + 1 takes over at epoch `milestones[i]`.

    Each starts at its own epoch 0, from the initial rate. With `last_epoch` they run to the epoch
    that follows it, wherever they were.

    >>> import autograd as ag
    >>> import optim
    >>> from optim.lr_scheduler import ExponentialLR, LinearLR, SequentialLR
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> warm_up = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> decay = ExponentialLR(optimizer, gamma=0.5)
    >>> schedule = SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Iterable[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(optimizer, last_epoch)
        self._schedulers = _checked("SequentialLR", schedulers, optimizer)
        self._milestones = _checked_milestones(milestones, self._schedulers)
        self._resumed = last_epoch != -1
        self._run(last_epoch + 1)

    def _rewind(self) -> None:
        super()._rewind()
        self.last_epoch = 0

    def _begin(self) -> None:
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._start()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Go to the next epoch, and let the schedule whose turn it is set the rates."""
        epoch = self.last_epoch + 1
        turn = bisect_right(self._milestones, epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == epoch:
            scheduler._move(0)
        else:
            scheduler.step()
        self.last_epoch = epoch
        self._last_lr = scheduler.get_last_lr()

    def _more(self) -> str:
        return f", milestones={self._milestones}, last_epoch={self.last_epoch}"


class ChainedScheduler(_Composed):
    """Several schedules at once: each step, one changes the rates that the one before has set.

    Made of schedules with one `last_epoch`, they all run there together.

    This has a meaning for schedules that are recursions: those of which one changes the rate that
    is there, such as StepLR, LinearLR, ExponentialLR, PolynomialLR and CosineAnnealingLR.

    >>> import autograd as ag
    >>> import optim
    >>> from optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> parts = [ConstantLR(optimizer, 0.5, total_iters=2), ExponentialLR(optimizer, gamma=0.5)]
    >>> schedule = ChainedScheduler(parts, optimizer)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(
        self, schedulers: Iterable[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        self._schedulers = _checked("ChainedScheduler", schedulers, optimizer)
        self.optimizer = self._schedulers[0].optimizer
        self._last_lr = self._rates()
        if all(scheduler._resumed for scheduler in self._schedulers):
            self._run(min(scheduler.last_epoch for scheduler in self._schedulers))

    def _begin(self) -> None:
        for scheduler in self._schedulers:
            scheduler._start()
        self._last_lr = self._rates()

    def step(self) -> None:  # type: ignore[override]
        """Let every schedule take its step, in order."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._rates()


def _checked(
    what: str, schedulers: Iterable[LRScheduler], optimizer: Optimizer | None
) -> list[LRScheduler]:
    """The schedules as a list, if they are schedules of the same optimizer, and can be stepped."""
    listed = list(schedulers)
    if not listed:
        raise ArgumentError(f"{what} is made of at least one schedule, got none")
    for number, scheduler in enumerate(listed):
        kind = type(scheduler).__name__
        if not isinstance(scheduler, LRScheduler):
            raise ArgumentTypeError(f"{what} is made of schedules; number {number} is {kind}")
        if isinstance(scheduler, ReduceLROnPlateau):
            raise ArgumentError(
                f"{what} steps without a metric, which {kind} (number {number}) needs; "
                "step that one beside it"
            )
        optimizer = optimizer or scheduler.optimizer
        if scheduler.optimizer is not optimizer:
            raise ArgumentError(
                f"{what} sets the rates of one optimizer; schedule number {number} ({kind}) "
                "belongs to another"
            )
    return listed


def _checked_milestones(milestones: Sequence[int], schedulers: list[LRScheduler]) -> list[int]:
    listed = list(milestones)
    if len(listed) != len(schedulers) - 1:
        raise ArgumentError(
            f"SequentialLR changes over {len(schedulers) - 1} times between {len(schedulers)} "
            f"schedules, got {len(listed)} milestones"
        )
    if any(b <= a for a, b in pairwise([-1, *listed])):
        raise ArgumentError(f"milestones must be epochs that increase, got {listed}")
    for number, scheduler in enumerate(schedulers[1:], 1):
        if isinstance(scheduler, _Composed):
            raise ArgumentError(
                f"SequentialLR takes schedule number {number} back to its epoch 0 when its turn "
                f"comes, which {type(scheduler).__name__} cannot; only the first may be composed"
            )
    return listed
