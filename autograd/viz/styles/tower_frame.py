"""Title and legend of a network's picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from autograd.engine.modes import Scope
from autograd.viz.model.model import Model
from autograd.viz.model.numbers import clip
from autograd.viz.scene.scene import Box, Line, Row, row
from autograd.viz.scene.style import (
    GRADIENT,
    INK,
    LINE,
    LOCAL,
    MUTED,
    NAN,
    NEGATIVE,
    RAMP,
    SANS,
    VALUE,
    Text,
    ramp_ink,
    text_width,
)
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.math_cells import meaning_rows, warning
from autograd.viz.styles.tower_cells import STRONG, WEAK

__all__ = ["WIDTH", "foot", "title"]

WIDTH = 560
_WHOLES = {"time": "time, → and ←", "bytes": "bytes kept", "FLOPs": "FLOPs forward"}
_CONTAINERS = ("Sequential", "Model", "Module", "Functional")  # names that say nothing


def title(model: Model, main: Scope | None, note: str, grads: bool) -> Box:
    """The model, else the loss; how large it is, what was folded."""
    name = clip(_subject(model, main), 24)
    params = sum(np.size(card.value) for card in model.cards if card.kind == "param")
    size = note or f"{len(model.steps):,} op{'s' * (len(model.steps) != 1)}"
    passes = "forward and backward pass" if grads else "forward pass"
    about = f"{passes} · {size} · {params:,} parameter{'s' * (params != 1)}"
    left, right = text_width(name, 18, SANS, True), text_width(about, 12, SANS)
    texts = Text(name, 18, INK, SANS, bold=True, width=left + 12), Text(about, 12, MUTED, SANS)
    warned = warning(model)
    width = max(left + right, *(t.needs for each in warned for t in each.texts), 0) + 24
    return Box("title", "title", width, (row(*texts, height=40), *warned))


def _subject(model: Model, main: Scope | None) -> str:
    """What the picture is of: a class that says something, a variable, the loss."""
    losses = ", ".join(output.name for output in model.outputs)
    if main is None:
        return losses
    if main.kind not in _CONTAINERS:
        return main.kind
    named = model.names.of_model(main.kind, model.nodes) if model.names else None
    return named or losses


def foot(looks: Looks, boxes: Sequence[Box], lines: Iterable[Line] = ()) -> Box:
    """The ramp of gradient magnitudes, and what each sign that is shown means."""
    grads = looks.grads
    texts = [t.text for box in boxes for each in box.rows for t in each.texts]
    shown = " ".join(texts)
    meanings = [("■", VALUE, "value ↓")] if not looks.shapes else []
    rows = []
    if grads:
        if "∇ = " in shown:
            meanings.append(("■", LOCAL, "local rule, G = upstream gradient"))
        meanings += [("■", GRADIENT, "gradient ↑")]
        if "↩" in shown:
            meanings.append(("↩n", GRADIENT, "engine order"))
        if "\u0305" in shown:
            meanings.append(("z̅", LOCAL, "conjugate"))
        note = "pale = vanishing, dark = exploding"
        if any(re.match("[▽▲]? ?×[0-9.∞]", text) for text in texts):
            note += "; ×k on an op = its backward gain"
            note += f", ▽ below ×{WEAK}" * ("▽" in shown) + f", ▲ above ×{STRONG}" * ("▲" in shown)
        rows = [_ramp(), row(Text(note, 10, MUTED, SANS), height=22)]
    if grads:
        meanings += _shares(boxes)
    if looks.costs is not None:
        meanings.append(("▬", MUTED, f"share of the whole {_WHOLES[looks.costs.by]}"))
    if any(line.dashed for line in lines):
        meanings.append(("┄→", LINE, "to the next step"))
    if re.search("NaN|∞", shown):
        meanings.append(("▨", NAN, "NaN or ∞"))
    return Box("legend", "legend", WIDTH, (*rows, *meaning_rows(meanings, WIDTH - 12, 26)))


def _shares(boxes: Iterable[Box]) -> list[tuple[str, str, str]]:
    """What the stacked bars mean, where there are some."""
    fills = [
        each.fills for box in boxes for each in box.rows if each.part in ("g share", "w share")
    ]
    shared = [("▬", GRADIENT, "share of the gradient")] if any(fills) else []
    opposed = any(NEGATIVE in each for each in fills)
    return shared + ([("▬", NEGATIVE, "against its sum")] if opposed else [])


def _ramp() -> Row:
    label = Text("rms gradient", 11, GRADIENT, SANS, bold=True, width=96)
    steps = [
        Text(f"1e{step - 8}".replace("-", "−"), 9, ramp_ink(step), align="CENTER", width=44)
        for step in range(len(RAMP))
    ]
    return Row((label, *steps), 20, fills=("", *RAMP))
