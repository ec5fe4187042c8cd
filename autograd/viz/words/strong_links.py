"""Where on its way a gradient grows, and which of its units are dead."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.viz.model.model import Card, Edge, Model
from autograd.viz.model.numbers import number, rms
from autograd.viz.words.places import Finding, place_of
from autograd.viz.words.weak_links import is_linear, on_the_way

__all__ = ["DEAD", "dead_units", "strong_links"]

DEAD = 0.75  # of the units: less is what a ReLU does
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
        inner = [gain for gain, edge in pairs if edge.source is not card]
        gains = inner if len(inner) >= _OFTEN else [gain for gain, _ in pairs]
        whole = float(np.sum(np.log(np.maximum(gains, 1e-300))))
        mean = float(np.exp(whole / len(gains)))
        if mean < _STRONG:
            continue
        text = f"{place} passes on × {number(mean, 2)}"
        if len(gains) >= _OFTEN:
            text += f", {len(gains)} times: × {number(np.exp(min(whole, 700.0)), 2)} in all"
        kind = "explodes" if len(gains) >= _OFTEN else "large"
        found.append((whole, Finding(text, kind, pairs[0][1].target.where)))
    found.sort(key=lambda pair: (pair[1].kind != "explodes", -pair[0]))
    seed = rms(model.outputs[0].gradient)
    plain = f"no single op is to blame: the loss sends {number(seed, 2)}, and sums follow"
    told: list[str] = [text for _, text in found[:_MOST]]
    return told or [plain]


def dead_units(model: Model, card: Card) -> list[str]:
    """Elementwise ops on the way most of whose units pass nothing, for any example of the batch."""
    found: list[str] = []
    gradient = np.asarray(card.gradient)
    if not gradient.ndim or np.mean(gradient == 0) < DEAD:
        return []
    for edge in on_the_way(model, card):
        op = edge.target.op
        if not op.elementwise or is_linear(edge) or edge.target.outputs[0].shape == ():
            continue
        share = _dead_share(edge)
        if share >= DEAD:
            text = f"{place_of(edge.target)}: {number(100 * share, 3)} % of its units are dead "
            text += "(derivative 0 for all of the batch)"
            found.append(Finding(text, "dead", edge.target.where))
    return found


def _dead_share(edge: Edge) -> float:
    """Of the units that an upstream gradient reaches, those that pass none of it on."""
    upstream: Any = np.asarray(edge.target.outputs[0].gradient)
    passed: Any = np.asarray(edge.contribution)
    if upstream.shape != passed.shape or not upstream.size:
        return 0.0
    # a unit is a feature of rows, a channel of images
    over = (
        (0,) if upstream.ndim == 2 else (0, *range(2, upstream.ndim)) if upstream.ndim > 2 else ()
    )
    reached, alive = np.any(upstream != 0, axis=over), np.any(passed != 0, axis=over)
    return float(np.mean(~alive[reached])) if np.any(reached) else 0.0
