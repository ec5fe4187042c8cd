"""Whether a saved state belongs to an optimizer: by its kind, its options and its names."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from autograd import Tensor

__all__ = [
    "SAVED_BESIDE",
    "all_options",
    "group_faults",
    "is_count",
    "lacks_and_has",
    "names_of",
    "owners_of",
]

Group = dict[str, Any]

SAVED_BESIDE = ("params", "param_names", "optimizer")  # what a saved group has that is no option
# A switch may be missing: it is younger than the state, and stays as it is here. These are not.
OLD_SWITCHES = ("amsgrad", "centered", "nesterov")


def names_of(groups: list[Group]) -> list[list[str]]:
    """The names of the parameters by group, if all have one of their own; else nothing."""
    names = [[p.name for p in group["params"]] for group in groups]
    flat = [name for group in names for name in group]
    return names if all(flat) and len({*flat}) == len(flat) else []


def owners_of(
    optimizer: Any, saved: list[Group], faults: list[str]
) -> dict[int, tuple[Tensor, Group]]:
    """Whose each number of the state is, by name or position; what has no owner is a fault."""
    names = names_of(optimizer.param_groups)
    owners: dict[int, tuple[Tensor, Group]] = {}
    for number, (theirs, ours) in enumerate(zip(saved, optimizer.param_groups, strict=True)):
        order = list(theirs["params"])
        if names and "param_names" in theirs:
            numbers = dict(zip(theirs["param_names"], order, strict=True))
            if numbers.keys() != {*names[number]}:
                faults.append(_other_names(number, [*numbers], names[number]))
                continue
            by_name = [numbers[name] for name in names[number]]
            if optimizer._in_order and by_name != order:
                faults.append(f"group {number} has its parameters in another order")
            order = by_name
        owners |= {n: (p, {**ours, **theirs}) for n, p in zip(order, ours["params"], strict=True)}
    return owners


def _other_names(number: int, theirs: list[str], ours: list[str]) -> str:
    strange, missing = ([n for n in a if n not in b] for a, b in ((theirs, ours), (ours, theirs)))
    return (
        f"group {number} has other parameters: {', '.join(strange) or 'none else'} in the state, "
        f"{', '.join(missing) or 'none else'} here; without its 'param_names' a state is matched "
        "by position"
    )


def group_faults(optimizer: Any, saved: list[Group], options: set[str]) -> list[str]:
    """What speaks against taking over the groups; `options` are those of all optimizers.

    PyTorch's states do not say of which kind they are; for them their options must do.
    """
    ours, kind = optimizer.param_groups, type(optimizer).__name__
    if len(saved) != len(ours):
        return [f"{len(saved)} parameter groups in the state, {len(ours)} here"]
    faults = []
    for number, (theirs, group) in enumerate(zip(saved, ours, strict=True)):
        if len(theirs["params"]) != len(group["params"]):
            counts = f"{len(theirs['params'])} parameters in the state, {len(group['params'])}"
            faults.append(f"group {number} has {counts} here")
        missing = [
            name for name, value in optimizer.defaults.items()
            if name not in theirs and (type(value) is not bool or name in OLD_SWITCHES)
        ]  # fmt: skip
        alien = (theirs.keys() & options) - optimizer.defaults.keys() - group.keys()
        if missing or alien:
            what = lacks_and_has(sorted(missing), sorted(alien))
            faults.append(f"group {number} {what}: of another optimizer?")
            continue
        try:
            optimizer._check_options({**group, **theirs})
        except (ValueError, TypeError) as error:
            faults.append(f"group {number}: {error}")
    others = {group.get("optimizer", kind) for group in saved} - {kind}
    return faults or [f"it was saved by {other}: of another optimizer?" for other in others]


def is_count(value: Any) -> bool:
    """Whether it is one finite number from 0 on, also in an array (PyTorch saves its steps so)."""
    number = np.asarray(value)
    return number.size == 1 and number.dtype.kind in "iuf" and bool(0 <= number < np.inf)


def all_options(base: type) -> set[str]:
    """The names of the options of all optimizers of optim."""
    kinds: list[Any] = [base]
    names = set[str]()
    for kind in kinds:
        kinds += [each for each in kind.__subclasses__() if each.__module__.startswith("optim.")]
        names |= inspect.signature(kind).parameters.keys() - {"params", "defaults"}
    return names


def lacks_and_has(lacks: list[str], has: list[str]) -> str:
    """What a state lacks and what it has beside, in words."""
    verbs = ("lacks", lacks), ("has", has)
    return " and ".join(f"{verb} {', '.join(names)}" for verb, names in verbs if names)
