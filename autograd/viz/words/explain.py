"""explain: the ledger of the chain rule, path by path, with a sum that must be the gradient."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.errors import BackwardError, LedgerError
from autograd.graph.graph import Graph
from autograd.sweep.cotangent import conjugate
from autograd.viz.model.model import Card, Edge, Model, build
from autograd.viz.model.numbers import rms
from autograd.viz.model.pullback import pulls_of, sweep
from autograd.viz.model.subject import recorded_of
from autograd.viz.words.ledger import Explanation, Path
from autograd.viz.words.parts import Part, part_of

__all__ = [
    "Explanation", "Lead", "Path", "counts_of", "explain", "ledger_of", "ledgers_of", "width_of",
]  # fmt: skip

_ALL = 64  # paths up to which every one is listed
_TOLERANCE = 64  # roundings, relative to the sum of the sizes of the terms


@spelled
def explain(
    loss: Any, wrt: Any, *, names: Mapping[str, Any] | None = None, paths: int = 10
) -> Explanation:
    """Account for the gradient of a loss by one tensor, path by path through the graph.

    `wrt` is a Tensor of the graph, or a part of one such as `w[0, 0]`, or its name; `names` gives
    names to others, such as `locals()`. Of several losses in a list the gradients are added.

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
        names = sys._getframe(2).f_locals
    several = isinstance(loss, (list, tuple))
    graph = loss if isinstance(loss, Graph) else Graph(*loss) if several else Graph(loss)
    model = build(graph, names, recorded_of(loss))
    card, part = _find(model, wrt)
    ledger = ledger_of(model, card, paths)
    return ledger if part is None else _part_of_ledger(ledger, part)


def _part_of_ledger(ledger: Explanation, part: Part) -> Explanation:
    """The same paths, of which some places are asked for."""
    paths = (replace(path, contribution=part.of(path.contribution)) for path in ledger.paths)
    rest = None if ledger.rest is None else part.of(ledger.rest)
    return replace(ledger, name=part.named(ledger.name), gradient=part.of(ledger.gradient),
                   paths=tuple(paths), rest=rest)  # fmt: skip


def ledger_of(model: Model, card: Card, paths: int = 10) -> Explanation:
    """The ledger of one tensor of a model."""
    counts = counts_of(model)
    if not counts[card] or card.gradient is None:
        raise BackwardError(
            f"{_outputs(model)} does not depend on {card.name}: no path leads there. "
            "autograd.why says what cut it"
        )
    return ledgers_of(model, [card], counts, paths)[card][0]


def ledgers_of(
    model: Model, cards: Sequence[Card], counts: Mapping[Card, int], paths: int = 10
) -> dict[Card, tuple[Explanation, list[Lead]]]:
    """The ledgers of several tensors, by one walk, and the leads that their paths are."""
    with np.errstate(all="ignore"):
        found = _strongest(model, cards, counts, paths)
    ledgers = {}
    for card in cards:
        leads = sorted(found[card], key=lambda lead: -rms(lead.g))
        listed = [Path(lead.edges, conjugate(lead.g)) for lead in leads]
        ledgers[card] = _checked(model, card, listed, counts[card]), leads
    return ledgers


def _find(model: Model, wrt: Any) -> tuple[Card, Part | None]:
    if isinstance(wrt, str):
        by_name = {card.name: card for card in model.cards}
        if wrt in by_name:
            return by_name[wrt], None
        raise BackwardError(f"no tensor of the graph is named {wrt!r}; it has {', '.join(by_name)}")
    node = getattr(wrt, "_node", None) if type(wrt) in tensor_types else wrt
    part = part_of(node, model.nodes) if type(node) is Node else None
    if part is not None:
        return model.nodes[part.base], part if part.nodes else None
    raise BackwardError(f"{_outputs(model)} does not depend on {_what(wrt)}")


def _what(wrt: Any) -> str:
    """What was asked for and is not there, and why."""
    node = getattr(wrt, "_node", None)
    name = getattr(wrt, "name", None) or f"this {type(wrt).__name__}"
    if type(wrt) in tensor_types and node is None:
        return f"{name} through this graph: it requires no gradient"
    if type(node) is Node and not node.is_leaf:
        return (
            f"{name}, a result of {node.op.name}: it is no tensor of this graph. Pass what the "
            "loss was computed from"
        )
    return f"{name}: it is no tensor of this graph. autograd.why says what cut it"


def counts_of(model: Model) -> dict[Card, int]:
    """How many paths lead from the outputs down to each tensor."""
    counts = dict.fromkeys(model.cards, 0)
    for output in dict.fromkeys(model.outputs):
        counts[output] += 1
    for card in reversed(model.cards):
        for edge in card.maker.edges if card.maker is not None else ():
            if edge.contribution is not None:
                counts[edge.source] += counts[card]
    return counts


def width_of(count: int, paths: int = 10) -> int:
    """How many of so many paths are walked."""
    return count if count <= _ALL else max(1, paths)


@dataclass(frozen=True, slots=True, eq=False)
class Lead:
    """The beginning of a path, from an output down to a tensor, and the cotangent it brings."""

    card: Card
    g: Any
    edge: Edge | None = None  # the last of it
    before: Lead | None = None

    @property
    def edges(self) -> tuple[Edge, ...]:
        found = []
        lead: Lead | None = self
        while lead is not None and lead.edge is not None:
            found.append(lead.edge)
            lead = lead.before
        return tuple(found[::-1])


def _strongest(
    model: Model, cards: Sequence[Card], counts: Mapping[Card, int], paths: int
) -> dict[Card, list[Lead]]:
    """The strongest leads to some tensors, `paths` kept at every one that many lead to.

    Where one path leads, it carries all that the engine's own sweep found.
    """
    wanted, needed = set(cards), _above(model, cards)
    arrived: dict[Card, list[Lead]] = {}
    for output in dict.fromkeys(model.outputs):
        start = output.gradient if output.seed is None else output.seed
        arrived[output] = [Lead(output, conjugate(np.asarray(start)))]
    found: dict[Card, list[Lead]] = {card: [] for card in cards}
    for card in reversed(model.cards):
        here = arrived.pop(card, None)
        if here is None or card not in needed:
            continue
        width = width_of(counts[card], paths)
        if len(here) > width:
            here = heapq.nlargest(width, here, key=lambda lead: rms(lead.g))
        if card in wanted:
            found[card] = here
        for lead in here if card.maker is not None else ():
            for edge, g in _carried(model, lead, counts):
                arrived.setdefault(edge.source, []).append(Lead(edge.source, g, edge, lead))
    return found


def _above(model: Model, cards: Sequence[Card]) -> set[Card]:
    """The tensors that lie on paths to some, and these."""
    needed = set(cards)
    for card in model.cards:
        edges = card.maker.edges if card.maker is not None else []
        if any(e.source in needed for e in edges if e.contribution is not None):
            needed.add(card)
    return needed


def _carried(model: Model, lead: Lead, counts: Mapping[Card, int]) -> Iterator[tuple[Edge, Any]]:
    """What a path brings to the inputs of the op that made its tensor."""
    step = lead.card.maker
    assert step is not None
    if counts[lead.card] == 1 and len(step.outputs) == 1:
        for edge in step.edges:
            if edge.contribution is not None:
                yield edge, conjugate(np.asarray(edge.contribution))
        return
    pulls = pulls_of(step.node, model.values, _seed(model, lead.card, lead.g))
    for edge in step.edges:
        if edge.position in pulls:
            yield edge, np.asarray(pulls[edge.position].contribution)


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
    if np.isfinite(apart) and apart > slack and apart > slack + _noise(model, card):
        raise LedgerError(
            f"the paths of ∂{_outputs(model)}/∂{card.name} add up to {apart:.3g} less than "
            "the gradient: a rule is not linear in its cotangent (gradcheck finds it)"
        )
    return Explanation(_outputs(model), card.name, gradient, tuple(paths), count, rest, model.note)


def _outputs(model: Model) -> str:
    """What the gradient is of: several outputs are added."""
    return " + ".join(card.name for card in dict.fromkeys(model.outputs))


def _noise(model: Model, card: Card) -> float:
    """What roundings of all upstream gradients do to a gradient whose terms nearly cancel."""
    nodes = {each: node for node, each in model.nodes.items()}
    seeds = {
        nodes[each]: np.asarray(each.gradient if each.seed is None else each.seed)[()]
        for each in model.outputs
    }
    found = sweep(list(model.values), model.values, seeds, _jittered)[nodes[card]]
    return _TOLERANCE * float(np.max(np.abs(conjugate(found) - card.gradient), initial=0.0))


def _jittered(g: Any) -> Any:
    """A cotangent each of whose elements is a rounding or two away."""
    if isinstance(g, tuple):
        return tuple(map(_jittered, g))
    array = np.asarray(g)
    waves = np.cos(1.0 + 1.7 * np.arange(array.size)).reshape(array.shape)
    return (array * (1 + 2 * np.finfo(array.dtype).eps * np.where(waves > 0, 1, -1))).astype(
        array.dtype
    )
