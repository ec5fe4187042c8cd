"""explain: the ledger of the chain rule, path by path, with a sum that must be the gradient."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.engine.operands import tensor_types
from autograd.errors import BackwardError, LedgerError
from autograd.graph.graph import Graph
from autograd.sweep.cotangent import conjugate
from autograd.viz.model.model import Card, Edge, Model, build
from autograd.viz.model.numbers import rms
from autograd.viz.model.pullback import pulls_of
from autograd.viz.model.subject import recorded_of
from autograd.viz.words.ledger import Explanation, Path

__all__ = ["Explanation", "Path", "explain", "ledger_of"]

_ALL = 64  # paths up to which every one is listed
_TOLERANCE = 64  # roundings, relative to the sum of the sizes of the terms


def explain(
    loss: Any, wrt: Any, *, names: Mapping[str, Any] | None = None, paths: int = 10
) -> Explanation:
    """Account for the gradient of a loss by one tensor, path by path through the graph.

    `wrt` is a Tensor of the graph or its name; `names` gives names to others, such as `locals()`.
    Up to 64 paths are all listed; of more, the `paths` strongest, by the size of what they add
    (exactly the strongest for scalars; for tensors those that a beam of the strongest beginnings
    finds), and the sum of the others. The listed paths and the rest add up to the gradient, which
    is checked, not assumed. A loss without a graph raises BackwardError.

    >>> import autograd as ag
    >>> w = ag.Tensor(3.0, requires_grad=True)
    >>> L = w * w
    >>> print(ag.explain(L, w))
    ∂L/∂w = 6, the sum over 2 paths
    ...
    """
    if names is None:
        names = sys._getframe(1).f_locals
    graph = loss if isinstance(loss, Graph) else Graph(loss)
    model = build(graph, names, recorded_of(loss))
    if len(model.outputs) != 1:
        raise BackwardError(f"explain takes one output; this graph has {len(model.outputs)}")
    return ledger_of(model, _find(model, wrt), paths)


def ledger_of(model: Model, card: Card, paths: int = 10) -> Explanation:
    """The ledger of one tensor of a model."""
    counts = _counts(model, card)
    count = counts[model.outputs[0]]
    if count == 0 or card.gradient is None:
        raise BackwardError(
            f"{model.outputs[0].name} does not depend on {card.name}: no path leads there. "
            "autograd.why says what cut it"
        )
    width = int(count) if count <= _ALL else max(1, paths)
    with np.errstate(all="ignore"):
        found = _strongest(model, card, counts, width)
    found.sort(key=lambda path: -rms(path.contribution))
    return _checked(model, card, found, count)


def _find(model: Model, wrt: Any) -> Card:
    if isinstance(wrt, str):
        by_name = {card.name: card for card in model.cards}
        if wrt in by_name:
            return by_name[wrt]
        raise BackwardError(f"no tensor of the graph is named {wrt!r}; it has {', '.join(by_name)}")
    node = getattr(wrt, "_node", None) if type(wrt) in tensor_types else wrt
    card = model.nodes.get(node) if node is not None else None
    if card is not None:
        return card
    name = getattr(wrt, "name", None) or type(wrt).__name__
    raise BackwardError(
        f"{model.outputs[0].name} does not depend on {name}: it is no tensor of this graph. "
        "autograd.why says what cut it"
    )


def _counts(model: Model, card: Card) -> dict[Card, int]:
    """How many paths lead from each tensor down to the one that is asked about."""
    counts: dict[Card, int] = {}
    for each in model.cards:
        edges = each.maker.edges if each.maker is not None else []
        counts[each] = int(each is card) + sum(
            counts[e.source] for e in edges if e.contribution is not None
        )
    return counts


def _strongest(model: Model, card: Card, counts: dict[Card, int], width: int) -> list[Path]:
    """The strongest paths, from the output down, `width` beginnings kept at every tensor."""
    output = model.outputs[0]
    arrived: dict[Card, list[tuple[Any, tuple[Edge, ...]]]] = {
        output: [(conjugate(np.asarray(output.gradient)), ())]
    }
    for each in reversed(model.cards):
        here = arrived.pop(each, None) if each is not card else None
        if here is None or each.maker is None:
            continue
        here = heapq.nlargest(width, here, key=lambda path: rms(path[0]))
        for g, path in here:
            cotangent = _seed(model, each, g)
            pulls = pulls_of(each.maker.node, model.values, cotangent)
            for edge in each.maker.edges:
                if edge.position in pulls and counts[edge.source]:
                    contribution = np.asarray(pulls[edge.position].contribution)
                    arrived.setdefault(edge.source, []).append((contribution, (*path, edge)))
    found = heapq.nlargest(width, arrived.get(card, []), key=lambda path: rms(path[0]))
    return [Path(path, conjugate(g)) for g, path in found]


def _seed(model: Model, card: Card, g: Any) -> Any:
    """The cotangent of an op all of whose outputs but this one are left alone."""
    assert card.maker is not None
    outs = model.values[card.maker.node]
    if not isinstance(outs, tuple):
        return g if g.ndim else g[()]
    number = model.number_of(card)
    return tuple(g if i == number else np.zeros_like(out) for i, out in enumerate(outs))


def _checked(model: Model, card: Card, paths: list[Path], count: int) -> Explanation:
    """The ledger, after its sum was held against the gradient."""
    gradient = np.asarray(card.gradient)
    with np.errstate(all="ignore"):
        total = sum((path.contribution for path in paths), np.zeros_like(gradient))
        rest = gradient - total if len(paths) < count else None
        size = sum(float(np.max(np.abs(p.contribution), initial=0.0)) for p in paths)
        apart = float(np.max(np.abs(gradient - total), initial=0.0)) if rest is None else 0.0
    slack = _TOLERANCE * float(np.finfo(gradient.dtype).eps) * size
    if np.isfinite(apart) and apart > slack:
        raise LedgerError(
            f"the paths of ∂{model.outputs[0].name}/∂{card.name} add up to {apart:.3g} less than "
            "the gradient: a rule is not linear in its cotangent (gradcheck finds it)"
        )
    return Explanation(
        model.outputs[0].name, card.name, gradient, tuple(paths), count, rest, model.note
    )
