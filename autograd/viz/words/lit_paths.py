"""The ledgers of a picture's tensors, for a page that lights their paths: one walk for all of them.

The numbers and the text are those of `explain`. What would be too much for a page is left to it:
then the page says how many paths there are, and how to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd.viz.model.model import Card, Model
from autograd.viz.model.numbers import amount, number, one_line, rms
from autograd.viz.words.explain import Lead, counts_of, ledgers_of, width_of
from autograd.viz.words.ledger import Explanation

__all__ = ["lit_paths"]

_WORK = 1 << 22  # elements that rules are run on, path by path
_PULLS = 2000  # rules that are run, path by path
_LENGTH = 6000  # edges of all the paths of a page


def lit_paths(
    model: Model, boxes: Collection[str], stands_for: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """By the key of a tensor that is shown: its paths, what each brings, their sum, the text."""
    shown = stands_for or {}
    counts = counts_of(model)
    cards = [card for card in _shown(model, boxes) if counts[card] and card.gradient is not None]
    if _work(model, counts) > _WORK:
        chosen = [card for card in cards if counts[card] == 1]  # what the sweep found is enough
    else:
        chosen = cards
    chosen = _short(model, chosen, counts)
    leads = _Leads(shown)
    ledgers = ledgers_of(model, chosen, counts)
    records = {card.key: _record(*ledgers[card], leads) for card in chosen}
    for card in cards:
        if card.key not in records:
            records[card.key] = {"count": counts[card]}
    return {
        "leads": leads.records,
        "cards": records,
        "outs": {
            shown.get(step.key, step.key): step.outputs[0].key
            for step in model.steps
            if step.outputs and shown.get(step.key, step.key) == step.key
        },
        "losses": [one_line(card.name) for card in dict.fromkeys(model.outputs)],
    }


def _shown(model: Model, boxes: Collection[str]) -> list[Card]:
    """The tensors of the boxes, parameters first: a leaf has a box at every op, `t3o5`."""
    keys = {key.partition("o")[0] or key for key in boxes}
    found = [
        card
        for card in model.cards
        if card.key in keys or (card.maker is not None and card.maker.key in keys)
    ]
    return sorted(found, key=lambda card: card.kind != "param")


def _work(model: Model, counts: Mapping[Card, int]) -> int:
    """What rules would be run on where several paths lead; too much where there are many rules."""
    pulls = elements = 0
    for card in model.cards:
        if counts[card] > 1 and card.maker is not None:
            times = width_of(counts[card])
            pulls += times
            sizes = [np.size(edge.source.value) for edge in card.maker.edges]
            elements += times * (sum(sizes) + np.size(card.value))
    return elements if pulls <= _PULLS else _WORK + 1


def _short(model: Model, cards: list[Card], counts: Mapping[Card, int]) -> list[Card]:
    """Those whose paths are not too long, all together, to be told."""
    depth: dict[Card, int] = dict.fromkeys(model.outputs, 0)
    for card in reversed(model.cards):
        for edge in card.maker.edges if card.maker is not None and card in depth else ():
            depth[edge.source] = max(depth.get(edge.source, 0), depth[card] + 1)
    left, chosen = _LENGTH, []
    for card in cards:
        left -= depth.get(card, 0) * width_of(counts[card])
        if left >= 0:
            chosen.append(card)
    return chosen


class _Leads:
    """The beginnings of paths, each once: [the one before, edge, box of its op, tensor, number]."""

    def __init__(self, stands_for: Mapping[str, str]) -> None:
        self.records: list[list[Any]] = []
        self._known: dict[Lead, int] = {}
        self._boxes = stands_for

    def place(self, lead: Lead) -> int:
        way = []
        at: Lead | None = lead
        while at is not None and at not in self._known:
            way.append(at)
            at = at.before
        for each in reversed(way):
            self._known[each] = len(self.records)
            before = -1 if each.before is None else self._known[each.before]
            self.records.append([before, *self._edge(each), each.card.key, _running(each.g)])
        return self._known[lead]

    def _edge(self, lead: Lead) -> list[str]:
        if lead.edge is None:
            return ["", ""]
        step = lead.edge.target.key
        return [f"{step}p{lead.edge.position}", self._boxes.get(step, step)]


def _running(g: Any) -> str:
    """The product so far: a number, or the size of an array."""
    g = np.conj(np.asarray(g))
    return number(g.reshape(-1)[0]) if g.size == 1 else f"rms {number(rms(g), 3)}"


def _record(ledger: Explanation, found: list[Lead], leads: _Leads) -> dict[str, Any]:
    """What the page tells of one tensor; of arrays at the element where most comes together."""
    shares = [np.asarray(path.contribution) for path in ledger.paths]
    gradient = np.asarray(ledger.gradient)
    index = _busiest(shares)
    at = f"[{', '.join(map(str, index))}]" if index else ""
    record = {
        "count": ledger.count,
        "at": at,
        "list": [
            [leads.place(lead), *_told(share, index)]
            for lead, share in zip(found, shares, strict=True)
        ],
        "total": _told(gradient, index),
        "text": ledger.text(),
        "size": amount(gradient),
    }
    if ledger.rest is not None:
        record["rest"] = _told(ledger.rest, index)
    return record


def _busiest(shares: list[Any]) -> tuple[int, ...]:
    """The element to which the paths bring most, whether it cancels or not."""
    if not shares or not shares[0].ndim or not shares[0].size:
        return ()
    with np.errstate(all="ignore"):
        sizes = sum(np.abs(share).astype(np.float64) for share in shares)
    sizes = np.where(np.isfinite(sizes), sizes, -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), np.shape(sizes)))


def _told(value: Any, index: tuple[int, ...]) -> list[Any]:
    """[size of the bar or null, text]; of a complex number its real part has a bar."""
    array = np.asarray(value)
    if not array.size:
        return [None, "no elements"]
    one = array[index] if index else array.reshape(-1)[0]
    real = np.real(one)
    return [float(str(real)) if np.isfinite(real) else None, number(one)]
