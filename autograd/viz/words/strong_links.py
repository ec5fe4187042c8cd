"""Where on its way a gradient grows."""

from __future__ import annotations

import numpy as np

from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import number, rms
from autograd.viz.words.places import Finding, place_of
from autograd.viz.words.weak_links import on_the_way

__all__ = ["strong_links"]

_STRONG, _MOST = 1.5, 3
_OFTEN = 3  # times that the same line comes where something is repeated


def strong_links(model: Model, card: Card) -> list[str]:
    """The ops that make a gradient large on the way to a tensor, the worst first.

    The same op of the same line is one: a step of a recurrent net, with how often it came.
    """
    groups: dict[str, list[tuple[float, Edge]]] = {}
    for edge in on_the_way(model, card):
        upstream = rms(edge.target.outputs[0].gradient)
        if upstream:
            groups.setdefault(place_of(edge.target), []).append(
                (rms(edge.contribution) / upstream, edge)
            )
    found: list[tuple[float, Finding]] = []
    for place, pairs in groups.items():
        inner = [(gain, edge) for gain, edge in pairs if edge.source is not card]
        gains = _gains(inner if len(inner) >= _OFTEN else pairs)
        whole = float(np.sum(np.log(np.maximum(gains, 1e-300))))
        mean = float(np.exp(whole / len(gains)))
        if mean < _STRONG:
            continue
        text = f"{place} passes on × {number(mean, 2)}"
        if len(gains) >= _OFTEN:
            text += f", {len(gains)} times: × {number(np.exp(min(whole, 700.0)), 2)} in all"
        kind = "explodes" if len(gains) >= _OFTEN else "large"
        steps = [edge.target for _, edge in pairs if edge.source is not card]
        typical = steps[len(steps) // 2] if steps else pairs[0][1].target
        short = f"exploding: × {number(mean, 2)}, {len(gains)} times" * (kind == "explodes")
        found.append((whole, Finding(text, kind, typical.where, [typical], short)))
    found.sort(key=lambda pair: (pair[1].kind != "explodes", -pair[0]))
    seed = rms(model.outputs[0].gradient)
    plain = f"no single op is to blame: the loss sends {number(seed, 2)}, and sums follow"
    told: list[str] = [text for _, text in found[:_MOST]]
    return told or [plain]


def _gains(pairs: list[tuple[float, Edge]]) -> list[float]:
    """One of every op; the largest alone where it is most of them all, as nothing repeats there."""
    steps: dict[Step, float] = {}
    for gain, edge in pairs:
        steps[edge.target] = max(gain, steps.get(edge.target, 0.0))
    gains = list(steps.values())
    logs = np.log(np.maximum(gains, 1e-300))
    top = int(np.argmax(logs))
    return [gains[top]] if len(gains) > 1 and logs[top] > max(np.sum(logs), 0) / 2 else gains
