"""Loops: what comes again and again in a graph, what each time hands to the next, and how the
gradient grows or fades from time to time.

A repetition is "time" where every copy uses the same weights, or none: the steps of a recurrent
net, of an iteration, of unrolled gradient descent. It is "depth" where each copy has weights of its
own: the blocks of a tower. Copies that take nothing from each other stand side by side.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.viz.model.births import births
from autograd.viz.model.model import Card, Model, Step
from autograd.viz.model.numbers import is_finite, number, rms

__all__ = ["Curve", "Loop", "best_start", "cycle", "loop_of", "same_weights", "segments", "takes"]


@dataclass(frozen=True, slots=True)
class Curve:
    """The rms gradient of what each copy hands on; None where no gradient reaches it."""

    amounts: tuple[float | None, ...]

    @property
    def known(self) -> list[tuple[int, float]]:
        """(number of the copy from 1, amount), of those that are numbers."""
        return [
            (i, a)
            for i, a in enumerate(self.amounts, start=1)
            if a is not None and math.isfinite(a)
        ]

    @property
    def faults(self) -> list[int]:
        """The numbers of the copies whose gradient is NaN or infinite."""
        return [
            i for i, a in enumerate(self.amounts, start=1) if a is not None and not math.isfinite(a)
        ]

    def extremes(self, kind: str) -> list[str]:
        """`least 4.1e−11 at step 1` and `largest 0.41 at step 50`."""
        if not self.known:
            return []
        ends = (
            ("least", min(self.known, key=lambda each: each[1])),
            ("largest", max(self.known, key=lambda each: each[1])),
        )
        return [f"{name} {number(amount, 2)} at {kind} {at}" for name, (at, amount) in ends]


@dataclass(eq=False, slots=True)
class Loop:
    """Copies of the same ops on the same shapes, in the order in which they ran."""

    key: str
    steps: list[list[Step]]  # of each copy its ops, in the same order
    states: list[tuple[int, int]]  # (which op, which output): what a later copy takes
    kind: str  # what a copy is called: "step", "block", or "copy" where they stand side by side
    shown: int  # the copy that is drawn, from 0
    name: str = ""  # of the module
    curve: Curve = field(default_factory=lambda: Curve(()))

    @property
    def times(self) -> int:
        return len(self.steps)

    @property
    def is_chained(self) -> bool:
        """Whether each copy takes something from the one before."""
        return bool(self.states)

    def states_of(self, copy: int) -> list[Card]:
        """What a copy hands on."""
        return [card for card in self._states(copy) if card is not None]

    def measured(self, copy: int) -> list[Card]:
        """The same without running totals, as of losses, whose gradient is that of the whole."""
        middle = self.times // 2
        before = set(self.states_of(middle - 1))
        is_total = [
            card is not None and card.shape == () and card.maker is not None
            and card.maker.op.name == "add"
            and any(edge.source in before for edge in card.maker.edges)
            for card in self._states(middle)
        ]  # fmt: skip
        pairs = zip(self._states(copy), is_total, strict=True)
        return [c for c, total in pairs if c is not None and not total] or self.states_of(copy)

    def _states(self, copy: int) -> list[Card | None]:
        """The same, with None for an output of the last copy that nothing uses."""
        return [
            next((card for card in self.steps[copy][op].outputs if card.place == out), None)
            for op, out in self.states
        ]

    def carried(self, copy: int) -> list[tuple[Card, Card]]:
        """(what a copy hands on, what it took in its place from the one before)."""
        return [
            (card, self.steps[copy][op].edges[at].source)
            for card, place in zip(self._states(copy), self._takers(), strict=True)
            if card is not None and place is not None
            for op, at in [place]
            if at < len(self.steps[copy][op].edges)
        ]

    def _takers(self) -> list[tuple[int, int] | None]:
        """Of each state where the next copy first takes it: which op, which of its edges."""
        copy = max(0, self.times // 2 - 1)
        places = {
            edge.source: (i, j)
            for i, step in reversed(list(enumerate(self.steps[copy + 1])))
            for j, edge in reversed(list(enumerate(step.edges)))
        }
        return [places.get(card) if card else None for card in self._states(copy)]

    def returned(self, copy: int, given: Card) -> Any:
        """What comes back to a state from the copies that take it; None of the last one."""
        later = {step for inside in self.steps[copy + 1 : copy + 3] for step in inside}
        found = [edge.contribution for edge in given.uses if edge.target in later]
        return sum(amounts) if (amounts := [a for a in found if a is not None]) else None

    def span(self, first: int, end: int) -> str:
        """`steps 1–24`, of copies counted from 0."""
        plural = "copies" if self.kind == "copy" else f"{self.kind}s"
        if end - first == 1:
            return f"{self.kind} {first + 1}"
        return f"{plural} {first + 1}–{end}"


def best_start(steps: Sequence[Sequence[Step]], start: int, period: int, end: int) -> int:
    """Where a copy begins: where the least is handed on, in a run of items from start to end.

    A first time that lacks an op, as its input was a constant, turns the pattern; the cut through
    the loop that the fewest tensors cross is where the next step begins.
    """
    turns = (end - start) // period
    if turns < 3:
        return start
    place = {step: i for i in range(start, end) for step in steps[i]}
    middle = start + period * (turns // 3)

    def crossing(offset: int) -> int:
        cut = middle + offset
        return sum(
            any(cut <= place.get(edge.target, -1) < cut + period for edge in card.uses)
            for i in range(max(start, cut - period), cut)
            for step in steps[i]
            for card in step.outputs
        )

    offsets = range(period) if middle + 2 * period <= end else range(1)
    best = min(offsets, key=lambda offset: (crossing(offset), offset))
    kept = (end - start - best) // period
    return start + best if kept >= max(3, turns - 1) else start


def cycle(steps: Sequence[Sequence[Step]]) -> int:
    """After how many copies the same weights come again: 2 in a recurrent net of two layers."""
    middle = len(steps) // 3
    if same_weights(steps[middle], steps[middle + 1]) is not False:
        return 1
    for times in range(2, 1 + len(steps) // 3):
        if same_weights(steps[middle], steps[middle + times]):
            return times
    return 1


def segments(steps: Sequence[Sequence[Step]]) -> list[tuple[int, int]]:
    """Where the copies of one loop begin and end: two loops in a row may be made of the same ops.

    What most neighbours have, that one takes what the other gives and uses its weights, ends where
    two have not.
    """
    links = [(takes(a, b), same_weights(a, b)) for a, b in pairwise(steps)]
    usual = Counter(links).most_common(1)[0][0]
    ends = [i for i, link in enumerate(links, start=1) if link != usual]
    return list(pairwise([0, *ends, len(steps)]))


def takes(one: Sequence[Step], other: Sequence[Step]) -> bool:
    """Whether a copy takes something that another one gives."""
    inside = set(one)
    return any(edge.source.maker in inside for step in other for edge in step.edges)


def same_weights(one: Sequence[Step], other: Sequence[Step]) -> bool | None:
    """Whether two copies use the same parameters in the same places; None if they use none."""
    pairs = [
        (a.source, b.source)
        for ours, theirs in zip(one, other, strict=False)
        for a, b in zip(ours.edges, theirs.edges, strict=False)
        if a.source.kind == b.source.kind == "param"
    ]
    return any(a is b for a, b in pairs) if pairs else None


def loop_of(key: str, steps: list[list[Step]], model: Model) -> Loop:
    """The loop of some copies; the one that is shown is where a NaN was born, else the middle."""
    states = _states(steps)
    loop = Loop(key, steps, states, _kind(steps, bool(states)), len(steps) // 2)
    loop.curve = Curve(tuple(_amount(loop, copy) for copy in range(len(steps))))
    ends = [card.value for card in (*model.outputs, *loop.states_of(len(steps) - 1))]
    if loop.curve.faults or not all(map(is_finite, ends)):
        born = set(births(model))
        places = (i for i, inside in enumerate(steps) if not born.isdisjoint(inside))
        loop.shown = next(places, loop.shown)
    return loop


def _states(steps: list[list[Step]]) -> list[tuple[int, int]]:
    """The outputs of a copy that the next one takes, as two neighbours in the middle show it."""
    copy = max(0, len(steps) // 2 - 1)
    later = {step for inside in steps[copy + 1 :] for step in inside}
    return [
        (i, card.place)
        for i, step in enumerate(steps[copy])
        for card in step.outputs
        if any(edge.target in later for edge in card.uses)
    ]


def _kind(steps: list[list[Step]], is_chained: bool) -> str:
    if not is_chained:
        return "copy"
    return "block" if same_weights(steps[-1], steps[-2]) is False else "step"


def _amount(loop: Loop, copy: int) -> float | None:
    """The rms gradient of what a copy hands on; side by side, of what leaves it."""
    cards = loop.measured(copy)
    if not cards:
        inside = set(loop.steps[copy])
        cards = [
            card
            for step in loop.steps[copy]
            for card in step.outputs
            if any(edge.target not in inside for edge in card.uses) or card.kind == "loss"
        ]
    found = [card.gradient for card in cards if card.gradient is not None]
    if not found or not any(_reaches(card) for card in cards):
        return None
    return rms(np.concatenate([np.ravel(gradient) for gradient in found]))


def _reaches(card: Card) -> bool:
    """Whether any gradient arrives, be it 0."""
    return card.kind == "loss" or any(edge.contribution is not None for edge in card.uses)
