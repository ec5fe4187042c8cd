"""LRScheduler: what all schedules share.

Most schedules are recursions, as in PyTorch: the next rate follows from the one that the group has.
So they compose: another schedule, or the user, may change a group's rate, and it stays changed.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from autograd.engine.kinds import is_number
from autograd.engine.modes import captures
from autograd.engine.pickles import reduced
from autograd.engine.trail import step_capture
from autograd.errors import ArgumentError, MissingMethodError, StateDictError, shown
from optim.optimizer import Group, Optimizer

Step = TypeVar("Step", bound=Callable[..., None])


def noted(step: Step) -> Step:
    """A schedule's step that a traced training step does at its place, at each of its runs."""

    @functools.wraps(step)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        if captures and (capture := step_capture()) is not None:
            call: Any = functools.partial(self.step, **kwargs)
            call.remember = functools.partial(_undo, self)  # for who must take a run back
            capture.effect(call, args, _undo(self))
            return None
        return step(self, *args, **kwargs)

    return cast(Step, run)


def _undo(schedule: Any) -> Callable[[], None]:
    """What puts a schedule and the options of its groups back as they are now."""
    places = [*map(vars, _parts(schedule)), *schedule.optimizer.param_groups]
    before = [
        (place, {n: copy.copy(v) if type(v) in (list, dict) else v for n, v in place.items()})
        for place in places
    ]

    def undo() -> None:
        for place, held in before:
            kept = {name: value for name, value in held.items() if name != "params"}
            place.update(kept)

    return undo


def _parts(schedule: Any) -> Iterator[Any]:
    yield schedule
    for part in getattr(schedule, "_schedulers", ()):
        yield from _parts(part)


class LRScheduler:
    """Base of all schedules: a subclass says in `get_lr` what the rates are at `last_epoch`.

    Call `step` once an epoch, after the optimizer's. The rate at the start is kept in each group as
    `initial_lr`. `last_epoch` is the epoch to resume after, for an optimizer whose state has been
    loaded: the schedule runs from the initial rates to the epoch that follows, whatever rates the
    groups have now. -1 starts a new run.

    >>> import autograd as ag
    >>> import optim
    >>> class InverseLR(optim.lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [base_lr / (1 + self.last_epoch) for base_lr in self.base_lrs]
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = InverseLR(optimizer)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    _not_saved: tuple[str, ...] = ("optimizer", "_resumed")
    _is_initial = False  # whether the step is the one that sets the rates at the start
    _resumed = False  # whether it was made with last_epoch
    __reduce_ex__ = reduced

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "step" in vars(cls):
            cls.step = noted(cls.step)  # type: ignore[method-assign]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = check_optimizer(optimizer, last_epoch)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = self._bases()
        self.last_epoch = -1
        self._resumed = last_epoch != -1
        if self._resumed:
            self._run(last_epoch + 1)
        else:
            self._start()

    def _run(self, epoch: int) -> None:
        """Go from the initial rates to an epoch, step by step: some rates follow from all before.

        It is where a schedule is that was made with `last_epoch`, or that is part of one.
        """
        self._rewind()
        for group in self._groups:
            group["lr"] = self._rate_at_the_start(group)
        self._begin()
        for _ in range(epoch):
            self.step()

    def _bases(self) -> list[float]:
        return [float(group["initial_lr"]) for group in self._groups]

    def _rate_at_the_start(self, group: Group) -> float:
        return float(group["initial_lr"])

    def _rewind(self) -> None:
        """Go back to before the start, leaving the rates."""
        self.last_epoch = -1

    def _begin(self) -> None:
        """Go to the start, if nothing else is around this schedule."""
        self._start()

    def _start(self) -> None:
        """Set the rates at the start."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            del self._is_initial

    # ---- stepping ------------------------------------------------------------------------------

    def get_lr(self) -> list[float]:
        """The rate of each group at `last_epoch`; `step` asks for it, everyone else get_last_lr."""
        raise MissingMethodError(
            f"{type(self).__name__} has no get_lr(): define it to return the rate of each group"
        )

    def _closed_form(self) -> list[float]:
        """The rates at `last_epoch` as a formula of it, where there is one."""
        return self.get_lr()

    @noted
    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to the one given, and set the rate of every group."""
        before = self.last_epoch, self._step_count
        self._step_count += 1
        try:
            self._move(epoch)
        except Exception:
            self.last_epoch, self._step_count = before
            raise

    def _move(self, epoch: int | None) -> None:
        """To the next epoch by the recursion, or to the one given by the closed form."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        rates = self.get_lr() if epoch is None else self._closed_form()
        self._check_count(len(rates))
        for group, rate in zip(self._groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = self._rates()

    def get_last_lr(self) -> list[float]:
        """The rate of each group, as the last step set it."""
        return [*self._last_lr]

    @property
    def _groups(self) -> list[Group]:
        return self.optimizer.param_groups

    def _rates(self) -> list[float]:
        """The rate that each group has now."""
        return [group["lr"] for group in self._groups]

    def _with_bases(self) -> list[tuple[Group, float]]:
        """Each group with its rate at the start."""
        self._check_count(len(self.base_lrs))
        return list(zip(self._groups, self.base_lrs, strict=True))

    def _check_count(self, count: int) -> None:
        if count != len(self._groups):
            raise ArgumentError(
                f"{type(self).__name__} was made for {count} parameter groups, and the optimizer "
                f"has {len(self._groups)} now; make the schedule after add_param_group"
            )

    # ---- saving and loading --------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule stands, under PyTorch's keys, without the optimizer."""
        saved = (item for item in self.__dict__.items() if item[0] not in self._not_saved)
        return {name: copy.copy(value) for name, value in saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go to where a schedule of the same kind stood; the rates are the optimizer's to load.

        Raises StateDictError, with nothing changed, if the state is that of another schedule.
        """
        faults = self._faults(state_dict)
        if faults:
            raise StateDictError(
                f"the state does not fit this {type(self).__name__}; nothing was loaded:\n  "
                + "\n  ".join(faults)
            )
        self._adopt(state_dict)

    def _faults(self, state: Mapping[str, Any]) -> list[str]:
        """What speaks against loading the state."""
        own = self.state_dict()
        missing = [name for name in own if name not in state]
        # what PyTorch keeps for itself beside is not for us
        strange = [name for name in state if name not in own and not name.startswith("_")]
        faults = [f"missing     {', '.join(missing)}"] if missing else []
        faults += [f"unexpected  {', '.join(strange)}"] if strange else []
        mistyped = [n for n in own if n in state and not _is_like(state[n], own[n])]
        faults += [f"mistyped    {n} is {shown(state[n])}, {shown(own[n])} here" for n in mistyped]
        if faults:
            return faults
        theirs, ours = len(state.get("base_lrs", ())), len(own.get("base_lrs", ()))
        if theirs != ours:
            faults.append(f"base_lrs    of {theirs} parameter groups in the state, {ours} here")
        return faults

    def _adopt(self, state: Mapping[str, Any]) -> None:
        """Take over a state that has been found to fit."""
        for name in self.state_dict():
            setattr(self, name, copy.copy(state[name]))

    def __repr__(self) -> str:
        _, *names = inspect.signature(type(self)).parameters
        shown = [f"{n}={self._shown(n)}" for n in names if n in self.__dict__]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _shown(self, name: str) -> str:
        return repr(self.__dict__[name])


def check_optimizer(optimizer: Optimizer, last_epoch: int = -1) -> Optimizer:
    """The optimizer itself, if it has the initial rates to resume from."""
    if last_epoch < -1:
        raise ArgumentError(f"last_epoch is an epoch, or -1 for a new run, got {last_epoch}")
    for number, group in enumerate(optimizer.param_groups):
        if last_epoch != -1 and "initial_lr" not in group:
            raise ArgumentError(
                f"group {number} has no initial_lr, so there is nothing to resume at "
                f"last_epoch={last_epoch}; load the optimizer's state first"
            )
    return optimizer


def per_group(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """A list with one value for each group: those given, or the one given for all."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ArgumentError(
            f"{name} has {len(value)} values, and the optimizer has {count} parameter groups; "
            "give one for each, or one for all"
        )
    return list(value)


def function_state(function: Callable[..., Any] | None) -> dict[str, Any] | None:
    """What is saved of a function: the attributes of a callable object; of others nothing."""
    kept = getattr(function, "__dict__", None)
    return dict(kept) if kept and not hasattr(function, "__code__") else None


def load_function_state(function: Any, state: Mapping[str, Any] | None) -> None:
    """Give a callable object the attributes that were saved of one."""
    if state is not None:
        function.__dict__.update(state)


def _is_like(theirs: Any, ours: Any) -> bool:
    """Whether a saved value can stand for one of a schedule's own: a number, or several."""
    if isinstance(ours, list) and all(map(is_number, ours)):
        is_list = isinstance(theirs, (list, tuple)) and all(map(is_number, theirs))
        return is_list or isinstance(theirs, Mapping)  # PyTorch's milestones, counted
    return is_number(theirs) or not is_number(ours)
