"""Where paths meet whose shares of a gradient cancel: what the ledger of the chain rule says."""

from __future__ import annotations

import numpy as np

from autograd.viz.model.local import terms
from autograd.viz.model.model import Card, Edge, Model
from autograd.viz.model.numbers import amount, number, rms
from autograd.viz.words.explain import ledger_of
from autograd.viz.words.level import level_at
from autograd.viz.words.places import Finding, place_of
from autograd.viz.words.weak_links import on_the_way

__all__ = ["cancelled", "cancels"]

_CANCELLED = 1e-5  # of the largest share: what is left of a sum that cancels


def cancelled(model: Model, card: Card) -> list[str]:
    """The tensors on the way where paths meet and cancel, and what the ledger says of the paths."""
    leads = [card, *(edge.target.outputs[0] for edge in on_the_way(model, card))]
    meeting = [each for each in dict.fromkeys(leads) if cancels(each)]
    if not meeting:
        return []
    if level := level_at(model, card, _largest(meeting[0])):
        return [_balanced(card, meeting[0], level)]
    found = [_told(each) for each in meeting]
    ledger = ledger_of(model, card)
    if ledger.count > 1 and len(ledger.paths) <= 4:
        for path in ledger.paths:
            found.append(f"  {amount(path.contribution)} by {' ← '.join(path.names)}")
    else:
        found.append(f"  {ledger.count:,} paths lead there; autograd.explain lists them")
    return found


def cancels(card: Card) -> bool:
    """Whether shares that are there add up to nothing, or to a rounding."""
    carriers = _carriers(card)
    if len(carriers) < 2:
        return False
    shares = [rms(edge.contribution) for edge in carriers]
    return rms(card.gradient) <= _CANCELLED * max(shares) and max(shares) > 0


def _largest(card: Card) -> float:
    return max(rms(edge.contribution) for edge in _carriers(card))


def _balanced(card: Card, meeting: Card, level: str) -> Finding:
    """Shares that cancel here and not elsewhere."""
    text = f"the paths that meet at {meeting.name} balance at this {card.name} alone: {level}"
    return Finding(text, "level", _carriers(meeting)[0].target.where)


def _carriers(card: Card) -> list[Edge]:
    return [edge for edge in card.uses if edge.contribution is not None]


def _told(card: Card) -> str:
    edges = _carriers(card)
    if np.size(card.gradient) == 1:
        sizes = terms([np.asarray(edge.contribution).reshape(-1)[0] for edge in edges])
    else:
        sizes = " and ".join(f"rms {number(rms(edge.contribution), 3)}" for edge in edges)
    by = ", ".join(dict.fromkeys(place_of(edge.target) for edge in edges))
    text = f"the paths that meet at {card.name} cancel: {sizes} (by {by})"
    steps = dict.fromkeys(edge.target for edge in edges)
    return Finding(text, "cancels", edges[0].target.where, steps, f"cancels at {card.name}")
