"""The picture in a terminal: a tree of tensors, values and gradients in columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

import numpy as np

from autograd.viz.model.costs import Costs
from autograd.viz.model.local import terms
from autograd.viz.model.measures import sparkline
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import (
    clip,
    is_finite,
    number,
    one_line,
    rms_text,
    shape_text,
    shaped,
)
from autograd.viz.words.badges import Badge, badges

__all__ = ["tree"]

_MOST_TOLD = 8  # reasons
_LONGEST = 48  # characters of a name
_DEEPEST = 60  # characters of branches; deeper ones are cut on the left


# what a column means has one colour, as in the other faces: values blue, gradients orange
_INKS = {1: "36", 2: "34", 3: "33", 5: "2"}


def tree(
    model: Model, grads: bool = True, colour: bool = False, costs: Costs | None = None,
    shapes: bool = False,
) -> str:  # fmt: skip
    """One line a tensor, from the output down to its inputs; `↑ see p` where one comes again.

    With `shapes` a line tells the shape alone, with `costs` also what its op takes.
    """
    rows: list[tuple[str, ...]] = [
        ("tensor", "made by", "shape" if shapes else "=", "∇", "cost", "module")
    ]
    marks = badges(model, grads)
    seen: set[Card] = set()
    stack = [(card, "", "") for card in reversed(model.outputs)]
    while stack:
        card, branch, below = stack.pop()
        shown = clip(one_line(card.name), _LONGEST)
        name = branch + shown
        if card in seen:
            rows.append((name, f"↑ see {shown}", "", "", "", ""))
            continue
        seen.add(card)
        module = repr(card.scope) if card.scope is not None else ""
        own = marks.get(card.maker, ()) if card.maker is not None else ()
        made = "  ".join([_maker(card, grads), *own])
        value = shape_text(card.shape) if shapes else _value(card)
        rows.append((name, made, value, _gradient(card), _cost(card, costs), module))
        edges = card.maker.edges if card.maker else []
        for i, inner in reversed(list(enumerate(edges))):
            last = i == len(edges) - 1
            here = _cut(below + ("└─ " if last else "├─ "))
            further = _cut(below + ("   " if last else "│  "))
            stack.append((inner.source, here, further))
    kept = [c for c in range(6) if (c != 3 or grads) and (c < 4 or any(row[c] for row in rows[1:]))]
    inks = [_INKS.get(c, "") if colour else "" for c in kept]
    columns = _columns([tuple(row[c] for c in kept) for row in rows], inks)
    note = [f"({one_line(model.note)})"] if model.note else []
    return "\n".join([columns, *note, *_told(marks)])


def _told(marks: Mapping[Step, tuple[Badge, ...]]) -> Iterator[str]:
    """Each reason once, and what helps."""
    records = [mark.record for each in marks.values() for mark in each]
    for record in list({each["reason"]: each for each in records}.values())[:_MOST_TOLD]:
        yield f"{record['badge']}: {record['reason']}"
        if record["remedy"]:
            yield f"  → {record['remedy']}"


def _cut(branches: str) -> str:
    return branches if len(branches) <= _DEEPEST else "…" + branches[4 - _DEEPEST :]


def _maker(card: Card, grads: bool) -> str:
    if card.maker is None:
        return f"{card.kind}  ⇄ {card.reduced}" if card.reduced else card.kind
    order = f"  ↩{card.maker.order}" if grads else ""
    return f"{card.maker.sign}{order}"


def _cost(card: Card, costs: Costs | None) -> str:
    """`→ 12 µs  ← 30 µs  4 KiB  31 % of time`; of an op with several outputs at the first."""
    step = card.maker
    if costs is None or step is None or card is not step.outputs[0]:
        return ""
    return f"{costs.note(step)}  {number(100 * costs.share([step]), 2)} % of {costs.by}"


def _value(card: Card) -> str:
    if np.size(card.value) == 1:
        return number(np.asarray(card.value).reshape(-1)[0])
    sign = "±" if is_finite(card.value) else ""
    return f"{shaped(card.shape)} {sparkline(card.value)} {rms_text(card.value, 2, sign)}"


def _gradient(card: Card) -> str:
    if card.gradient is None:
        return "no grad"
    if np.size(card.gradient) == 1:
        total = number(np.asarray(card.gradient).reshape(-1)[0])
        parts = [np.reshape(share, -1)[0] for share in card.shares if np.size(share) == 1]
        if 2 <= len(parts) <= 4 and all(map(_is_scalar, card.uses)):
            return f"{total} = {terms(parts)}"
        return total
    return f"{sparkline(card.gradient)} {rms_text(card.gradient, 2)}".strip()


def _is_scalar(edge: Edge) -> bool:
    return edge.contribution is not None and np.size(edge.contribution) == 1


def _columns(rows: list[tuple[str, ...]], inks: list[str]) -> str:
    widths = [max(_width(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = []
    for place, row in enumerate(rows):
        last = max((c for c, text in enumerate(row) if text), default=0)
        cells = [
            _inked(text, inks[c] if place else "1" * bool(inks[-1]))
            + " " * ((w - _width(text)) * (c < last))
            for c, (text, w) in enumerate(zip(row, widths, strict=True))
            if c <= last
        ]
        lines.append("  ".join(cells))
    return "\n".join(lines)


def _inked(text: str, ink: str) -> str:
    return f"\x1b[{ink}m{text}\x1b[0m" if ink and text else text


def _width(text: str) -> int:
    """Columns of a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
