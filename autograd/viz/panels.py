"""Modules as panels: which scope a card belongs to, and what a panel's title says."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from autograd.modes import Scope
from autograd.viz.model import Card, Model, Step
from autograd.viz.numbers import number, rms
from autograd.viz.style import GRADIENT, INK, MUTED, SANS, Text, clip, row, table

__all__ = ["Panels"]


class Panels:
    """The tree of module calls in a picture."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._chains: dict[Scope | None, tuple[Scope, ...]] = {None: ()}
        self.main = self._main()  # the model itself, whose kind is the picture's title
        self.home: dict[Card, Scope | None] = {card: self._home(card) for card in model.cards}

    def chain(self, scope: Scope | None) -> tuple[Scope, ...]:
        """The panels around a scope, outermost first."""
        if scope not in self._chains:
            chain = []
            here = scope
            while here is not None:
                chain.append(here)
                here = here.parent
            self._chains[scope] = tuple(reversed(chain))
        return tuple(s for s in self._chains[scope] if s is not getattr(self, "main", None))

    def innermost(self, scope: Scope | None) -> Scope | None:
        """The panel that is drawn around a scope: the scope itself, but for the main module."""
        chain = self.chain(scope)
        return chain[-1] if chain else None

    def leaves_module(self, card: Card) -> bool:
        """Whether a tensor is the output of a module."""
        return card.maker is not None and self.innermost(card.maker.scope) is not self.home[card]

    def children(self, scope: Scope | None) -> list[Scope]:
        """The panels directly inside a panel, in the order of their first op."""
        found: dict[Scope, None] = {}
        for step in self._model.steps:
            chain = self.chain(step.scope)
            for outer, inner in zip((None, *chain), chain, strict=False):
                if outer is scope:
                    found[inner] = None
        return list(found)

    def title(self, scope: Scope) -> str:
        """Name, class, number of parameters, and how large their gradients are beside them."""
        inside = [step for step in self._model.steps if scope in self.chain(step.scope)]
        params = _parameters(inside)
        size = sum(np.size(card.value) for card in params)
        about = scope.kind + (f" · {size:,} params" if size else "")
        name, about = clip(scope.name, 14), clip(about, 30)
        name_width = 10 + 10 * len(name) if name else 0
        rows = row(
            Text(name, 14, INK, SANS, bold=True, width=name_width), Text(about, 11, MUTED, SANS),
            width=236, height=24,
        )  # fmt: skip
        if params:
            below = _norm(card.value for card in params)
            ratio = _norm(card.gradient for card in params) / below if below else math.nan
            note = Text(f"∇/W = {number(ratio, 2)}", 11, GRADIENT, SANS, bold=True)
            rows += row(note, width=236, height=20)
        return table(rows)

    def _main(self) -> Scope | None:
        """The outermost module that most ops ran in, if it has no name of its own."""
        roots = [chain[0] for step in self._model.steps if (chain := self.chain(step.scope))]
        if not roots:
            return None
        most = max(dict.fromkeys(roots), key=roots.count)
        return None if most.name else most

    def _home(self, card: Card) -> Scope | None:
        """The innermost panel that holds the maker of a tensor and all its uses."""
        steps: list[Step] = [edge.target for edge in card.uses]
        if card.kind == "loss":
            return None
        if card.maker is not None:
            steps.append(card.maker)
        chains = [self.chain(step.scope) for step in steps]
        home = None
        for level in zip(*chains, strict=False):
            if any(scope is not level[0] for scope in level):
                break
            home = level[0]
        return home


def _parameters(steps: list[Step]) -> list[Card]:
    cards = [edge.source for step in steps for edge in step.edges]
    return [card for card in dict.fromkeys(cards) if card.kind == "param"]


def _norm(arrays: Iterable[object]) -> float:
    return math.sqrt(sum(rms(a) ** 2 * np.size(a) for a in arrays))  # type: ignore[arg-type]
