"""What a rule names is in the picture: where it is the result of an op, the op has its name."""

from __future__ import annotations

import re
from dataclasses import replace

from autograd.viz.model.model import Model
from autograd.viz.model.numbers import clip
from autograd.viz.scene.scene import Scene

__all__ = ["name_spoken_of"]

_WORD = re.compile(r"[^\W\d₀-₉]\w*[₀-₉]*")
_LONGEST = 26  # characters of an op's label


def name_spoken_of(scene: Scene, model: Model) -> None:
    """Write `@ matmul₁₄` on the op whose result has no card, where a rule speaks of it."""
    rules = [t.text for box in scene.boxes for each in box.rows if each.part == "r"
             for t in each.texts]  # fmt: skip
    words = {word for rule in rules for word in _WORD.findall(rule)}
    boxes = {box.key: box for box in scene.boxes}
    for step in model.steps:
        box = boxes.get(step.key)
        if box is None or len(step.outputs) != 1:
            continue
        card = step.outputs[0]
        plain = step.op.name.replace("_", " ")
        if card.name not in words or card.key in boxes or card.name == step.op.name:
            continue
        rows = list(box.rows)
        for i, each in enumerate(rows):
            label = each.texts[0].text if each.texts else ""
            if each.part == "v" and plain in label:
                named = replace(each.texts[0], text=clip(label.replace(plain, card.name), _LONGEST))
                rows[i] = replace(each, texts=(named, *each.texts[1:]))
        box.rows = tuple(rows)
