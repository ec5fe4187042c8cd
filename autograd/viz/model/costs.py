"""What the ops of a picture cost: microseconds forward and backward, and bytes that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.node import Constant, Node
from autograd.sweep.cotangent import conjugate
from autograd.viz.model.model import Model, Step
from autograd.viz.model.numbers import bytes_text, number

__all__ = ["cost_notes"]

_ROUNDS = 5


def cost_notes(model: Model) -> Callable[[Step], str]:
    """A note for every op: `→ 12 µs  ← 30 µs  4 KB kept`, each the fastest of a few runs."""
    values = model.values
    gradients = {
        step: conjugate(step.outputs[0].gradient) for step in model.steps if len(step.outputs) == 1
    }

    def note(step: Step) -> str:
        inputs = tuple(
            values[i] if type(i) is Node else i.value if type(i) is Constant else i
            for i in step.node.inputs
        )
        forward = _fastest(lambda: step.op.forward(*inputs, **step.node.parameters()))
        text = f"→ {number(forward, 3)} µs"
        out = values[step.node]
        needs = tuple(type(i) is Node for i in step.node.inputs)
        saved = step.op.pack(needs, list(inputs), out, step.node.params)
        if step in gradients:
            text += f"  ← {number(_backward(step, saved, gradients[step]), 3)} µs"
        return f"{text}  {bytes_text(_size(saved))}"

    return note


def _backward(step: Step, saved: tuple[Any, ...], g: Any) -> float:
    op = step.op
    if op.joint is not None:
        rule, slots = op.joint
        return _fastest(lambda: rule(g, *[saved[slot] for slot in slots]))
    total = 0.0
    for parent, (pull, slots) in zip(step.node.inputs, op.pulls, strict=False):
        if type(parent) is Node and pull is not None:
            chosen = () if slots is None else (slots,) if isinstance(slots, int) else slots
            arguments = [saved[slot] for slot in chosen]
            total += _fastest(partial(pull, g, *arguments))
    return total


def _fastest(run: Callable[[], Any]) -> float:
    """Microseconds of the fastest of a few runs."""
    times = []
    with np.errstate(all="ignore"):
        for _ in range(_ROUNDS):
            start = time.perf_counter_ns()
            run()
            times.append(time.perf_counter_ns() - start)
    return min(times) / 1000


def _size(saved: tuple[Any, ...]) -> int:
    """Bytes of the arrays that backward keeps alive, each once."""
    flat = [v for part in saved for v in (part if isinstance(part, tuple) else (part,))]
    arrays = {id(v): v.nbytes for v in flat if isinstance(v, (np.ndarray, np.generic))}
    return sum(arrays.values())
