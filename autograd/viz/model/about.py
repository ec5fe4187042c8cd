"""What a click on a box tells: attributes, arguments, shapes, statistics, costs, source lines."""

from __future__ import annotations

import linecache
from collections.abc import Collection
from typing import Any

import numpy as np

from autograd.system.sizes import bytes_text
from autograd.viz.model.flops import flops, flops_text
from autograd.viz.model.measures import spread
from autograd.viz.model.model import Card, Model, Step
from autograd.viz.model.numbers import clip, number, one_line, rms

__all__ = ["about"]

_AROUND = 2  # source lines before and after the one that recorded an op
_LONGEST = 160  # characters of an attribute or a source line

Facts = list[list[str]]  # pairs of what it is and what it says


def about(model: Model, boxes: Collection[str]) -> dict[str, Any]:
    """The facts of the ops and tensors that have a box, and the source around their lines.

    A leaf has a box at every op that uses it, `t3o5`.
    """
    shown = {key.partition("o")[0] or key for key in boxes}
    steps = [step for step in model.steps if step.key in shown]
    facts = {step.key: _of_step(step) for step in steps}
    facts |= {card.key: _of_card(card) for card in model.cards if card.key in shown}
    lines = {step.where: _source(step.where) for step in steps if step.where}
    return {"facts": facts, "source": lines}


def _of_step(step: Step) -> Facts:
    given = {edge.position: [edge.input, _tensor(edge.source)] for edge in step.edges}
    given |= {p: [f"argument {p}", number(v)] for p, v in step.literals.items()}
    facts = [["op", step.op.name]]
    facts += [given[position] for position in sorted(given)]
    set_ = {name: value for name, value in step.node.parameters().items() if value is not None}
    facts += [[name, clip(one_line(repr(value)), _LONGEST)] for name, value in set_.items()]
    facts += [["gives", _tensor(card)] for card in step.outputs]
    read = sum(np.asarray(edge.source.value).nbytes for edge in step.edges)
    written = sum(np.asarray(card.value).nbytes for card in step.outputs)
    facts.append(["bytes", f"{bytes_text(read)} read, {bytes_text(written)} written"])
    facts.append(["FLOPs", f"{flops_text(flops(step))} forward"])
    for card in step.outputs:
        facts += _statistics(card)
    return facts + ([["module", repr(step.scope)]] if step.scope is not None else [])


def _of_card(card: Card) -> Facts:
    facts = [[card.kind, _tensor(card)], ["bytes", bytes_text(np.asarray(card.value).nbytes)]]
    if card.maker is not None:
        facts.append(["made by", f"{card.maker.op.name} ↩{card.maker.order}"])
    uses = ", ".join(f"{edge.target.op.name} ↩{edge.target.order}" for edge in card.uses[:8])
    more = f" and {len(card.uses) - 8} more" if len(card.uses) > 8 else ""
    return facts + ([["used by", uses + more]] if uses else []) + _statistics(card)


def _tensor(card: Card) -> str:
    """`h, 4×3 float32`."""
    shape = "×".join(map(str, card.shape)) or "scalar"
    return f"{clip(one_line(card.name), 40)}, {shape} {card.dtype}"


def _statistics(card: Card) -> Facts:
    name = clip(one_line(card.name), 40)
    facts = [[name, _numbers(card.value)]]
    return facts if card.gradient is None else [*facts, [f"∇{name}", _numbers(card.gradient)]]


def _numbers(value: Any) -> str:
    """`mean 0.1, rms 0.5, −1 to 2, 12 zeros, 1 NaN`; of complex numbers their sizes."""
    array = np.asarray(value)
    if array.size == 1:
        return number(array.reshape(-1)[0])
    if not array.size:
        return "no elements"
    found = spread(array)
    parts = ["sizes of complex numbers"] if array.dtype.kind == "c" else []
    if found.finite:
        size = rms(array if found.finite == array.size else array[np.isfinite(array)])
        parts += [f"mean {number(found.mean, 3)}", f"rms {number(size, 3)}"]
        parts.append(f"{number(found.low, 3)} to {number(found.high, 3)}")
    counts = {
        "zero" if found.zeros == 1 else "zeros": found.zeros,
        "NaN": found.nans,
        "∞": found.infinite,
    }
    return ", ".join([*parts, *(f"{count} {what}" for what, count in counts.items() if count)])


def _source(where: str) -> list[list[Any]]:
    """[number, text] of the lines around; none where the file cannot be read."""
    path, _, at = where.rpartition(":")
    numbers = range(max(1, int(at) - _AROUND), int(at) + _AROUND + 1)
    lines = [[n, clip(linecache.getline(path, n).rstrip(), _LONGEST)] for n in numbers]
    return lines if any(text for _, text in lines) else []
