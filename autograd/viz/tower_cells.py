"""The cells of a network's picture: cards with sparklines, op boxes, title and legend."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.modes import Scope
from autograd.viz.formulas import power_sign, tidy_arrays
from autograd.viz.model import Card, Edge, Model, Step
from autograd.viz.numbers import magnitude_step, number, rms, shape_text, sparkline, subscript
from autograd.viz.style import (
    BORDER,
    GRADIENT,
    INK,
    LOCAL,
    LOCAL_TINT,
    MONO,
    MUTED,
    OP,
    OP_MARK,
    PANEL,
    PAPER,
    PARAM,
    RAMP,
    SANS,
    VALUE,
    VALUE_TINT,
    Text,
    clip,
    ramp_ink,
    row,
    table,
    text_width,
)

__all__ = ["DOCK", "MAIN", "foot", "op_box", "tensor_card", "title"]

DOCK, MAIN = 190, 236  # widths of the cards beside the ops, and of the main column
_LINE, _RULE = 24, 20
_WEAK, _STRONG = 0.05, 20  # backward gains that are marked
_HEADERS = {  # kind: (fill, ink, border, its width, its style)
    "param": (PARAM, PAPER, PARAM, 2, ""),
    "data": ("#eef1f6", MUTED, BORDER, 1, "dashed"),
    "loss": (INK, PAPER, INK, 2, ""),
    "intermediate": (PANEL, INK, BORDER, 1, ""),
}


def tensor_card(card: Card, width: int, at: Edge | None = None) -> str:
    """A card with header, value, gradient and rule; `at` is the edge that a docked one serves."""
    fill, ink, border, thickness, style = _HEADERS[card.kind]
    name_ink = ink if card.is_named else MUTED
    copies = len({edge.target for edge in card.uses}) if card.is_leaf else 1
    shape = shape_text(card.shape) + (f" · {copies} uses" if copies > 1 else "")
    name = _short_name(card, at)
    rows = "" if at else _ports(width, "ft", "bt", fill)
    rows += row(
        Text(name, 14, name_ink, SANS, bold=card.is_named, width=width - 84 if at else 106),
        Text(shape, 10, ink, align="RIGHT"),
        width=width, height=_LINE, fill=fill,
    )  # fmt: skip
    suffix = card.key if at else ""
    rows += _statistics("=", card.value, width, VALUE, VALUE_TINT, f"v{suffix}", "±")
    if card.gradient is None:
        rows += row(
            Text("no grad", 11, MUTED, SANS, italic=True), width=width, height=_RULE, fill=PAPER
        )
    else:
        step = magnitude_step(card.gradient)
        rows += _statistics("∇", card.gradient, width, ramp_ink(step), RAMP[step], f"g{suffix}", "")
        if rule := _rule(card, width, at):
            rows += row(
                Text(rule, 10, LOCAL, bold=True), width=width, height=_RULE, fill=LOCAL_TINT
            )
    rows += "" if at else _ports(width, "fb", "bb")
    return table(rows, border=thickness, colour=border, style=style)


def _short_name(card: Card, at: Edge | None) -> str:
    """Inside its module's panel a parameter needs no path."""
    path = at.target.scope.path if at and at.target.scope else ""
    name = card.name.removeprefix(f"{path}.") if path else card.name
    return clip(name, 14)


def _ports(width: int, left: str, right: str, fill: str = "") -> str:
    """A thin row whose two halves are where the lines of the main chain arrive and leave."""
    half = f'FIXEDSIZE="TRUE" WIDTH="{width // 2}" HEIGHT="1"'
    inside = table(f'<TR><TD PORT="{left}" {half}></TD><TD PORT="{right}" {half}></TD></TR>')
    paint = f' BGCOLOR="{fill}"' if fill else ""
    return f"<TR><TD{paint}>{inside}</TD></TR>"


def _statistics(
    mark: str, value: Any, width: int, ink: str, fill: str, port: str, sign_: str
) -> str:
    """A number in full, or the histogram and the root of the mean square of many."""
    if np.size(value) == 1:
        bars, text = mark, number(np.asarray(value).reshape(-1)[0])
    else:
        bars, text = (
            f"{mark} {sparkline(value)}",
            sign_ * bool(np.size(value)) + number(rms(value), 2),
        )
    return row(
        Text(bars, 12, ink, width=text_width(f"{mark} ▁▁▁▁▁▁▁▁", 12)),
        Text(text, 12, ink, bold=True, align="RIGHT"),
        width=width, height=_LINE, fill=fill, port=port,
    )  # fmt: skip


def _rule(card: Card, width: int, at: Edge | None) -> str:
    """`∇ = xᵀ·G` where one op sends the gradient and its rule is short."""
    carriers = [edge for edge in card.uses if edge.contribution is not None]
    if not carriers:
        return ""
    if len(carriers) > 1 and at is None:
        return f"∇ = sum over {len(carriers)} paths"
    edge = carriers[0] if at is None else at
    text = tidy_arrays(edge.rule)
    if axes := "".join(map(subscript, edge.summed)):
        text = f"Σ{axes} {text}" if text.isalnum() else f"Σ{axes} ({text})"
    text = f"∇ = {text}" + (" + …" if len(carriers) > 1 else "")
    return text if text_width(text, 10) <= width - 12 else ""


def op_box(step: Step, main: Edge | None) -> str:
    """Sign, name and place in the backward pass; shape, bytes and backward gain below."""
    op_sign, name = power_sign(step.op, step.literals), step.op.name.replace("_", " ")
    label = op_sign if op_sign.startswith(step.op.name) else f"{op_sign}  {name}"
    values = [np.asarray(card.value) for card in step.outputs]
    size = sum(value.nbytes for value in values)
    shape = shape_text(values[0].shape) if len(values) == 1 else f"{len(values)} outputs"
    gain, ink = _gain(step, main)
    rows = _ports(MAIN, "ft", "bt")
    rows += row(
        Text(clip(label, 24), 14, PAPER, SANS, bold=True, width=MAIN - 48),
        Text(f"↩{step.order}", 11, OP_MARK, SANS, bold=True, align="RIGHT"),
        width=MAIN, height=26, port="v",
    )  # fmt: skip
    rows += row(
        Text(f"{shape} · {_bytes(size)}", 10, "#cbd5e1", width=140),
        Text(gain, 10, ink, bold=ink == OP_MARK, align="RIGHT"),
        width=MAIN, height=20, port="g",
    )  # fmt: skip
    return table(rows + _ports(MAIN, "fb", "bb"), style="ROUNDED", fill=OP, colour=OP)


def _gain(step: Step, main: Edge | None) -> tuple[str, str]:
    """How much larger the gradient is below the op than above it; not for sums to a scalar."""
    if main is None or main.contribution is None or step.outputs[0].shape == ():
        return "", PAPER
    above = rms(step.outputs[0].gradient)
    gain = rms(main.contribution) / above if above else math.nan
    if not math.isfinite(gain):
        return "", PAPER
    mark = "▽ " if gain < _WEAK else "▲ " if gain > _STRONG else ""
    return f"{mark}×{number(gain, 2)}", OP_MARK if mark else "#cbd5e1"


def _bytes(size: int) -> str:
    power = min(max(size, 1).bit_length() - 1, 30) // 10
    return f"{number(size / 1024**power, 3)} {('B', 'KB', 'MB', 'GB')[power]}"


def title(model: Model, main: Scope | None) -> str:
    """The class of the module, else the name of the output; and how large it all is."""
    name = clip(main.kind if main else model.outputs[0].name, 24)
    params = sum(np.size(card.value) for card in model.cards if card.kind == "param")
    note = f"forward and backward pass · {len(model.steps)} ops · {params:,} parameters"
    left, right = text_width(name, 18, SANS, True), text_width(note, 12, SANS)
    cells = row(
        Text(name, 18, INK, SANS, bold=True, width=left + 12), Text(note, 12, MUTED, SANS),
        width=left + right + 24, height=40,
    )  # fmt: skip
    return table(cells)


def foot() -> str:
    """The ramp of gradient magnitudes, and what each colour means."""
    cells = '<TD FIXEDSIZE="TRUE" WIDTH="100" HEIGHT="20" ALIGN="TEXT">'
    cells += f'<FONT FACE="{SANS}" POINT-SIZE="11" COLOR="{GRADIENT}"><B>rms gradient</B></FONT>'
    cells += '<BR ALIGN="LEFT"/></TD>'
    for step, colour in enumerate(RAMP):
        mark = f"1e{step - 8}".replace("-", "−")
        cells += (
            f'<TD BGCOLOR="{colour}" FIXEDSIZE="TRUE" WIDTH="44" HEIGHT="20"><FONT'
            f' FACE="{MONO}" POINT-SIZE="9" COLOR="{ramp_ink(step)}">{mark}</FONT></TD>'
        )
    ramp = f"<TR><TD>{table(f'<TR>{cells}</TR>')}</TD></TR>"
    note = "pale = vanishing, dark = exploding; ×k on an op = its backward gain, ▽ below ×0.05"
    legend = (
        ("■", VALUE, "value ↓"),
        ("■", LOCAL, "local rule, G = upstream gradient"),
        ("■", GRADIENT, "gradient ↑"),
        ("↩n", GRADIENT, "engine order"),
    )
    texts = []
    for mark, colour, word in legend:
        texts.append(Text(mark, 12, colour, SANS, bold=True, width=24))
        texts.append(Text(word, 11, MUTED, SANS, width=text_width(word, 11, SANS) + 10))
    texts[-1] = Text(legend[-1][2], 11, MUTED, SANS)
    return table(
        ramp
        + row(Text(note, 10, MUTED, SANS), width=540, height=22)
        + row(*texts, width=540, height=26)
    )
