"""The update of a group of parameters as a pure function, for a step that is being traced."""

from __future__ import annotations

import copy
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np

from autograd import Tensor
from autograd.engine.modes import captures
from autograd.engine.trail import step_capture
from autograd.errors import TraceError, outdated
from autograd.extend import raw
from autograd.tensors.tensor import taken

__all__ = ["Update", "state_names", "told"]

Step = TypeVar("Step", bound=Callable[..., Any])


class Update:
    """What a step makes of the numbers of one group: no Tensor and no state is changed.

    It takes for each parameter its value, its gradient and its state by its `names` (None where
    there is none yet), and gives for each the new value and state. Options such as `lr` are those
    that the group has when it is called.
    """

    gives_numbers = True  # Python's among its results, such as the count of steps, stay such

    def __init__(self, optimizer: Any, number: int, names: Sequence[Sequence[str]]) -> None:
        self.optimizer = optimizer
        self.number = number
        self.names = tuple(map(tuple, names))  # of the state of each parameter
        self._params = self._all_params()

    @property
    def __name__(self) -> str:
        return type(self.optimizer).__name__

    def __repr__(self) -> str:
        return f"the step of {self.__name__}, group {self.number}, with {self.names}"

    def _all_params(self) -> list[int]:
        return [id(p) for group in self.optimizer.param_groups for p in group["params"]]

    def _check(self) -> None:
        if self._all_params() != self._params:
            raise outdated(
                TraceError,
                f"program: {self.__name__} has other parameters than in the trace; trace the call "
                "again after add_param_group",
            )

    def in_place(self) -> None:
        """Take the step itself, with the gradients that the parameters have."""
        self._check()
        group = self.optimizer.param_groups[self.number]
        self.optimizer._update_group(self.number, group)

    def formula(self, entry: Mapping[str, Any]) -> Any:
        """How a parameter with this state is updated now: (rule, numbers, arrays, scratch count).

        The rule is a function of (value, gradient, arrays, scratch) that writes into them; the
        numbers are what it leaves beside, the arrays are by name what they start from. None: this
        step is no such rule.
        """
        self._check()
        found = self.optimizer._formula(self.optimizer.param_groups[self.number], entry)
        return found and (*found, self.optimizer._scratch_count)

    def unmade(self, *numbers: Any) -> tuple[Any, ...] | None:
        """What a call would give, without its numbers: arrays take no memory. None: who knows.

        For a trace of a large model, in which nothing reads what its last step leaves.
        """
        optimizer = self.optimizer
        if not optimizer._is_plain:
            return None
        counts = optimizer._numbers(optimizer.param_groups[self.number])
        given, found = iter(numbers), []
        for names in self.names:
            value, _ = next(given), next(given)
            found.append(_blank(value))
            for name in names:
                old = next(given)
                known = counts.get(name, value) if old is None else old
                found.append(known if isinstance(known, (int, float)) else _blank(known))
        return tuple(found)

    def __call__(self, *numbers: Any) -> tuple[Any, ...]:
        self._check()
        given = iter(numbers)
        twins: list[Tensor] = []
        state: dict[Tensor, dict[str, Any]] = {}
        for names in self.names:
            twins.append(twin := _twin(next(given), next(given)))
            kept = {name: next(given) for name in names}
            state[twin] = {name: _owned(v) for name, v in kept.items() if v is not None}
        _run_on(self.optimizer, self.number, twins, state)
        return tuple(
            part
            for twin, names in zip(twins, self.names, strict=True)
            for part in (raw(twin), *(_plain(state[twin].get(name)) for name in names))
        )


def told(step: Step) -> Step:
    """A step that a class writes itself: a traced call holds the options that it reads."""

    @functools.wraps(step)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        if captures and (capture := step_capture()) is not None:
            capture.options_of(self)
        return step(self, *args, **kwargs)

    return cast(Step, run)


def _run_on(optimizer: Any, number: int, twins: list[Tensor], state: Any) -> None:
    """Take the step of a group on other parameters, with their state."""
    stepper = copy.copy(optimizer)
    stepper.state = defaultdict(dict, state)
    stepper._reset_caches()
    stepper._update_group(number, {**optimizer.param_groups[number], "params": twins})
    state.update(stepper.state)


def state_names(
    optimizer: Any, number: int, params: list[Any], grads: list[Any]
) -> list[list[str]]:
    """The names of the state that a step leaves, which may be more than there is before it."""
    group = optimizer.param_groups[number]
    before = [optimizer.state.get(p, {}) for p in params]
    if optimizer._is_plain:  # then its class says so
        more = [*optimizer._arrays(group), *optimizer._numbers(group)]
        return [list(dict.fromkeys([*_checked(optimizer, entry), *more])) for entry in before]
    twins = [_twin(raw(p), raw(g)) for p, g in zip(params, grads, strict=True)]
    state = {
        twin: {n: _owned(_plain(v)) for n, v in entry.items()}
        for twin, entry in zip(twins, before, strict=True)
    }
    _run_on(optimizer, number, twins, state)
    return [list(_checked(optimizer, state[twin])) for twin in twins]


def _checked(optimizer: Any, entry: dict[str, Any]) -> Iterator[str]:
    for name, value in entry.items():
        if not isinstance(value, (Tensor, int, float, np.generic)):
            raise TraceError(
                f"a step of {type(optimizer).__name__} keeps {name}, a {type(value).__name__}, "
                "which no program holds; take that step outside of what is traced"
            )
        yield name


def _twin(value: Any, grad: Any) -> Tensor:
    """A leaf of the same numbers, in memory of its own."""
    twin = taken(np.array(value) if np.ndim(value) else value).requires_grad_()
    twin.grad = taken(grad)
    return twin


def _blank(value: Any) -> Any:
    """An array of the same shape and dtype that has no memory but for one number."""
    return np.broadcast_to(value.dtype.type(), value.shape) if value.shape else value.dtype.type()


def _owned(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else taken(np.array(value))


def _plain(value: Any) -> Any:
    return np.array(raw(value)) if isinstance(value, Tensor) else value
