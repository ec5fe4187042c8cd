"""How words name an op and the numbers that it met: with line, module, place and range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.viz.model.model import Step
from autograd.viz.model.numbers import number

__all__ = ["Finding", "at_first", "kind_of", "place_of", "range_of", "sign_of"]


class Finding(str):
    """One thing that was found, in words; what kind it is of, at which line, and at which ops.

    `short` is the same in a word or two, for a picture: "87.5 % dead".
    """

    kind: str
    where: str | None
    steps: tuple[Step, ...]
    short: str

    def __new__(
        cls,
        text: str,
        kind: str = "",
        where: str | None = None,
        steps: Iterable[Step] = (),
        short: str = "",
    ) -> Finding:
        found = super().__new__(cls, text)
        found.kind, found.where, found.steps, found.short = kind, where, tuple(steps), short
        return found


def place_of(step: Step) -> str:
    """`sqrt at model.py:12 in encoder (Linear)`."""
    place = f" at {step.where}" if step.where else ""
    inside = f" in {step.scope!r}" if step.scope is not None else ""
    return f"{step.op.name}{place}{inside}"


def kind_of(value: Any) -> str:
    return "NaN" if np.any(np.isnan(np.asarray(value))) else "infinity"


def sign_of(value: Any) -> str:
    return "NaN" if kind_of(value) == "NaN" else "∞"


def range_of(value: Any) -> str:
    """`from −2 to 2`, `= 3`, or `= 0 everywhere`."""
    array = np.asarray(value)
    if array.dtype.kind == "c" and array.size == 1:
        return f"= {number(array.reshape(-1)[0], 3)}"
    if array.dtype.kind not in "fiu" or not array.size:
        return f"of {array.dtype}"
    low, high = number(array.min(), 3), number(array.max(), 3)
    if array.min() == array.max():
        return f"= {low}" if array.size == 1 else f"= {low} everywhere"
    return f"from {low} to {high}" if array.size > 1 else f"= {low}"


def at_first(name: str, value: Any, where: Any) -> str:
    """`x[0] is 0`: the first element of an array where a condition on its shape holds."""
    array, bad = np.asarray(value), np.asarray(where)
    if not np.any(bad):
        return ""
    try:
        place = np.argwhere(bad)[0]
        kept = place[bad.ndim - array.ndim :] if bad.ndim >= array.ndim else ()
        inside = [min(i, n - 1) for i, n in zip(kept, array.shape, strict=True)]
    except ValueError:  # another shape altogether
        return ""
    at = f"[{', '.join(map(str, inside))}]" if array.ndim else ""
    return f"{name}{at} is {number(array[tuple(inside)])}"
