"""Where the first NaN or infinity of a graph was born, forward or backward, and out of what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.viz.model.births import born_backward, born_forward, constants_of, holds
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import is_finite, number
from autograd.viz.words.places import Finding, at_first, kind_of, place_of, range_of, sign_of
from autograd.viz.words.weak_links import on_the_way

__all__ = ["first_nan"]

_GROWING = {"exp", "exp2", "expm1", "sinh", "cosh"}
_LONGEST = 60  # characters of a rule that is told


def first_nan(model: Model, card: Card | None = None) -> list[str]:
    """The first op, forward or backward, that made a NaN or infinity out of numbers.

    Of a card it is the one that made its gradient none; another may have spoilt others.
    """
    edge, within = born_backward(model), model.steps
    if card is not None:
        own = next(filter(_is_bad, on_the_way(model, card)), None)
        edge, within = (own, _before(model, own.target)) if own is not None else (edge, within)
    found: list[str] = []
    met = edge is not None and _met(edge.target)
    if card is None or edge is None or met:
        found = _forward(within, met or _is_spoilt(model))
        if found and not all(is_finite(out.value) for out in model.outputs):
            return found
    if edge is not None and not any(getattr(each, "kind", "") == "came" for each in found):
        found += _first_bad(edge.target, edge, [each.gradient for each in edge.target.outputs])
    if found:
        return found
    return ["every op is sound at these values: a hook, or the gradient of an earlier backward()"]


def _is_bad(edge: Edge) -> bool:
    """Whether it carries what is no number, of an upstream gradient that is."""
    sound = all(is_finite(card.gradient) for card in edge.target.outputs)
    return sound and not is_finite(edge.contribution)


def _met(step: Step) -> bool:
    """Whether an op met or made what is no number forward."""
    cards = [*(edge.source for edge in step.edges), *step.outputs]
    return not all(is_finite(card.value) for card in cards)


def _is_spoilt(model: Model) -> bool:
    """Whether a NaN came of it, or what is no number reached an output."""
    values = [out.value for step in model.steps for out in step.outputs]
    return not all(is_finite(out.value) for out in model.outputs) or holds(np.isnan, values)


def _before(model: Model, last: Step) -> list[Step]:
    """The steps that an op depends on, and itself."""
    wanted, found = {last}, []
    for step in reversed(model.steps):
        if step in wanted:
            found.append(step)
            wanted |= {edge.source.maker for edge in step.edges if edge.source.maker is not None}
    return found[::-1]


def _forward(steps: Sequence[Step], spoilt: bool) -> list[str]:
    """The leaf that came with it, the op that gave it, or the op that was given a constant.

    An infinity that came in is told where it `spoilt` something; else it was meant, as in a mask.
    """
    cards = dict.fromkeys(edge.source for step in steps for edge in step.edges)
    for card in cards:
        if card.is_leaf and not is_finite(card.value) and (spoilt or holds(np.isnan, [card.value])):
            bad = ~np.isfinite(np.asarray(card.value))
            told = f"forward: {card.name} came with it: {at_first(card.name, card.value, bad)}"
            users = dict.fromkeys(edge.target for edge in card.uses)
            return [Finding(told, "came", None, users, f"{sign_of(card.value)} came in")]
    if (step := born_forward(steps)) is not None:
        return [_told(step)]
    for step in steps if spoilt else ():
        if bad := [value for value in constants_of(step) if not is_finite(value)]:
            text = f"forward: {place_of(step)} was given {number(bad[0])}"
            return [Finding(text, "came", step.where, [step], f"{sign_of(bad[0])} came in")]
    return []


def _told(step: Step) -> str:
    out = next(card for card in step.outputs if not is_finite(card.value))
    bad = ~np.isfinite(np.asarray(out.value))
    inputs = {e.position: f"{e.source.name} {range_of(e.source.value)}" for e in step.edges}
    inputs |= {position: number(value) for position, value in step.literals.items()}
    shown = ", ".join(inputs[position] for position in sorted(inputs))
    sound = all(is_finite(edge.source.value) for edge in step.edges)
    source = f"numbers ({shown})" if sound else shown
    text = f"forward: {place_of(step)} gives {kind_of(out.value)} from {source}"
    first = [at_first(e.source.name, e.source.value, bad) for e in step.edges]
    cause = ", ".join(filter(None, first)) if bad.ndim else ""
    short = f"{sign_of(out.value)} born here"
    kind = "overflows" if step.op.name in _GROWING and sign_of(out.value) == "∞" else "born"
    return Finding(f"{text}; {cause}" if cause else text, kind, step.where, [step], short)


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
    short = f"∇ {sign_of(edge.contribution)} born here" + ": 0 · ∞" * lost
    found = Finding(text, "born", step.where, [step], short)
    return [found, *(_remedy(step, edge) if lost else ())]


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
