"""Modules in a tower: the titles of open ones, the boxes of closed ones, and what lies in which."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograd.engine.modes import Scope
from autograd.viz.model.loops import Loop
from autograd.viz.model.model import Card, Model, Step
from autograd.viz.model.numbers import clip, number, shape_text
from autograd.viz.model.shares import Shares, shares_of_all
from autograd.viz.model.view import Group
from autograd.viz.scene.chart import chart_rows
from autograd.viz.scene.scene import Box, Row, row
from autograd.viz.scene.share_bars import share_rows
from autograd.viz.scene.style import (
    BORDER,
    GRADIENT,
    INK,
    MUTED,
    NAN,
    PANEL,
    SANS,
    Text,
    gradient_look,
    text_width,
    value_look,
)
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.math_cells import badge_row
from autograd.viz.styles.tower_cells import statistics

__all__ = ["given_by", "group_box", "main_scope", "outputs_of", "parameters_of", "title_rows"]

Sharing = Callable[[Card], list[Shares]]  # what the gradient of a parameter is made of


def main_scope(model: Model) -> Scope | None:
    """The outermost module with most parameters, then ops, if it has no name: the title's.

    One that is called again and again, such as the cell of a loop, is no frame of the whole; nor is
    one beside others that do as much.
    """
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
    params = parameters_of(roots[most])
    again = (s for s in roots if s is not most and s.kind == most.kind)
    if params and any(parameters_of(roots[scope]) == params for scope in again):
        return None
    held = [step for steps in roots.values() if parameters_of(steps) for step in steps]
    shares = (roots[most], held), (params, parameters_of(held))
    if any(2 * len(own) <= len(whole) for own, whole in shares if whole):
        return None
    return None if most.name else most


def title_rows(group: Group, grads: bool, room: float) -> tuple[Row, ...]:
    """Name, class, number of parameters, and how large their gradients are beside them.

    The chart of a loop ends at `room`, left of the lines into the panel.
    """
    rows = [row(_heading(group), Text(_about(group), 11, MUTED, SANS), height=22)]
    if grads and (note := _gradients(group)):
        rows.append(row(_noted(note, 11), height=18, part="w"))
    if grads and group.loop is not None:
        rows += _chart(group.loop, room)
    return tuple(rows)


def group_box(group: Group, looks: Looks, badge: str = "", shares: Sharing | None = None) -> Box:
    """A closed module, or several: what they are, their output and its gradient."""
    steps, grads = group.steps, looks.grads
    last = given_by(steps)
    count = f"{len(steps):,} op{'s' * (len(steps) > 1)}"
    rows = [
        row(_heading(group), Text(_kind(group), 11, MUTED, SANS), height=26, part="v"),
        row(
            Text(count, 10, MUTED, width=80),
            Text(shape_text(last.shape) if last else "", 10, MUTED, align="RIGHT"),
            height=20,
        ),
    ]
    if last is not None and not looks.shapes:
        rows.append(statistics("=", last.value, *value_look(last.value), "", "±"))
    if grads and last is not None and last.gradient is not None:
        rows.append(statistics("∇", last.gradient, *gradient_look(last.gradient), "g", ""))
        if note := _gradients(group):
            rows.append(row(_noted(note, 10), height=20, part="w"))
            rows += _share_rows(group, looks, shares)
        if group.loop is not None:
            rows += _chart(group.loop, looks.main - 10)
    rows += looks.cost_rows(steps, looks.main, is_dark=False)
    if badge:
        rows += [row(height=4), badge_row(badge), row(height=6)]
    if rows[-1].fill:
        rows.append(row(height=8))  # clear of the round corners
    return Box(group.key, "module", looks.main, tuple(rows), 1.5, BORDER, PANEL, rounded=True)


def given_by(steps: Sequence[Step]) -> Card | None:
    """The tensor that a closed group shows: the last that leaves it, else the last of all."""
    given = outputs_of(steps) or [card for step in steps for card in step.outputs]
    return given[-1] if given else None


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
    if group.loop is not None:
        first, *_, last = group.loop.curve.amounts
        if first is not None and last is not None:
            return f"∇ {number(first, 2)} in the first … {number(last, 2)} in the last"
        return ""
    params = _own_parameters(group)
    if not params:
        return ""
    values, gradients = zip(*(card.norms for card in params), strict=True)
    above, below = math.hypot(*gradients), math.hypot(*values)
    return f"∇/W = {number(above / below, 2)}" if below else f"∇ {number(above, 2)}, W = 0"


def _noted(text: str, size: int) -> Text:
    """In the ink of gradients, or of what is no number."""
    ink = NAN if "NaN" in text or "∞" in text else GRADIENT
    return Text(text, size, ink, SANS, bold=True)


def _share_rows(group: Group, looks: Looks, shares: Sharing | None) -> Iterator[Row]:
    """What the gradients of all its parameters are made of, where the module is used again."""
    if shares is None or group.is_sealed or group.loop is not None:
        return
    params = _own_parameters(group)
    at = next((e for card in params for e in card.uses if e.target in set(group.steps)), None)
    for each in shares_of_all({card: shares(card) for card in params}):
        for line in share_rows(each, looks.main, at):
            yield replace(line, part="w share")  # once the gradients of all of them are there


def _chart(loop: Loop, width: float) -> list[Row]:
    return chart_rows(loop.curve, loop.kind, _handed_on(loop), width, loop.shown)


def _handed_on(loop: Loop) -> str:
    """The names of what a copy hands on, as the last one's variables have them."""
    cards = loop.measured(loop.times - 1)
    names = [card.name for card in cards if card.is_named]
    if not cards:
        return "what each gives"
    return clip(", ".join(names), 24) if len(names) == len(cards) else f"the {loop.kind}’s output"
