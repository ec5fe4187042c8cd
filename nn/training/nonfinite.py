"""A loss that is not finite: where in the graph it began."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Graph

__all__ = ["story"]

_OFTEN = "A smaller learning rate, scaled inputs, or compile(clip_norm=1.0) often help."


def story(loss: Any, value: float, epoch: int, number: int) -> str:
    """Where in the graph of a loss the first number that is not finite stands."""
    where, remedy = "", _OFTEN
    with np.errstate(all="ignore"):
        values = Graph(loss).values()
    for node, found in values.items():
        if isinstance(found, tuple) or np.all(np.isfinite(np.asarray(found))):
            continue
        if node.is_leaf:
            where = f"the parameter {node.name or node.label()} is not finite any more"
        else:
            scope = f" in {node.scope!r}" if node.scope is not None else ""
            where = f"the first such value is the output of {node.op.name}{scope}"
            if wrong := next((w for w in map(_bad, node.inputs) if w), ""):
                where = f"the data that {node.op.name}{scope} was given is not finite, in {wrong}"
                remedy = "Look at the inputs and the targets: np.isfinite(x).all()."
        break
    return (
        f"fit: the loss is {value} in epoch {epoch + 1}, step {number + 1}"
        f"{': ' * bool(where)}{where}.\n  The weights are those before this step. {remedy}"
    )


def _bad(given: Any) -> str:
    """How many numbers of an array of data are not finite; a node is none."""
    if not isinstance(given, np.ndarray) or given.dtype.kind not in "fc" or not given.ndim:
        return ""
    count = int(np.sum(~np.isfinite(given)))
    return f"{count} of {given.size} numbers" if count else ""
