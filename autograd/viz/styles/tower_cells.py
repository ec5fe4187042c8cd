"""The boxes of a network's picture: tensor cards, ops, folded chains, closed modules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.system.sizes import bytes_text
from autograd.viz.model.loops import Curve
from autograd.viz.model.measures import sparkline
from autograd.viz.model.model import Card, Edge, Step
from autograd.viz.model.numbers import (
    clip,
    is_finite,
    number,
    one_line,
    rms,
    rms_text,
    shape_text,
)
from autograd.viz.model.settings import settings
from autograd.viz.model.shares import Shares
from autograd.viz.scene.chart import chart_rows
from autograd.viz.scene.scene import Box, Row, row
from autograd.viz.scene.share_bars import share_rows
from autograd.viz.scene.style import (
    BORDER,
    DATA,
    INK,
    LOCAL,
    LOCAL_TINT,
    MUTED,
    OP,
    OP_MARK,
    OP_NOTE,
    PANEL,
    PAPER,
    PARAM,
    SANS,
    Text,
    gradient_look,
    text_width,
    value_look,
)
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.math_cells import badge_row, reduced_rows

__all__ = [
    "STRONG",
    "WEAK",
    "fold_box",
    "gain",
    "op_box",
    "statistics",
    "tensor_card",
]

_WIDE = Looks().main
_LINE, _RULE = 24, 20
WEAK, STRONG = 0.05, 20  # backward gains that are marked
_HEADERS = {  # kind: (fill, ink, border, its width, dashed)
    "param": (PARAM, PAPER, PARAM, 2, False),
    "data": (DATA, MUTED, BORDER, 1, True),
    "loss": (INK, PAPER, INK, 2, False),
    "intermediate": (PANEL, INK, BORDER, 1, False),
}


def tensor_card(
    card: Card,
    width: int,
    at: Edge | None,
    looks: Looks,
    note: str = "",
    shares: Sequence[Shares] = (),
) -> Box:
    """A card with header, value, gradient and rule; `at` is the edge that a docked one serves.

    A `note` stands beside its shape; below the gradient, what it is made of.
    """
    fill, ink, border, thickness, dashed = _HEADERS[card.kind]
    name_ink = MUTED if card.kind == "intermediate" and not card.is_named else ink
    copies = len({edge.target for edge in card.uses}) if card.is_leaf else 1
    uses = f" · {copies} uses" if copies > 1 and not looks.shapes else ""
    shape = shape_text(card.shape) + uses
    shape += f" · {note}" if note else ""
    docked = width == looks.dock
    room = width - 15 - text_width(shape, 10)
    rows = [
        row(
            Text(_fitting(short_name(card, at), room, looks), looks.size, name_ink, SANS,
                 bold=card.is_named, width=room),
            Text(shape, 10, ink, align="RIGHT"),
            height=_LINE, fill=fill,
        )
    ]  # fmt: skip
    grads = looks.grads
    if not looks.shapes:
        rows.append(statistics("=", card.value, *value_look(card.value), "v", "±"))
    if grads and card.gradient is None:
        none = Text("no grad", 11, MUTED, SANS, italic=True)
        rows.append(row(none, height=_RULE, fill=PAPER))
    elif grads:
        rows.append(statistics("∇", card.gradient, *gradient_look(card.gradient), "g", ""))
        for each in shares:
            rows += share_rows(each, width, at)
        if rule := _rule(card, width, at if docked else None):
            rows.append(
                row(Text(rule, 10, LOCAL, bold=True), height=_RULE, fill=LOCAL_TINT, part="r")
            )
        rows += reduced_rows(card)
    key = card.key + (at.target.key if at is not None and card.is_leaf else "")
    box = Box(key, f"tensor {card.kind}", width, tuple(rows), thickness, border, PAPER)
    box.dashed = dashed
    box.tooltip = f"{one_line(card.name)}: {card.kind}, {card.dtype}"
    box.tooltip += f"; its gradient is the {card.reduced}" if card.reduced else ""
    return box


def _fitting(name: str, room: float, looks: Looks) -> str:
    """A name cut to what a header has room for."""
    while len(name) > 1 and text_width(name, looks.size, SANS, True) > room:
        name = clip(name, len(name) - 1)
    return name


def short_name(card: Card, at: Edge | None) -> str:
    """Inside its module's panel a parameter needs no path."""
    path = at.target.scope.path if at and at.target.scope else ""
    name = card.name.removeprefix(f"{path}.") if path else card.name
    return clip(name, 14)


def statistics(mark: str, value: Any, ink: str, fill: str, part: str, sign: str) -> Row:
    """A number in full, or the histogram and the root of the mean square of many."""
    if np.size(value) == 1:
        bars, text = mark, number(np.asarray(value).reshape(-1)[0])
    else:
        bars = f"{mark} {sparkline(value)}"
        sign = sign if np.size(value) and is_finite(value) else ""
        text = rms_text(value, 2, sign)
    return row(
        Text(bars, 12, ink, width=text_width(f"{mark} ▁▁▁▁▁▁▁▁", 12)),
        Text(text, 12, ink, bold=True, align="RIGHT"),
        height=_LINE, fill=fill, part=part,
    )  # fmt: skip


def _rule(card: Card, width: int, at: Edge | None) -> str:
    """`∇ = xᵀ·G` where one op sends the gradient and its rule is short."""
    carriers = [edge for edge in card.uses if edge.contribution is not None]
    if not carriers:
        return ""
    if len(carriers) > 1 and at is None:
        return f"∇ = sum over {len(carriers)} paths"
    edge = carriers[0] if at is None else at
    text = f"∇ = {edge.rule}" + (" + …" if len(carriers) > 1 else "")
    return text if text_width(text, 10) <= width - 12 else ""


def op_box(
    step: Step,
    main: Edge | None,
    looks: Looks,
    badge: str = "",
    curve: Curve | None = None,
) -> Box:
    """Sign, name and place in the backward pass; shape, bytes and backward gain below; settings.

    One that holds a loop has the gradient by step, as a chart.
    """
    op_sign, name = step.sign, step.op.name.replace("_", " ")
    label = f"{op_sign}  {name}"
    if op_sign.startswith(step.op.name):
        label = op_sign.replace("_", " ")
    shape = shape_text(step.outputs[0].shape) if step.outputs else "no result"
    if len(step.outputs) > 1:
        shape = f"{len(step.outputs)} outputs"
    if looks.shapes:
        return _line_box(step.key, label, shape, badge, looks)
    grads = looks.grads
    size = sum(np.asarray(card.value).nbytes for card in step.outputs)
    gained, ink = gain(main, step.outputs) if grads else ("", OP_NOTE)
    note = looks.costs.note(step) if looks.costs and step.outputs else ""
    box = dark_box(
        step.key, label, f"↩{step.order}" if grads else "",
        note or shape + (f" · {bytes_text(size)}" if step.outputs else ""),
        "" if note else gained, ink, badge,
        (*_set_row(step), *looks.cost_rows([step], looks.main, is_dark=True)),
    )  # fmt: skip
    if curve is not None and grads:
        name = next((e.source.name for e in step.edges if e.input == "x"), "what is read")
        chart = chart_rows(curve, "step", clip(name, 16), looks.main - 10)
        head = (replace(each, fill=each.fill or OP) for each in box.rows)
        box.rows = (*head, *chart, row(height=4))
        box.fill, box.rounded, box.border, box.colour = PAPER, False, 2, OP
    return box


def fold_box(
    key: str, steps: Sequence[Step], main: Edge | None, looks: Looks, badge: str = ""
) -> Box:
    """Several elementwise ops in one: `×  +  tanh`."""
    grads = looks.grads
    label = "  ".join(step.sign for step in steps)
    shape = shape_text(steps[-1].outputs[0].shape)
    gained, ink = gain(main, steps[-1].outputs) if grads else ("", OP_NOTE)
    order = f"↩{steps[-1].order}–{steps[0].order}" if grads else ""
    note = f"{shape} · {len(steps)} ops"
    costs = looks.cost_rows(steps, looks.main, is_dark=True)
    box = (
        _line_box(key, label, shape, badge, looks) if looks.shapes
        else dark_box(key, label, order, note, gained, ink, badge, costs)
    )  # fmt: skip
    box.kind = "op fold"
    return box


def dark_box(
    key: str,
    label: str,
    order: str,
    note: str,
    gained: str,
    ink: str,
    badge: str = "",
    below: tuple[Row, ...] = (),
) -> Box:
    order_width = text_width(order, 11, SANS, True) if order else 1
    rows = (
        row(
            Text(clip(label, 26), 14, PAPER, SANS, bold=True, width=_WIDE - 14 - order_width),
            Text(order, 11, OP_MARK, SANS, bold=True, align="RIGHT"),
            height=26, part="v",
        ),
        row(
            Text(note, 10, OP_NOTE, width=150),
            Text(gained, 10, ink, bold=ink == OP_MARK, align="RIGHT"),
            height=22, part="g",
        ),
    )  # fmt: skip
    marked = (row(height=5), badge_row(badge)) if badge else ()
    return Box(key, "op", _WIDE, (*marked, *rows, *below), fill=OP, rounded=True)


def _set_row(step: Step) -> tuple[Row, ...]:
    """The settings of an op, where it has some: `kernel 3×3 · stride 2`."""
    told = clip(settings(step), 36)
    return (row(Text(told, 10, OP_NOTE), height=17), row(height=5)) if told else ()


def _line_box(key: str, label: str, shape: str, badge: str, looks: Looks) -> Box:
    """An op in one line: its sign and name, and the shape that it gives."""
    room = looks.main - 14 - text_width(shape, 10)
    texts = (
        Text(_fitting(label, room, looks), looks.size, PAPER, SANS, bold=True, width=room),
        Text(shape, 10, OP_NOTE, align="RIGHT"),
    )
    marked = (row(height=5), badge_row(badge)) if badge else ()
    rows = (*marked, row(*texts, height=26, part="v"))
    return Box(key, "op", looks.main, rows, fill=OP, rounded=True)


def gain(main: Edge | None, outputs: Sequence[Card]) -> tuple[str, str]:
    """How much larger the gradient is below the op than above it; not for sums to a scalar."""
    if main is None or main.contribution is None or not outputs or outputs[0].shape == ():
        return "", OP_NOTE
    given = [card.gradient for card in outputs]
    above = rms(given[0] if len(given) == 1 else np.concatenate([np.ravel(g) for g in given]))
    ratio = rms(main.contribution) / above if above else math.nan
    if not math.isfinite(ratio):
        return "", OP_NOTE
    mark = "▽ " if ratio < WEAK else "▲ " if ratio > STRONG else ""
    return f"{mark}×{number(ratio, 2)}", OP_MARK if mark else OP_NOTE
