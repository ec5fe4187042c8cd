"""What a shared weight's gradient is made of: its share from each use, and from each loss.

A share is the part of the gradient that a contribution makes up, counted along the gradient:
⟨contribution, ∇⟩ / ⟨∇, ∇⟩. Shares add up to 1, one that works against the sum is negative, and of a
number it is contribution / ∇. Where everything cancels, there is no such direction, and sizes are
told instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.sweep.cotangent import conjugate
from autograd.viz.model.loops import Loop
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import norm, number
from autograd.viz.model.pullback import sweep

__all__ = [
    "Share", "Shares", "percent", "shares_by_loss", "shares_by_use", "shares_of_all", "told_once",
]  # fmt: skip

_TERMS, _OPS = 6, 4000  # losses that are told apart, in a graph of so many ops
_KEPT = 0.5  # of the sizes; what is left of less has cancelled


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """One contribution to a gradient."""

    name: str
    amount: Any  # the contribution itself
    part: float  # of the whole gradient; negative where it works against it
    edges: tuple[Edge, ...] = ()  # the uses that it comes from


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """All the contributions to a gradient; the amounts add up to it."""

    by: str  # what the shares are of: "step", "use" or "loss"
    each: tuple[Share, ...]
    kept: float  # the size of the gradient, as a part of the sizes of the contributions

    @property
    def cancelling(self) -> str:
        """`they cancel to 3 % of their sizes`, where less than half is left."""
        if self.kept >= _KEPT or not np.isfinite(self.kept):
            return ""
        return f"they cancel to {percent(self.kept)} of their sizes"


def percent(part: float) -> str:
    """`64 %`, `−13 %`, `0.2 %`."""
    return f"{number(100 * part, 3)} %" if np.isfinite(part) else number(part)


def told_once(found: list[Shares]) -> list[Shares]:
    """Without the shares by use where each loss has a use of its own, so that they say the same."""
    if len(found) == 2:
        ours, theirs = (sorted(share.part for share in shares.each) for shares in found)
        if len(ours) == len(theirs) and np.allclose(ours, theirs, equal_nan=True):
            return found[1:]
    return found


def shares_by_use(card: Card, loops: Sequence[Loop] = ()) -> Shares | None:
    """By step of a loop where most uses lie in its steps, else by use; None of a single one."""
    carriers = [edge for edge in card.uses if edge.contribution is not None]
    if len(carriers) < 2:
        return None
    for loop in loops:
        copy_of = {step: i for i, steps in enumerate(loop.steps) for step in steps}
        inside: dict[int, list[Edge]] = {}
        for edge in carriers:
            if edge.target in copy_of:
                inside.setdefault(copy_of[edge.target], []).append(edge)
        outside = [edge for edge in carriers if edge.target not in copy_of]
        if len(inside) > len(outside) and len(inside) > 1:
            named = [(str(copy + 1), inside[copy]) for copy in sorted(inside)]
            named += [(_use(edge, carriers), [edge]) for edge in outside]
            return _of_edges(loop.kind, named, card.gradient)
    named = [(_use(edge, carriers), [edge]) for edge in carriers]
    return _of_edges("use", named, card.gradient)


def shares_of_all(found: Mapping[Card, list[Shares]]) -> list[Shares]:
    """Those of several parameters as one: by step and by loss, where all of them have shares so."""
    learned = [card for card in found if card.gradient is not None]
    kinds = [{shares.by: shares for shares in found[card]} for card in learned]
    common = [
        by for by in (kinds[0] if kinds else ()) if by != "use" and all(by in k for k in kinds)
    ]
    return [_together([(card, each[by]) for card, each in zip(learned, kinds, strict=True)])
            for by in common]  # fmt: skip


def _together(found: Sequence[tuple[Card, Shares]]) -> Shares:
    """Shares of what all the gradients are, one behind the other."""
    parts: dict[str, dict[Card, Share]] = {}
    for card, shares in found:
        for share in shares.each:
            parts.setdefault(share.name, {})[card] = share
    rows = [
        (name, _behind(of[card].amount if card in of else np.zeros_like(card.gradient)
                       for card, _ in found))
        for name, of in parts.items()
    ]  # fmt: skip
    whole = _shares(found[0][1].by, rows, _behind(card.gradient for card, _ in found))
    edges = [tuple(e for share in of.values() for e in share.edges) for of in parts.values()]
    each = (replace(share, edges=of) for share, of in zip(whole.each, edges, strict=True))
    return replace(whole, each=tuple(each))


def _behind(arrays: Iterable[Any]) -> Any:
    return np.concatenate([np.ravel(each) for each in arrays])


def _of_edges(by: str, named: Sequence[tuple[str, list[Edge]]], whole: Any) -> Shares:
    with np.errstate(all="ignore"):
        sums = [(name, sum(edge.contribution for edge in edges)) for name, edges in named]
    found = _shares(by, sums, whole)
    each = (
        replace(share, edges=tuple(edges))
        for share, (_, edges) in zip(found.each, named, strict=True)
    )
    return replace(found, each=tuple(each))


def _use(edge: Edge, carriers: Sequence[Edge]) -> str:
    """`↩3`: the place of the op in the backward pass; `↩3[1]`, where it uses the tensor twice."""
    twice = sum(other.target is edge.target for other in carriers) > 1
    return f"↩{edge.target.order}" + (f"[{edge.position}]" if twice else "")


def _shares(by: str, named: Sequence[tuple[str, Any]], whole: Any) -> Shares:
    with np.errstate(all="ignore"):
        sizes = [norm(amount) for _, amount in named]
        total = norm(whole)
        if total > 64 * float(np.finfo(np.asarray(whole).dtype).eps) * sum(sizes):
            parts = [_along(amount, whole, total) for _, amount in named]
        else:  # nothing is left: their sizes, and which of them oppose the largest
            largest = named[int(np.argmax(sizes))][1]
            signs = [float(np.sign(_along(amount, largest, 1.0))) or 1.0 for _, amount in named]
            parts = [s * size / (sum(sizes) or 1) for s, size in zip(signs, sizes, strict=True)]
        kept = total / sum(sizes) if sum(sizes) else 1.0
    each = (Share(name, amount, part) for (name, amount), part in zip(named, parts, strict=True))
    return Shares(by, tuple(each), kept)


def _along(amount: Any, whole: Any, size: float) -> float:
    """⟨amount, whole⟩ / size², in an order that neither over- nor underflows."""
    left = np.asarray(amount).astype(np.result_type(amount, np.float64)) / size
    right = np.asarray(whole).astype(np.result_type(whole, np.float64)) / size
    return float(np.real(np.sum(left * np.conj(right))))


# ---- by loss -------------------------------------------------------------------------------------


def shares_by_loss(model: Model) -> Mapping[Card, Shares]:
    """Of each parameter that is used twice or more, what each of several losses gives.

    The losses are the outputs, and the terms of an output that is a sum of numbers.
    """
    if model.by_loss is None:
        model.by_loss = _by_loss(model)
    found: Mapping[Card, Shares] = model.by_loss
    return found


def _by_loss(model: Model) -> Mapping[Card, Shares]:
    shared = [c for c in model.cards if c.kind == "param" and len(c.uses) > 1]
    terms = [(output, *term) for output in model.outputs for term in _terms(output)]
    if not shared or not 2 <= len(terms) <= _TERMS or len(model.steps) > _OPS:
        return {}
    nodes = {card: node for node, card in model.nodes.items()}
    found = [_from_term(model, nodes, card, gradient) for _, card, gradient in terms]
    names = [_called(card, output, len(model.outputs)) for output, card, _ in terms]
    result: dict[Card, Shares] = {}
    for card in shared:
        node = nodes[card]
        named = [
            (name, conjugate(np.asarray(of[node])))
            for name, of in zip(names, found, strict=True)
            if of.get(node) is not None
        ]
        if len(named) > 1:
            result[card] = _shares("loss", named, card.gradient)
    return result


def _called(card: Card, output: Card, outputs: int) -> str:
    """The name of a loss; of a term without one also that of the sum: `loss_D mean₂`."""
    is_whole = card is output or card.is_named or outputs == 1
    return card.name if is_whole else f"{output.name} {card.name}"


def _terms(output: Card) -> list[tuple[Card, Any]]:
    """(term, what the sum sends back to it) of all terms of an output; itself if it is no sum."""
    found: list[tuple[Card, Any]] = []
    seed = output.gradient if output.seed is None else output.seed
    pending = [(output, seed)]
    while pending:
        card, gradient = pending.pop(0)
        maker = card.maker
        inner = _addends(maker, card) if maker is not None else []
        if inner and all(_is_term(edge.source) for edge in inner):
            pending = [(edge.source, edge.contribution) for edge in inner] + pending
        else:
            found.append((card, gradient))
    return found


def _is_term(card: Card) -> bool:
    """Something that was computed for the sum alone."""
    return card.maker is not None and len(card.uses) == 1


def _addends(step: Step, card: Card) -> list[Edge]:
    """The terms of a sum of numbers that is used for nothing else, weighted or not."""
    if card.shape != () or len(step.outputs) != 1 or (card.uses and card.kind != "loss"):
        edges = [edge for edge in card.uses if edge.contribution is not None]
        if card.shape != () or len(edges) != 1:
            return []
    edges = [edge for edge in step.edges if edge.contribution is not None]
    if any(edge.source.shape != () for edge in edges):
        return []
    if step.op.name in ("add", "subtract"):
        return edges
    weighted = step.op.name in ("multiply", "divide", "negative") and len(edges) == 1
    inner = edges[0].source.maker if weighted else None
    return edges if inner is not None and _addends(inner, edges[0].source) else []


def _from_term(
    model: Model, nodes: Mapping[Card, Node], card: Card, gradient: Any
) -> dict[Node, Any]:
    seed = {nodes[card]: conjugate(np.asarray(gradient))[()]}
    return sweep(list(model.values), model.values, seed)
