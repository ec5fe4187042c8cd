"""Title and legend of a network's picture."""

from __future__ import annotations

import numpy as np

from autograd.engine.modes import Scope
from autograd.viz.model.model import Model
from autograd.viz.model.numbers import clip
from autograd.viz.scene.scene import Box, Row, row
from autograd.viz.scene.style import (
    GRADIENT,
    INK,
    LOCAL,
    MUTED,
    RAMP,
    SANS,
    VALUE,
    Text,
    ramp_ink,
    text_width,
)
from autograd.viz.styles.math_cells import warning

__all__ = ["WIDTH", "foot", "title"]

WIDTH = 560


def title(model: Model, main: Scope | None, note: str, grads: bool) -> Box:
    """The class of the module, else the name of the output; how large it is, what was folded."""
    name = clip(main.kind if main else model.outputs[0].name, 24)
    params = sum(np.size(card.value) for card in model.cards if card.kind == "param")
    size = note or f"{len(model.steps):,} ops"
    passes = "forward and backward pass" if grads else "forward pass"
    about = f"{passes} · {size} · {params:,} parameters"
    left, right = text_width(name, 18, SANS, True), text_width(about, 12, SANS)
    texts = Text(name, 18, INK, SANS, bold=True, width=left + 12), Text(about, 12, MUTED, SANS)
    warned = warning(model)
    width = max(left + right, *(t.needs for each in warned for t in each.texts), 0) + 24
    return Box("title", "title", width, (row(*texts, height=40), *warned))


def foot(grads: bool) -> Box:
    """The ramp of gradient magnitudes, and what each colour means."""
    meanings = [("■", VALUE, "value ↓")]
    rows = []
    if grads:
        meanings += [
            ("■", LOCAL, "local rule, G = upstream gradient"),
            ("■", GRADIENT, "gradient ↑"),
            ("↩n", GRADIENT, "engine order"),
        ]
        note = "pale = vanishing, dark = exploding; ×k on an op = its backward gain, ▽ below ×0.05"
        rows = [_ramp(), row(Text(note, 10, MUTED, SANS), height=22)]
    texts = []
    for mark, colour, words in meanings:
        texts.append(Text(mark, 12, colour, SANS, bold=True, width=24))
        texts.append(Text(words, 11, MUTED, SANS, width=text_width(words, 11, SANS) + 10))
    return Box("legend", "legend", WIDTH, (*rows, row(*texts, height=26)))


def _ramp() -> Row:
    label = Text("rms gradient", 11, GRADIENT, SANS, bold=True, width=96)
    steps = [
        Text(f"1e{step - 8}".replace("-", "−"), 9, ramp_ink(step), align="CENTER", width=44)
        for step in range(len(RAMP))
    ]
    return Row((label, *steps), 20, fills=("", *RAMP))
