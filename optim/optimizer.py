"""Optimizer: parameter groups with their options, the state, and one step over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import GeneratorType
from typing import Any

import numpy as np

from autograd import Tensor, asarray, enable_grad
from autograd.errors import StateDictError
from optim.chunk import Chunk, Rule, State, make_chunks, new_scratch

__all__ = ["Group", "Optimizer", "penalised"]

Group = dict[str, Any]


class Optimizer:
    """Base of all optimizers: a subclass says what state it keeps and how one block is updated.

    `params` is an iterable of Tensors, or of groups: dicts with the key `params` and options that
    differ from the defaults. Parameters are changed in place; a graph that still needs the old
    values raises MutationError. A parameter whose `grad` is None is left alone.
    """

    _not_negative: tuple[str, ...] = ("lr", "weight_decay")  # options that must be at least 0
    _counts_steps = False  # whether the state of a parameter holds the number of its steps

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.state: State = {}  # the arrays are views: read them, and write by load_state_dict
        self.param_groups: list[Group] = []
        self._reset_caches()
        for group in _groups(params):
            self.add_param_group(group)

    # ---- what a subclass says ------------------------------------------------------------------

    def _check_options(self, group: Group) -> None:
        """Raise ValueError if an option of the group makes no sense."""
        for name in self._not_negative:
            if not group[name] >= 0:
                raise ValueError(f"{name} must not be negative, got {group[name]}")

    def _state_names(self, group: Group) -> tuple[str, ...]:
        """The names of the arrays that it keeps for each parameter of the group."""
        raise NotImplementedError(f"{type(self).__name__} names no state")

    def _rule(self, group: Group, step: int, fresh: frozenset[str]) -> Rule:
        """The update as a function of flat arrays, for step number `step` (from 1).

        `fresh` names the state that has not been used before, and is zero.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update rule")

    # ---- stepping ------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns what the closure returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for number, group in enumerate(self.param_groups):
            names = self._state_names(group)
            for chunk in self._chunks(number, group["params"], names):
                if self._counts_steps:
                    chunk.step += 1
                    for p in chunk.params:
                        self.state[p]["step"] = chunk.step
                rule = self._rule(group, chunk.step, chunk.fresh)
                chunk.update(rule, self._scratch_for(chunk.dtype))
        return loss

    def _chunks(self, number: int, params: list[Tensor], names: tuple[str, ...]) -> list[Chunk]:
        active = [p for p in params if p.grad is not None]
        key = tuple(map(id, active))
        known, chunks = self._plans.get(number, ((), []))
        if known != key or not all(chunk.is_current(self.state, names) for chunk in chunks):
            chunks = make_chunks(active, names, self.state)
            self._plans[number] = (key, chunks)
        return chunks

    def _scratch_for(self, dtype: np.dtype[Any]) -> list[Any]:
        if dtype not in self._scratch:
            self._scratch[dtype] = new_scratch(dtype, 2)
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
            raise TypeError(f"a parameter group is a dict, got {type(param_group).__name__}")
        if "params" not in param_group:
            raise ValueError(f"a parameter group needs the key 'params'; it has {[*param_group]}")
        for option in param_group.keys() - self.defaults.keys() - {"params"}:
            import difflib

            near = difflib.get_close_matches(option, self.defaults, 1, 0.8)
            if near:  # other keys are the user's own
                raise ValueError(f"unknown option {option!r} of a group; did you mean {near[0]!r}?")
        group = {**self.defaults, **param_group, "params": _listed(param_group["params"])}
        self._check_options(group)
        seen = set(self._all_params())
        for position, p in enumerate(group["params"]):
            _check_param(p, position)
            if p in seen:
                raise ValueError(f"{p._label()} is given twice: it would be updated twice a step")
            seen.add(p)
        self.param_groups.append(group)

    # ---- saving and loading --------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """State and options, with parameters numbered in order; PyTorch's format."""
        numbers = {p: number for number, p in enumerate(self._all_params())}
        return {
            "state": {
                numbers[p]: {name: _copied(value) for name, value in entry.items()}
                for p, entry in self.state.items()
                if entry
            },
            "param_groups": [
                {**group, "params": [numbers[p] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over state and options saved by an optimizer of the same kind and parameters.

        Raises StateDictError, with nothing changed, if they do not fit.
        """
        saved = list(state_dict["param_groups"])
        numbered = {
            number: p
            for theirs, ours in zip(saved, self.param_groups, strict=False)
            for number, p in zip(theirs["params"], ours["params"], strict=False)
        }
        faults = self._group_faults(saved) or self._state_faults(state_dict["state"], numbered)
        if faults:
            raise StateDictError(
                f"the state does not fit this {type(self).__name__}; nothing was loaded:\n  "
                + "\n  ".join(faults)
            )
        for ours, theirs in zip(self.param_groups, saved, strict=True):
            ours.update({name: value for name, value in theirs.items() if name != "params"})
        self.state = {
            numbered[number]: {n: _restored(n, v) for n, v in entry.items() if v is not None}
            for number, entry in state_dict["state"].items()
        }
        self._reset_caches()

    def _group_faults(self, saved: list[Group]) -> list[str]:
        ours = self.param_groups
        if len(saved) != len(ours):
            return [f"{len(saved)} parameter groups in the state, {len(ours)} here"]
        faults = []
        for number, (theirs, group) in enumerate(zip(saved, ours, strict=True)):
            if len(theirs["params"]) != len(group["params"]):
                counts = f"{len(theirs['params'])} parameters in the state, {len(group['params'])}"
                faults.append(f"group {number} has {counts} here")
            missing = [name for name in self.defaults if name not in theirs]
            if missing:
                faults.append(f"group {number} lacks {', '.join(missing)}: of another optimizer?")
        return faults

    def _state_faults(self, state: Mapping[int, Any], numbered: dict[int, Tensor]) -> list[str]:
        faults = [f"state of an unknown parameter {n}" for n in state if n not in numbered]
        for number, p in numbered.items():
            for name, value in state.get(number, {}).items():
                shape = np.shape(value)
                if name != "step" and value is not None and shape != p.shape:
                    label = p.name or f"parameter {number}"
                    faults.append(f"{name} of {label} is {shape}, and the parameter is {p.shape}")
        return faults

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
    if decay:
        np.multiply(p, decay, out=out)
        return (np.subtract if group["maximize"] else np.add)(out, g, out=out)
    return np.negative(g, out=out) if group["maximize"] else g


def _groups(params: Any) -> list[Any]:
    """What was given as `params`, as a list of groups."""
    if isinstance(params, Mapping):
        raise TypeError("params is a dict; for one group write [{'params': ..., 'lr': ...}]")
    listed = _listed(params)
    return listed if isinstance(listed[0], Mapping) else [{"params": listed}]


def _listed(params: Any) -> list[Any]:
    """Parameters (or groups) as a list that is not empty."""
    if isinstance(params, Tensor):
        raise TypeError("params must be a list of Tensors, not one; write [w]")
    if callable(getattr(params, "parameters", None)):
        raise TypeError(f"params is a {type(params).__name__}; write model.parameters()")
    if not isinstance(params, Iterable):
        raise TypeError(f"params must be an iterable of Tensors, got {type(params).__name__}")
    used_up = isinstance(params, GeneratorType) and params.gi_frame is None
    listed = list(params)
    if used_up:
        raise ValueError("the generator of parameters is used up; call model.parameters() again")
    if not listed:
        raise ValueError("the list of parameters is empty, so there is nothing to optimize")
    return listed


def _check_param(p: Any, position: int) -> None:
    if not isinstance(p, Tensor):
        hint = "; write model.parameters() without names" if isinstance(p, tuple) else ""
        raise TypeError(f"parameter {position} is a {type(p).__name__}, not a Tensor{hint}")
    if not p.is_leaf:
        raise ValueError(
            f"parameter {position} ({p._label()}) is the result of {p._op_name()}; only a leaf "
            "holds a gradient.\n  Optimize what it was computed from, or use y.detach()."
        )
    if type(p) is Tensor and not p.requires_grad:  # an nn.Parameter without grad is frozen
        raise ValueError(
            f"parameter {position} ({p._label()}) does not require grad, so it would never change."
            "\n  Make it with Tensor(data, requires_grad=True)."
        )


def _copied(value: Any) -> Any:
    return asarray(value._value.copy()) if isinstance(value, Tensor) else value


def _restored(name: str, value: Any) -> Any:
    """A saved entry: the step count as a number, an array as a Tensor of its own."""
    return int(value) if name == "step" else asarray(np.array(value))
