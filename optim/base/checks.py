"""What optimizers ask of their parameters and options, and what they say when it is not so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Tensor
from autograd.engine.diagnose import listed as taken
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError
from autograd.tensors.display import label, made_by

__all__ = [
    "Params",
    "check_option",
    "check_param",
    "check_real",
    "listed",
    "listed_groups",
    "options_in",
]

Params = Iterable[Tensor | Mapping[str, Any]]  # parameters, or groups of them


def listed_groups(params: Any) -> list[Any]:
    """What was given as `params`, as a list of groups."""
    if isinstance(params, Mapping):
        raise ArgumentTypeError(
            "params is a dict; for one group write [{'params': ..., 'lr': ...}]"
        )
    given = listed(params)
    return given if isinstance(given[0], Mapping) else [{"params": given}]


def listed(params: Any) -> list[Any]:
    """Parameters (or groups) as a list that is not empty."""
    if isinstance(params, Tensor):
        raise ArgumentTypeError("params must be a list of Tensors, not one; write [w]")
    if callable(getattr(params, "parameters", None)):
        raise ArgumentTypeError(f"params is a {type(params).__name__}; write model.parameters()")
    if isinstance(params, (set, frozenset)):
        raise ArgumentTypeError(
            "params is a set, which has no order to save its state in; write a list"
        )
    if not isinstance(params, Iterable):
        raise ArgumentTypeError(
            f"params must be an iterable of Tensors, got {type(params).__name__}"
        )
    given = taken("parameters", params)
    if not given:
        raise ArgumentError(
            "params: the list of parameters is empty, so there is nothing to optimize\n"
            "  Layers in a plain list or dict are not found: nn.ModuleList(layers)"
        )
    return given


def check_param(p: Any, position: int) -> None:
    """Refuse what could not be updated: no Tensor, no leaf, or a Tensor that never gets a grad."""
    if not isinstance(p, Tensor):
        hint = "; write model.parameters() without names" if isinstance(p, tuple) else ""
        raise ArgumentTypeError(
            f"params: parameter {position} is a {type(p).__name__}, not a Tensor{hint}"
        )
    if not p.is_leaf:
        raise ArgumentError(
            f"parameter {position} ({label(p)}) is the result of {made_by(p)}; only a leaf "
            "holds a gradient.\n  Optimize what it was computed from, or use y.detach()."
        )
    if type(p) is Tensor and not p.requires_grad:  # an nn.Parameter without grad is frozen
        raise ArgumentError(
            f"parameter {position} ({label(p)}) does not require grad, so it would never change."
            "\n  Make it with Tensor(data, requires_grad=True)."
        )


def check_real(p: Tensor, optimizer: str) -> None:
    """Refuse a complex parameter, for an optimizer that has no meaning for one."""
    if p.dtype.kind == "c":
        raise DTypeError(
            f"{optimizer} takes real parameters only, and {label(p)} is {p.dtype}; "
            "optimize its real and imaginary part as two parameters"
        )


def options_in(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The options among the arguments of an optimizer's `__init__`, given as its `locals()`."""
    beside = ("self", "params", "__class__")
    return {name: value for name, value in arguments.items() if name not in beside}


def check_option(option: str, options: Iterable[str]) -> None:
    """Refuse an option that looks like a misspelt one; other keys of a group are the user's own."""
    import difflib

    from autograd.engine.spellings.keywords import RENAMED  # late: few groups have other keys

    known = [*options]
    own = [name for name in RENAMED.get(option, "").split() if name in known]
    if own := own or [name for name in known if name.lower() == option.lower()]:
        raise ArgumentError(f"unknown option {option!r} of a group; it is spelled {own[0]!r}")
    near = difflib.get_close_matches(option, [*options], 1, 0.8)
    if near:
        raise ArgumentError(f"unknown option {option!r} of a group; did you mean {near[0]!r}?")
