"""The boxes of a small scalar graph: cards, op boxes, pills, title and legend."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import replace

from autograd.viz.model.local import terms
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import clip, number, one_line
from autograd.viz.model.paths import derivative_line
from autograd.viz.scene.scene import PAD, Box, Row, row
from autograd.viz.scene.style import (
    BORDER,
    DATA,
    GRADIENT,
    GRADIENT_TINT,
    ILL,
    ILL_TINT,
    INK,
    LOCAL,
    LOCAL_TINT,
    MUTED,
    NAN,
    NAN_TINT,
    OP,
    OP_MARK,
    PANEL,
    PAPER,
    PARAM,
    SANS,
    VALUE,
    Text,
    text_width,
    value_look,
)

__all__ = [
    "HEAD",
    "badge_row",
    "card_box",
    "legend",
    "meaning_rows",
    "op_box",
    "pill_box",
    "reduced_rows",
    "title",
    "warning",
]

_WIDEST = 120  # letters of a warning's line
HEAD, LINE = 26, 24  # heights of a header and of the rows below it, the same in every box
_HEADERS = {  # kind: (word, fill, ink of the name, ink of the word, border, its width, dashed)
    "param": ("param", PARAM, PAPER, PAPER, PARAM, 2, False),
    "data": ("data", DATA, MUTED, MUTED, BORDER, 1, True),
    "loss": ("loss", INK, PAPER, PAPER, INK, 2, False),
    "intermediate": ("", PANEL, INK, MUTED, BORDER, 1, False),
}


def card_box(card: Card, at: Edge | None, grads: bool) -> Box:
    """A tensor; `at` is the use that a copy of a leaf stands at."""
    word, fill, ink, word_ink, border, thickness, dashed = _HEADERS[card.kind]
    name, value = clip(card.name, 16), number(card.value)
    gradient = _gradient(card, at) if grads else ""
    mark = text_width("=", 12) + 4
    name_width = text_width(name, 15, SANS, True)
    right = max(text_width(value, 14), text_width(gradient, 14),
                text_width(f"⇄ {card.reduced}", 10) - mark if card.reduced else 0)  # fmt: skip
    width = 12 + max(54, mark + right, name_width + (text_width(word, 10, SANS) if word else 0))
    value_ink, value_tint = value_look(card.value)
    rows = [
        row(
            Text(name, 15, ink, SANS, bold=True, width=name_width if word else 0),
            Text(word, 10, word_ink, SANS, align="RIGHT"),
            height=HEAD, fill=fill,
        ),
        row(
            Text("=", 12, value_ink, width=mark),
            Text(value, 14, value_ink, bold=True, align="RIGHT"),
            height=LINE, fill=value_tint, part="v",
        ),
    ]  # fmt: skip
    if grads:
        rows += [_gradient_row(gradient, mark, card), *reduced_rows(card)]
    key = card.key + (_place(at) if at is not None and card.is_leaf else "")
    box = Box(key, f"tensor {card.kind}", width, tuple(rows), thickness, border, PAPER)
    box.dashed = dashed
    box.tooltip = f"{one_line(card.name)}: {card.kind}, {card.dtype}"
    box.tooltip += f"; its gradient is the {card.reduced}" if card.reduced else ""
    return box


def _place(at: Edge) -> str:
    """Which copy it is: that of an op, `o3`; where the op takes it again, `o3p1`."""
    first = next(edge for edge in at.target.edges if edge.source is at.source)
    return at.target.key if at is first else f"{at.target.key}p{at.position}"


def reduced_rows(card: Card) -> tuple[Row, ...]:
    """A mark on a leaf whose gradient is reduced over processes, which says how."""
    if not card.reduced:
        return ()
    said = Text(f"⇄ {card.reduced}", 10, GRADIENT, bold=True)
    return (row(said, height=20, fill=GRADIENT_TINT),)


def _gradient_row(gradient: str, mark: int, card: Card) -> Row:
    if not gradient:
        none = Text("no grad", 11, MUTED, SANS, italic=True, align="CENTER")
        return row(none, height=LINE, fill=PAPER)
    ink, tint = value_look(card.gradient, GRADIENT, GRADIENT_TINT)
    return row(
        Text("∇", 12, ink, width=mark),
        Text(gradient, 14, ink, bold=True, align="RIGHT"),
        height=LINE, fill=tint, part="g",
    )  # fmt: skip


def _gradient(card: Card, at: Edge | None) -> str:
    """The gradient; where paths meet its terms too, `5 = 4 + 1`; at a further copy, and at all of
    many, its part."""
    if card.gradient is None:
        return ""
    total = number(card.gradient)
    if at is not None and (at is not card.uses[0] or len(card.shares) > 4):
        return f"{terms([0 if at.contribution is None else at.contribution])} of {total}"
    if 2 <= len(card.shares) <= 4:
        return f"{total} = {terms(card.shares)}"
    return total


def op_box(step: Step, grads: bool, badge: str = "") -> Box:
    """The sign of the op, and its place in the backward pass; below, what went wrong there."""
    sign = clip(step.sign, 18)
    width = max(46, text_width(sign, 17, SANS, True) + 12)
    if badge:
        width = max(width, badge_row(badge).texts[1].width + 2 * PAD + 1)
    rows = [
        row(height=4),
        row(Text(sign, 17, PAPER, SANS, bold=True, align="CENTER"), height=LINE, part="v"),
    ]
    if grads:
        order = Text(f"↩{step.order}", 10, OP_MARK, SANS, bold=True, align="CENTER")
        rows.append(row(order, height=LINE, part="g"))
    rows += [badge_row(badge), row(height=5)] if badge else [row(height=4)]
    return Box(step.key, "op", width, tuple(rows), fill=OP, rounded=True)


def badge_row(badge: str) -> Row:
    """A sign and a word, at the right of an op."""
    ink, ground = (NAN, NAN_TINT) if "✱" in badge else (ILL, ILL_TINT)
    text = Text(badge, 11, ink, SANS, bold=True, align="CENTER")
    mark = replace(text, width=text.needs + 10)
    return Row((Text(""), mark), 18, fills=("", ground))


def pill_box(edge: Edge) -> Box:
    """The local derivative above, `upstream × local = contribution` below."""
    above = derivative_line(edge, 12, 24) if edge.product else rule_text(edge)
    below = edge.equation
    width = max(text_width(above, 12), text_width(below, 12)) + 12
    ink, tint = value_look(edge.contribution, GRADIENT, GRADIENT_TINT)
    rows = (
        row(Text(above, 12, LOCAL, bold=True, align="CENTER"), height=LINE, fill=LOCAL_TINT,
            part="v"),
        row(Text(below, 12, ink, align="CENTER"), height=LINE, fill=tint, part="g"),
    )  # fmt: skip
    return Box(f"{edge.target.key}p{edge.position}", "local", width, rows)


def rule_text(edge: Edge) -> str:
    """`∇ += rule`, where what an edge carries is no product of numbers."""
    return f"∇ += {edge.rule}" if len(edge.rule) <= 28 else ""


def title(model: Model, grads: bool) -> Box:
    """The formula, and the point at which everything is evaluated."""
    name = ", ".join(card.name for card in model.outputs)
    shown = f"{name} = {model.formula.replace(' · ', '·')}" if model.formula else name
    inputs = [c for c in model.cards if c.is_leaf]
    given = ", ".join(f"{clip(c.name, 12)}={number(c.value)}" for c in inputs)
    passes = "forward and backward pass" if grads else "forward pass"
    note = passes + (f" at {given}" if len(given) <= 60 else "")
    left, right = text_width(shown, 18, SANS, True), text_width(note, 12, SANS)
    texts = Text(shown, 18, INK, SANS, bold=True, width=left + 12), Text(note, 12, MUTED, SANS)
    warned = warning(model)
    width = max(left + right, *(t.needs for each in warned for t in each.texts), 0) + 24
    return Box("title", "title", width, (row(*texts, height=44), *warned))


def warning(model: Model) -> tuple[Row, ...]:
    """That something was changed since the recording, or failed: a row for each, or several."""
    notes = one_line(model.note).split("; ") if model.note else []
    lines = [
        line for note in notes
        for line in textwrap.wrap(f"⚠ {note}", _WIDEST, subsequent_indent="    ")
    ]  # fmt: skip
    return tuple(row(Text(line, 12, GRADIENT, SANS, bold=True), height=20) for line in lines)


def legend(grads: bool, boxes: Iterable[Box]) -> Box:
    """What each sign and colour that is shown means."""
    shown = "".join(t.text for box in boxes for each in box.rows for t in each.texts)
    meanings = [("■", VALUE, "value, forward →")]
    backward = (
        ("■", LOCAL, "local derivative ∂out/∂in", "∂" in shown),
        ("■", GRADIENT, "gradient, backward ←: upstream × local, added where paths meet", True),
        ("↩n", GRADIENT, "order of the backward pass", True),
        ("z̅", GRADIENT, "conjugate; ∇ = ∂L/∂x + i ∂L/∂y of z = x + iy", "\u0305" in shown),
    )
    meanings += [each[:3] for each in backward if grads and each[3]]
    if "NaN" in shown or "∞" in shown:
        meanings.append(("▨", NAN, "NaN or ∞: no number"))
    rows = meaning_rows(meanings, 1000, 30)
    width = max(sum(text.width for text in each.texts) for each in rows) + 12
    return Box("legend", "legend", width, rows)


def meaning_rows(
    meanings: Iterable[tuple[str, str, str]], most: int, height: int
) -> tuple[Row, ...]:
    """Signs with their words side by side, in as many rows as they need."""
    rows: list[list[Text]] = [[]]
    for mark, colour, words in meanings:
        pair = [
            Text(mark, 12, colour, SANS, bold=True, width=24),
            Text(words, 11, MUTED, SANS, width=text_width(words, 11, SANS) + 10),
        ]
        if rows[-1] and sum(text.width for text in (*rows[-1], *pair)) > most:
            rows.append([])
        rows[-1] += pair
    return tuple(row(*texts, height=height) for texts in rows)
