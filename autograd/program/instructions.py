"""What a program has for instructions beside ops: rules, gradients that add up, effects."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.engine.row import Op
from autograd.sweep.cotangent import conform

__all__ = ["EFFECT", "PULL", "accumulated", "zeroed"]


def _pull(
    *cotangents: Any, op: Op, position: int | None, reads: Any, specs: Any, several: bool
) -> Any:
    """What the rule of an op gives for an input, or its joint rule for all, as in the sweep."""
    g = cotangents if several else cotangents[0]
    if position is not None:
        return conform(op.pulls[position][0](g, *reads), SimpleNamespace(spec=specs))  # type: ignore[arg-type]
    assert op.joint is not None
    found = op.joint[0](g, *reads)
    return tuple(
        None if new is None or spec is None else conform(new, SimpleNamespace(spec=spec))  # type: ignore[arg-type]
        for new, spec in zip(found, specs, strict=True)
    )


def _effect(*inputs: Any, function: Callable[..., Any], reads: Any) -> Any:
    """What is done at this place of the call, as the step of a schedule is."""
    function(*reads)
    return np.False_


PULL = Op(_pull, "pull", {}, outputs=0)
EFFECT = Op(_effect, "effect", {}, outputs=0)


def accumulated(old: Any, new: Any) -> Any:
    """The gradient of a leaf after one more has come to it."""
    if old is not None:
        return old + new
    found = np.copy(new)
    return found if found.ndim else found[()]


def zeroed(old: Any) -> Any:
    """A gradient that is set to zeros, if there is one."""
    return None if old is None else np.zeros_like(old)
