"""Optimizer: parameter groups with their options, the state, and one step over all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograd import Tensor, enable_grad
from autograd.engine.arguments import spell
from autograd.engine.checks import check_options
from autograd.engine.kinds import declare
from autograd.engine.modes import captures, uncaptured
from autograd.engine.pickles import reduced
from autograd.engine.trail import step_capture, written_outside
from autograd.errors import ArgumentError, ArgumentTypeError, MissingMethodError, StateDictError
from autograd.kernels import optimizers
from autograd.tensors.display import label
from optim.base.checks import Params, check_option, check_param, listed, listed_groups
from optim.base.chunk import Chunk, Kept, Numbers, Rule, State, make_chunks, new_scratch
from optim.base.entries import copied, owned
from optim.base.matching import (
    SAVED_BESIDE,
    all_options,
    group_faults,
    is_count,
    lacks_and_has,
    names_of,
    owners_of,
)
from optim.base.update import Update, state_names, told

Group = dict[str, Any]


class Optimizer:
    """Base of all optimizers; an optimizer of your own writes `step`.

    `params` is an iterable of Tensors, or of groups: dicts with the key `params` and options that
    differ from the defaults. Parameters are changed in place; a graph that still needs the old
    values raises MutationError. A parameter whose `grad` is None is left alone. What `state[p]`
    holds for a parameter is saved and loaded by `state_dict` and `load_state_dict`.

    >>> import autograd as ag
    >>> import optim
    >>> class SignDescent(optim.Optimizer):
    ...     def __init__(self, params, lr=0.1):
    ...         super().__init__(params, {"lr": lr})
    ...
    ...     def step(self, closure=None):
    ...         for group in self.param_groups:
    ...             for p in group["params"]:
    ...                 with ag.no_grad():
    ...                     p -= group["lr"] * ag.sign(p.grad)
    >>> w = ag.Tensor([3.0, -4.0], requires_grad=True)
    >>> optimizer = SignDescent([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([ 2.5, -3.5], dtype=float32)
    """

    _sometimes: tuple[str, ...] = ()  # arrays that are kept with some options only
    _in_order = False  # whether the state of one parameter is of all of them, in their order
    _scratch_count = 3  # blocks that a rule has for what is between; 0: it sees whole arrays

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "step" in vars(cls):
            cls.step = told(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if captures and (capture := step_capture()) is not None:
            capture.refuse("an optimizer that is made in the call: make it before")
        self._begin(defaults)
        for group in listed_groups(params):
            self.add_param_group(group)

    def _begin(self, defaults: dict[str, Any]) -> None:
        """Be an optimizer of no parameters as yet."""
        self.defaults = defaults
        # Its arrays are views: read them, and write by load_state_dict.
        self.state: State = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._reset_caches()

    # ---- what a subclass says ------------------------------------------------------------------

    def _check_options(self, group: Group) -> None:
        """Raise ValueError (or TypeError) if an option of the group makes no sense."""
        for known in (_common, type(self).__init__):
            check_options(type(self).__name__, known, group)

    def _check_param(self, p: Any, position: int) -> None:
        """Raise if this is nothing that the optimizer could update."""
        check_param(p, position)

    def _arrays(self, group: Group) -> Kept:
        """The arrays that it keeps for each parameter, by name, and the value they start from."""
        raise MissingMethodError(f"{type(self).__name__} names no state")

    def _numbers(self, group: Group) -> Numbers:
        """The numbers that it keeps for each parameter, by name, as they are at the start."""
        return {"step": 0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        """The update as a function of flat arrays.

        `numbers` are those of the parameter, the `step` among them already raised to this one (from
        1); what is written into them is kept. `fresh` names the arrays not used before.
        """
        raise MissingMethodError(f"{type(self).__name__} has no update rule")

    # ---- stepping ------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns what the closure returned."""
        update = self._update_group
        if captures:  # written_outside() knows, but what it is told takes time to say
            if (capture := step_capture()) is not None:
                update = partial(self._update_in, capture)
            else:
                what = f"a step of {type(self).__name__}, which works on arrays"
                written_outside(what, self._remembered)
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for number, group in enumerate(self.param_groups):
            update(number, group)
        return loss

    def _update_in(self, capture: Any, number: int, group: Group) -> None:
        """Update a group in a call that is being traced, where the step is a node."""
        active = [p for p in group["params"] if p.grad is not None]
        with uncaptured:
            grads = [p.grad for p in active]
            names = state_names(self, number, active, grads)
        capture.update(Update(self, number, names), active)

    def _remembered(self, copies: bool = True) -> Callable[[], None]:
        """What puts the state back as it is now; without copies, if another is put back before."""
        state = {p: copied(entry) if copies else entry for p, entry in self.state.items()}

        def put_back() -> None:
            self.state = defaultdict(dict, state)
            self._reset_caches()

        return put_back

    def _update_group(self, number: int, group: Group) -> None:
        for chunk in self._chunks(number, group):
            if "step" in chunk.numbers:
                chunk.numbers["step"] += 1
            rule = self._rule(group, chunk.numbers, chunk.fresh)
            chunk.update(rule, self._scratch_for(chunk.dtype))

    @property
    def _is_plain(self) -> bool:
        """Whether a step is what `_rule`, `_arrays` and `_numbers` say, of each parameter alone."""
        return type(self)._update_group is Optimizer._update_group

    def _formula(self, group: Group, entry: Mapping[str, Any]) -> tuple[Rule, Numbers, Kept] | None:
        """The update of a parameter with this state, as a rule that may be read.

        Beside it are the numbers that it leaves, and its arrays. None: it is no such rule.
        """
        if not self._is_plain:
            return None
        arrays = self._arrays(group)
        numbers = {n: entry.get(n, start) for n, start in self._numbers(group).items()}
        if "step" in numbers:
            numbers["step"] += 1
        rule = self._rule(group, numbers, frozenset(n for n in arrays if n not in entry))
        return rule, numbers, arrays

    def _chunks(self, number: int, group: Group) -> list[Chunk]:
        arrays = self._arrays(group)
        active = [p for p in group["params"] if p.grad is not None]
        key = tuple(map(id, active))
        known, chunks = self._plans.get(number, ((), []))
        if known != key or not all(chunk.is_current(self.state, arrays) for chunk in chunks):
            chunks = make_chunks(active, arrays, self._numbers(group), self.state)
            self._plans[number] = (key, chunks)
        return chunks

    def _scratch_for(self, dtype: np.dtype[Any]) -> list[Any]:
        if dtype not in self._scratch:
            self._scratch[dtype] = new_scratch(dtype, self._scratch_count)
        return self._scratch[dtype]

    def _reset_caches(self) -> None:
        self._plans: dict[int, tuple[tuple[int, ...], list[Chunk]]] = {}
        self._scratch: dict[np.dtype[Any], list[Any]] = {}

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to zeros)."""
        for p in self._all_params():
            p.zero_grad(set_to_none)

    def _all_params(self) -> Iterator[Tensor]:
        return (p for group in self.param_groups for p in group["params"])

    # ---- groups --------------------------------------------------------------------------------

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group: a dict with the key `params`, and options that differ from the defaults."""
        if not isinstance(param_group, Mapping):
            raise ArgumentTypeError(
                f"a parameter group is a dict, got {type(param_group).__name__}"
            )
        if "params" not in param_group:
            raise ArgumentError(
                f"a parameter group needs the key 'params'; it has {[*param_group]}"
            )
        for option in param_group.keys() - self.defaults.keys() - {"params"}:
            check_option(option, self.defaults)
        group = {**self.defaults, **param_group, "params": listed(param_group["params"])}
        self._check_options(group)
        seen = set(self._all_params())
        for position, p in enumerate(group["params"]):
            self._check_param(p, position)
            if p in seen:
                raise ArgumentError(f"{label(p)} is given twice: it would be updated twice a step")
            seen.add(p)
        self.param_groups.append(group)

    # ---- saving and loading --------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """State and options, with parameters numbered in order; PyTorch's format.

        Each group says its kind of `optimizer` too, and `param_names` where all have names.
        """
        numbers = {p: number for number, p in enumerate(self._all_params())}
        names = names_of(self.param_groups)
        return {
            "state": {numbers[p]: copied(entry) for p, entry in self.state.items() if entry},
            "param_groups": [
                {**group, "optimizer": type(self).__name__}
                | {"params": [numbers[p] for p in group["params"]]}
                | ({"param_names": names[number]} if names else {})
                for number, group in enumerate(self.param_groups)
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over state and options saved by an optimizer of the same kind and parameters.

        Parameters are matched by their names, where both sides have names, else by position.
        Raises StateDictError, with nothing changed, if they do not fit.
        """
        if not {"state", "param_groups"} <= state_dict.keys():
            raise StateDictError(
                f"no state of an optimizer, which has 'state' and 'param_groups': {[*state_dict]}"
            )
        saved = list(state_dict["param_groups"])
        faults = group_faults(self, saved, all_options(Optimizer))
        owners = {} if faults else owners_of(self, saved, faults)
        faults = faults or self._state_faults(state_dict["state"], owners)
        if faults:
            raise StateDictError(
                f"the state does not fit this {type(self).__name__}; nothing was loaded:\n  "
                + "\n  ".join(faults)
            )
        for ours, theirs in zip(self.param_groups, saved, strict=True):
            ours.update({name: v for name, v in theirs.items() if name not in SAVED_BESIDE})
        self.state = defaultdict(dict)
        for number, entry in state_dict["state"].items():
            p, group = owners[number]
            self.state[p] = self._restored(entry, group)
        self._reset_caches()

    def _state_faults(
        self, state: Mapping[int, Any], owners: Mapping[int, tuple[Tensor, Group]]
    ) -> list[str]:
        faults = [f"state of an unknown parameter {n}" for n in state if n not in owners]
        for number, (p, group) in owners.items():
            entry = {n: v for n, v in state.get(number, {}).items() if v is not None}
            faults += self._entry_faults(entry, p, group, p.name or f"parameter {number}")
        return faults

    def _entry_faults(
        self, entry: dict[str, Any], p: Tensor, group: Group, label: str
    ) -> list[str]:
        """What is wrong with the saved state of one parameter."""
        if self._steps_by_itself():
            return []
        shapes = self._state_shapes(p, group)
        faults = [
            f"{name} of {label} is {np.shape(value)}, and should be {shapes[name]}"
            for name, value in entry.items()
            if name in shapes and np.shape(value) != shapes[name]
        ]
        faults += [
            f"{name} of {label} is {dtype}, and the parameter is {p.dtype}"
            for name in shapes.keys() & entry.keys()
            if (dtype := np.asarray(entry[name]).dtype).kind not in {"f", p.dtype.kind}
        ]
        numbers = self._numbers(group)
        faults += [
            f"{name} of {label} is {entry[name]!r:.40}, and should be a number from 0 on"
            for name in numbers.keys() & entry.keys()
            if not is_count(entry[name])
        ]
        expected = {*shapes, *numbers}
        lacks = sorted(expected - entry.keys() - {*self._sometimes}) if entry else []
        alien = sorted(entry.keys() - expected - {*self._sometimes})
        if lacks or alien:
            faults.append(f"state of {label} {lacks_and_has(lacks, alien)}: of another optimizer?")
        return faults

    def _steps_by_itself(self) -> bool:
        """Whether `step` is a subclass's own, and what it keeps is known to it alone."""
        return type(self).step is not Optimizer.step

    def _state_shapes(self, p: Tensor, group: Group) -> dict[str, tuple[int, ...]]:
        return dict.fromkeys(self._arrays(group), p.shape)

    def _restored(self, entry: dict[str, Any], group: Group) -> dict[str, Any]:
        """A saved entry as our own: numbers as Python's, arrays as Tensors."""
        numbers = {} if self._steps_by_itself() else self._numbers(group)
        return {
            name: type(numbers[name])(value) if name in numbers else owned(value)
            for name, value in entry.items()
            if value is not None
        }

    __reduce_ex__ = reduced

    def __getstate__(self) -> dict[str, Any]:
        return {n: v for n, v in self.__dict__.items() if n not in ("_plans", "_scratch")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset_caches()

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def penalised(g: Any, p: Any, group: Group, out: Any, decays: bool = True) -> Any:
    """The gradient to descend along: its sign by `maximize`, and the pull of `weight_decay`.

    It is g itself if there is nothing to do, else it is written to `out`.
    """
    decay = group["weight_decay"] if decays else 0.0
    return optimizers.penalised(g, p, decay, group["maximize"], out)


def _common(lr: float = 0.0, weight_decay: float = 0.0) -> None:
    """The options that mean the same for every optimizer, also for one of a user."""


declare("Optimizer", "an Optimizer", lambda value: isinstance(value, Optimizer))


spell(Optimizer, "add_param_group", "load_state_dict", "zero_grad")
