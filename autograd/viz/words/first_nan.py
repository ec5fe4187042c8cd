"""Where the first NaN or infinity of a graph was born, forward or backward, and out of what."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.viz.model.births import born_backward, born_forward
from autograd.viz.model.model import Edge, Model, Step
from autograd.viz.model.numbers import is_finite, number
from autograd.viz.words.places import Finding, at_first, kind_of, place_of, range_of

__all__ = ["first_nan"]

_LONGEST = 60  # characters of a rule that is told


def first_nan(model: Model) -> list[str]:
    """The first op, forward or backward, that made a NaN or infinity out of numbers."""
    for card in model.cards:
        if card.is_leaf and not is_finite(card.value):
            bad = ~np.isfinite(np.asarray(card.value))
            told = f"forward: {card.name} came with it: {at_first(card.name, card.value, bad)}"
            return [Finding(told, "came")]
    found = []
    step = born_forward(model)
    if step is not None:
        found = [_told(step)]
        if not all(is_finite(out.value) for out in model.outputs):
            return found
    edge = born_backward(model)  # of a loss that is a number: what it made is dropped forward
    if edge is not None:
        found += _first_bad(edge.target, edge, [card.gradient for card in edge.target.outputs])
    if found:
        return found
    return ["every op is sound at these values: a hook, or the gradient of an earlier backward()"]


def _told(step: Step) -> str:
    out = next(card for card in step.outputs if not is_finite(card.value))
    bad = ~np.isfinite(np.asarray(out.value))
    shown = ", ".join(f"{e.source.name} {range_of(e.source.value)}" for e in step.edges)
    text = f"forward: {place_of(step)} gives {kind_of(out.value)} from numbers ({shown})"
    first = [at_first(e.source.name, e.source.value, bad) for e in step.edges]
    cause = ", ".join(filter(None, first)) if bad.ndim else ""
    return Finding(f"{text}; {cause}" if cause else text, "born", step.where)


def _first_bad(step: Step, edge: Edge, upstream: list[Any]) -> list[str]:
    text = f"backward: {place_of(step)} gives {kind_of(edge.contribution)} for {edge.source.name}"
    bad = ~np.isfinite(np.asarray(edge.contribution))
    g, lost = upstream[0], False
    if np.shape(g) == bad.shape:
        lost = bool(np.any(np.isnan(edge.contribution))) and not np.all(np.asarray(g)[bad])
        if lost:
            text += ": its local derivative is infinite where the upstream gradient is 0 (0 · ∞)"
        else:
            first = np.asarray(g)[bad].reshape(-1)[0]
            text += f": its local derivative is infinite there, times {number(first)}"
    if cause := at_first(edge.source.name, edge.source.value, bad):
        text += f"; {cause}"
    if len(edge.rule) <= _LONGEST:
        text += f".  Rule: ∇ = {edge.rule}"
    return [Finding(text, "born", step.where), *(_remedy(step, edge) if lost else ())]


def _remedy(step: Step, edge: Edge) -> list[str]:
    """What hides the values forward does not hide their derivatives."""
    hiding = [use.target for card in step.outputs for use in card.uses
              if use.target.op.name in ("where", "multiply", "masked_fill", "clip")]  # fmt: skip
    if not hiding:
        return []
    return [
        f"{place_of(hiding[0])} drops these elements forward, but backward 0 · ∞ is NaN: choose "
        f"safe inputs instead, {step.op.name}(where(good, {edge.source.name}, 1))"
    ]
