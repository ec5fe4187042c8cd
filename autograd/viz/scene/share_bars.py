"""Stacked bars: what a gradient is made of, what works against it on the left of a gap."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import clip, is_finite
from autograd.viz.model.shares import Share, Shares, percent
from autograd.viz.scene.scene import PAD, Row, row
from autograd.viz.scene.style import (
    GRADIENT,
    GRADIENT_TINT,
    NAN,
    NAN_TINT,
    NEGATIVE,
    SANS,
    Text,
    gradient_look,
    text_width,
)

__all__ = ["share_rows"]

_BAR, _LINE, _GAP = 9, 14, 3  # heights of the bar and of its words; between plus and minus
_SEPARATED = 24  # pieces that still have a line between them


def share_rows(shares: Shares, width: float, at: Edge | None) -> list[Row]:
    """The bar, the shares in words (that of the use at hand first), and what cancels."""
    faults = [share for share in shares.each if not is_finite(share.amount)]
    if faults:
        words = f"∇ is no number from {shares.by} {', '.join(s.name for s in faults[:3])}"
        return [_words(clip(words, 34), NAN, NAN_TINT)]
    above = row(height=3, fill=GRADIENT_TINT, part="g share")
    bar = _bar(shares.each, int(width - 2 * PAD))
    rows = [above, bar, *map(_words, _lines(shares, width - 2 * PAD, at))]
    if shares.cancelling:
        rows.append(_words(shares.cancelling, NEGATIVE))
    return rows


def _words(text: str, ink: str = GRADIENT, fill: str = GRADIENT_TINT) -> Row:
    return row(Text(text, 9, ink, SANS), height=_LINE, fill=fill, part="g share")


def _lines(shares: Shares, room: float, at: Edge | None) -> list[str]:
    """`step 26: 4 %, 50: 64 %, …` in one line; of losses all, in as many as they need."""
    ranked = sorted(shares.each, key=lambda share: -abs(share.part))
    own = [share for share in ranked if at in share.edges]
    order = list(dict.fromkeys([*own, *ranked]))
    told = (f"{clip(share.name, 14)}: {percent(share.part)}" for share in order)  # as many as fit
    is_last = shares.by != "loss"
    first = next(told)
    lines = [clip(f"{shares.by} {first}" if is_last else first, 30)]
    for left, part in zip(range(len(order) - 1, 0, -1), told, strict=False):
        longer = f"{lines[-1]}, {part}"
        if text_width(longer + ", …" * (is_last and left > 1), 9, SANS) <= room:
            lines[-1] = longer
        elif is_last:
            lines[-1] += ", …"
            break
        else:
            lines.append(part)
    return lines


def _bar(each: Sequence[Share], width: int) -> Row:
    """Pieces as wide as their shares, in the colours of their magnitudes; negative ones first."""
    minus = [share for share in each if share.part < 0]
    plus = [share for share in each if share.part >= 0]
    total = sum(abs(share.part) for share in each) or 1.0
    free = width - (_GAP if minus and plus else 0)
    cells: list[tuple[int, str]] = []
    edge = 0.0
    for part in (minus, plus):
        for share in part:
            start, edge = edge, edge + free * abs(share.part) / total
            piece = round(edge) - round(start)
            if piece == 0:
                continue
            colour = NEGATIVE if share.part < 0 else gradient_look(share.amount)[1]
            if piece > 2 and len(each) <= _SEPARATED:
                cells += [(piece - 1, colour), (1, "")]
            else:
                cells.append((piece, colour))
        if part is minus and minus and plus:
            cells.append((_GAP, ""))
    cells = cells or [(free, "")]
    left = width - sum(piece for piece, _ in cells)
    if left > 0:
        cells.append((left, ""))
    texts = tuple(Text("", 9, width=piece) for piece, _ in cells)
    fills = tuple(colour for _, colour in cells)
    return Row(texts, _BAR, GRADIENT_TINT, "g share", fills)
