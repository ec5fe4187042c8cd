"""Whether shares that cancel do so at these values alone: then it is a minimum or its like."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.modes import no_grad
from autograd.graph.graph import Graph
from autograd.viz.model.model import Card, Model

__all__ = ["level_at"]

_STEP = 0.1  # of a value, and 0.1 more: large beside what cancels by rounding
_ROUNDING = 1e-4  # of what a share by itself would change


def level_at(model: Model, card: Card, share: float) -> str:
    """`a minimum`, `a maximum` or `a level point` of the loss, by a step to either side; else "".

    `share` is the size of one of the shares that add up to nothing.
    """
    node = next((node for node, each in model.nodes.items() if each is card), None)
    if node is None or not card.is_leaf or np.asarray(card.value).dtype.kind not in "fc":
        return ""
    x = np.asarray(card.value)
    step = _STEP * (1 + np.abs(x)) * _uneven(x)
    base = _loss(model, node, x)
    sides = [_loss(model, node, (x + sign * step).astype(x.dtype)) - base for sign in (1, -1)]
    least = _ROUNDING * share * float(np.sum(np.abs(step)))
    if not np.all(np.isfinite(sides)) or min(map(abs, sides)) <= least:
        return ""
    return "a minimum" if min(sides) > 0 else "a maximum" if max(sides) < 0 else "a level point"


def _uneven(x: Any) -> Any:
    """A direction that no sum over the elements leaves as it is."""
    return np.cos(0.7 * np.arange(x.size)).reshape(x.shape)


def _loss(model: Model, node: Any, value: Any) -> float:
    """What the outputs add up to, where a leaf has another value."""
    roots = [root for root, each in model.nodes.items() if any(each is o for o in model.outputs)]
    graph = Graph(*roots)
    leaves = {each: model.values[each] for each in graph.nodes if each.is_leaf}
    with no_grad(), np.errstate(all="ignore"):
        values = graph.values({**leaves, node: value if value.ndim else value[()]})
    return float(sum(np.sum(np.real(values[root])) for root in roots))
