"""Where on its way a gradient is lost: the first NaN, the links that pass nothing or little."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import number, rms

__all__ = ["broken_links", "first_nan", "weak_links"]

_SATURATED = 1e-3  # a local derivative below it passes next to nothing
_WEAK, _MOST = 0.2, 3


def first_nan(model: Model) -> list[str]:
    """The first op, forward or backward, that made a NaN or infinity out of numbers."""
    for step in model.steps:
        out = step.outputs[0]
        inputs = [edge.source.value for edge in step.edges]
        if not _finite(out.value) and all(map(_finite, inputs)):
            shown = ", ".join(f"{e.source.name} {_range(e.source.value)}" for e in step.edges)
            return [f"forward: {_op(step)} gives {_kind(out.value)} from numbers ({shown})"]
    for step in sorted(model.steps, key=lambda step: step.order):
        upstream = step.outputs[0].gradient
        if not _finite(upstream):
            continue
        for edge in step.edges:
            if edge.contribution is not None and not _finite(edge.contribution):
                return [_first_bad(step, edge, upstream)]
    return ["every op is sound at these values: a hook, or the gradient of an earlier backward()"]


def _first_bad(step: Step, edge: Edge, upstream: Any) -> str:
    rule = edge.rule
    text = f"backward: {_op(step)} gives {_kind(edge.contribution)} for {edge.source.name}"
    bad = ~np.isfinite(np.asarray(edge.contribution))
    same = np.shape(upstream) == bad.shape
    if np.any(np.isnan(edge.contribution)) and same and not np.all(np.asarray(upstream)[bad]):
        text += ": its local derivative is infinite where the upstream gradient is 0 (0 · ∞)"
    place = np.argwhere(bad)
    at = f"[{', '.join(map(str, place[0]))}]" if bad.ndim else ""
    value = np.asarray(edge.source.value)
    if value.shape == bad.shape:
        text += f"; {edge.source.name}{at} is {number(value[tuple(place[0])])}"
    return f"{text}.  Rule: ∇ = {rule}" if len(rule) <= 60 else text


def broken_links(model: Model, card: Card) -> list[str]:
    """The ops that turn a gradient into zeros on the way to a tensor."""
    found = []
    for edge in _on_the_way(model, card):
        upstream = edge.target.outputs[0].gradient
        if rms(upstream) > 0 and rms(edge.contribution) == 0:
            found.append(_loss_at(edge, "stops it"))
    return found or ["the upstream gradient is zero everywhere: the loss does not change with it"]


def weak_links(model: Model, card: Card) -> list[str]:
    """The ops that make a gradient small on the way to a tensor, the worst first."""
    found = []
    for edge in _on_the_way(model, card):
        out = edge.target.outputs[0]
        if out.shape == () or not rms(out.gradient):
            continue
        gain = rms(edge.contribution) / rms(out.gradient)
        if gain < _WEAK:
            found.append((gain, _loss_at(edge, f"passes on × {number(gain, 2)}")))
    found.sort(key=lambda pair: pair[0])
    told = [text for _, text in found[:_MOST]]
    if len(found) > _MOST:
        told.append(f"and {len(found) - _MOST} more ops pass on less than × {_WEAK}")
    if not told:
        seed = model.outputs[0].gradient
        told = [f"no single op is to blame: the loss sends {number(rms(seed), 2)}, and sums follow"]
    return told


def _on_the_way(model: Model, card: Card) -> list[Edge]:
    """The edges that lie on a path to a tensor, in the order of the backward pass."""
    leads: set[Card] = set()
    found = []
    for each in model.cards:
        edges = each.maker.edges if each.maker is not None else []
        mine = [e for e in edges if e.contribution is not None and e.source in leads]
        if each is card or mine:
            leads.add(each)
        found += mine
    return sorted(found, key=lambda edge: edge.target.order)


def _loss_at(edge: Edge, verb: str) -> str:
    share = _dead_share(edge)
    text = f"{_op(edge.target)} {verb}"
    if share is not None:
        dead, saturated = share
        if dead:
            text += f": {number(100 * dead, 3)} % of its units are dead (derivative 0)"
        elif saturated:
            text += f": {number(100 * saturated, 3)} % of its units are saturated"
            text += f" ({edge.source.name} {_range(edge.source.value)})"
    return text


def _dead_share(edge: Edge) -> tuple[float, float] | None:
    """Which share of an elementwise op's units passes nothing, and which next to nothing."""
    upstream = np.abs(np.asarray(edge.target.outputs[0].gradient))
    passed = np.abs(np.asarray(edge.contribution))
    if not edge.target.op.elementwise or upstream.shape != passed.shape:
        return None
    live = upstream > 0
    if not np.any(live):
        return None
    ratio = passed[live] / upstream[live]
    return float(np.mean(ratio == 0)), float(np.mean(ratio < _SATURATED))


def _op(step: Step) -> str:
    place = f" at {step.where}" if step.where else ""
    inside = f" in {step.scope!r}" if step.scope is not None else ""
    return f"{step.op.name}{place}{inside}"


def _finite(value: Any) -> bool:
    array = np.asarray(value)
    return array.dtype.kind not in "fc" or bool(np.all(np.isfinite(array)))


def _kind(value: Any) -> str:
    return "NaN" if np.any(np.isnan(np.asarray(value))) else "infinity"


def _range(value: Any) -> str:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or not array.size:
        return f"of {array.dtype}"
    low, high = number(array.min(), 3), number(array.max(), 3)
    return f"= {low}" if array.size == 1 else f"from {low} to {high}"
