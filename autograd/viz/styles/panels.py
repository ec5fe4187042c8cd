"""Modules in a tower: the titles of open ones, the boxes of closed ones, and what lies in which."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from autograd.engine.modes import Scope
from autograd.viz.model.model import Card, Model, Step
from autograd.viz.model.numbers import clip, number, rms, shape_text
from autograd.viz.model.view import Group, steps_of
from autograd.viz.scene.scene import Box, Row, row
from autograd.viz.scene.style import (
    BORDER,
    GRADIENT,
    INK,
    MUTED,
    PANEL,
    SANS,
    Text,
    gradient_look,
    text_width,
    value_look,
)
from autograd.viz.styles.math_cells import badge_row
from autograd.viz.styles.tower_cells import MAIN, statistics

__all__ = ["group_box", "main_scope", "outputs_of", "parameters_of", "title_rows"]


def main_scope(model: Model) -> Scope | None:
    """The outermost module with most parameters, then ops, if it has no name: the title's."""
    roots: dict[Scope, list[Step]] = {}
    for step in model.steps:
        scope = step.scope
        while scope is not None and scope.parent is not None:
            scope = scope.parent
        if scope is not None:
            roots.setdefault(scope, []).append(step)
    if not roots:
        return None
    most = max(roots, key=lambda scope: (len(parameters_of(roots[scope])), len(roots[scope])))
    return None if most.name else most


def title_rows(group: Group, grads: bool, badge: str = "") -> tuple[Row, ...]:
    """Name, class, number of parameters, and how large their gradients are beside them.

    A badge is of an op that is not shown, in one of the other times that the module comes.
    """
    rows = [row(_heading(group), Text(_about(group), 11, MUTED, SANS), height=22)]
    if grads and (note := _gradients(group)):
        rows.append(row(Text(note, 11, GRADIENT, SANS, bold=True), height=18))
    if badge:
        rows.append(badge_row(f"{badge}, another time"))
    return tuple(rows)


def group_box(group: Group, grads: bool, badge: str = "") -> Box:
    """A closed module, or several: what they are, their output and its gradient."""
    steps = group.steps
    outputs = outputs_of(steps)
    last = outputs[-1] if outputs else steps[-1].outputs[-1]
    count = f"{len(steps):,} op{'s' * (len(steps) > 1)}"
    rows = [
        row(_heading(group), Text(_kind(group), 11, MUTED, SANS), height=26, part="v"),
        row(
            Text(count, 10, MUTED, width=80),
            Text(shape_text(last.shape), 10, MUTED, align="RIGHT"),
            height=20,
        ),
        statistics("=", last.value, *value_look(last.value), "", "±"),
    ]
    if grads and last.gradient is not None:
        rows.append(statistics("∇", last.gradient, *gradient_look(last.gradient), "g", ""))
        if note := _gradients(group):
            rows.append(row(Text(note, 10, GRADIENT, SANS, bold=True), height=20))
    if badge:
        rows.append(badge_row(badge))
    if rows[-1].fill:
        rows.append(row(height=8))  # clear of the round corners
    return Box(group.key, "module", MAIN, tuple(rows), 1.5, BORDER, PANEL, rounded=True)


def outputs_of(steps: Sequence[Step]) -> list[Card]:
    """The tensors that leave a group of ops."""
    inside = set(steps)
    return [
        card
        for step in steps
        for card in step.outputs
        if card.kind == "loss" or any(edge.target not in inside for edge in card.uses)
    ]


def parameters_of(steps: Iterable[Step]) -> list[Card]:
    """The parameters that ops use, each once."""
    cards = [edge.source for step in steps for edge in step.edges]
    return [card for card in dict.fromkeys(cards) if card.kind == "param"]


def _own_parameters(group: Group) -> list[Card]:
    """Those of the module itself, without an input that also requires grad."""
    cards = parameters_of(group.steps)
    path = group.scope.path if group.scope is not None else ""
    return [card for card in cards if path and card.name.startswith(f"{path}.")] or cards


def _heading(group: Group) -> Text:
    name = clip(group.label or (group.scope.name if group.scope is not None else ""), 16)
    width = text_width(name, 14, SANS, True) + 6 if name else 1
    return Text(name, 14, INK, SANS, bold=True, width=width)


def _kind(group: Group) -> str:
    kind = group.scope.kind if group.scope is not None else ""
    times = f"× {group.times}" if group.times > 1 else ""
    return clip(" ".join(filter(None, (kind, times))), 24)


def _about(group: Group) -> str:
    size = sum(np.size(card.value) for card in _own_parameters(group))
    return " · ".join(filter(None, (_kind(group), f"{size:,} params" if size else "")))


def _gradients(group: Group) -> str:
    """How large the parameters' gradients are; of repeated groups, from the first to the last."""
    if group.times > 1:
        each = len(group.items)
        every = [*group.items, *group.others]
        ends = [every[:each], every[-each:]]
        cards = [outputs_of([s for item in end for s in steps_of(item)]) for end in ends]
        if all(cards) and all(end[-1].gradient is not None for end in cards):
            first, last = (number(rms(end[-1].gradient), 2) for end in cards)
            return f"∇ {first} in the first … {last} in the last"
        return ""
    params = _own_parameters(group)
    if not params:
        return ""
    below = _norm(card.value for card in params)
    ratio = _norm(card.gradient for card in params) / below if below else math.nan
    return f"∇/W = {number(ratio, 2)}"


def _norm(arrays: Iterable[object]) -> float:
    return math.sqrt(sum(rms(a) ** 2 * np.size(a) for a in arrays))  # type: ignore[arg-type]
