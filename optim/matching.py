"""Whether a saved state belongs to an optimizer: by its kind, its options and its names."""

from __future__ import annotations

import inspect
from typing import Any

__all__ = [
    "SAVED_BESIDE",
    "YOUNG",
    "all_options",
    "kind_faults",
    "lacks_and_has",
    "names_of",
    "other_names",
]

SAVED_BESIDE = ("params", "param_names", "optimizer")  # what a saved group has that is no option
# Options younger than states that PyTorch has saved: they stay as they are here.
YOUNG = {"maximize", "decoupled_weight_decay"}


def names_of(groups: list[dict[str, Any]]) -> list[list[str]]:
    """The names of the parameters by group, if all have one of their own; else nothing."""
    names = [[p.name for p in group["params"]] for group in groups]
    flat = [name for group in names for name in group]
    return names if all(flat) and len({*flat}) == len(flat) else []


def other_names(number: int, theirs: list[str], ours: list[str]) -> str:
    strange, missing = ([n for n in a if n not in b] for a, b in ((theirs, ours), (ours, theirs)))
    return (
        f"group {number} has other parameters: {', '.join(strange) or 'none else'} in the state, "
        f"{', '.join(missing) or 'none else'} here; without its 'param_names' a state is matched "
        "by position"
    )


def kind_faults(kind: str, groups: list[dict[str, Any]]) -> list[str]:
    """PyTorch's states do not say of which kind they are; for them their options must do."""
    saved = {group.get("optimizer", kind) for group in groups}
    return [f"it was saved by {other}: of another optimizer?" for other in saved - {kind}]


def all_options(base: type) -> set[str]:
    """The names of the options of all optimizers that there are."""
    kinds, names = [base], set[str]()
    for kind in kinds:
        kinds += kind.__subclasses__()
        names |= inspect.signature(kind).parameters.keys() - {"params", "defaults"}
    return names


def lacks_and_has(lacks: list[str], has: list[str]) -> str:
    verbs = ("lacks", lacks), ("has", has)
    return " and ".join(f"{verb} {', '.join(names)}" for verb, names in verbs if names)
