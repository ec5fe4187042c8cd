"""What the ops of a picture cost: microseconds forward and backward, and bytes that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.graph.interpret import inputs_of, saved_of
from autograd.sweep.pull import rules_of
from autograd.viz.model.model import Model, Step
from autograd.viz.model.numbers import bytes_text, number

__all__ = ["cost_notes"]

_ROUNDS = 5


def cost_notes(model: Model) -> Callable[[Step], str]:
    """A note for every op: `→ 12 µs  ← 30 µs  4 KB kept`, each the fastest of a few runs."""
    values = model.values

    def note(step: Step) -> str:
        node, inputs = step.node, inputs_of(step.node, values)
        text = f"→ {number(_fastest(partial(node.op.forward, *inputs, **node.parameters())), 3)} µs"
        saved = saved_of(node, inputs, values[node])
        g = model.cotangents[node]  # of all its outputs, also of those without a card
        backward = sum(_fastest(partial(r.run, g, *r.reads)) for r in rules_of(node, saved))
        text += f"  ← {number(backward, 3)} µs"
        return f"{text}  {bytes_text(_size(saved))}"

    return note


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
