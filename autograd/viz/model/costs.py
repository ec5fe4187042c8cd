"""What the ops of a picture cost: microseconds forward and backward, bytes kept, FLOPs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any

import numpy as np

from autograd.graph.interpret import inputs_of, saved_of
from autograd.sweep.pull import rules_of
from autograd.system.sizes import bytes_text
from autograd.viz.model.flops import flops
from autograd.viz.model.model import Model, Step
from autograd.viz.model.numbers import number

__all__ = ["COSTS", "Costs"]

COSTS = ("time", "bytes", "FLOPs")
_ROUNDS = 5


class Costs:
    """What each op costs, and its share of the whole by one of `COSTS`; measured when asked for."""

    def __init__(self, model: Model, by: str = "time") -> None:
        self.model = model
        self.by = by
        self._known: dict[Step, tuple[float, float, int]] = {}

    def note(self, step: Step) -> str:
        """`→ 12 µs  ← 30 µs  4 KiB`: forward, backward and what is kept."""
        forward, backward, kept = self._of(step)
        return f"→ {number(forward, 3)} µs  ← {number(backward, 3)} µs  {bytes_text(kept)}"

    def share(self, steps: Iterable[Step]) -> float:
        """The part of the whole that some ops take, from 0 to 1."""
        return sum(map(self._amount, steps)) / self._whole if self._whole else 0.0

    @cached_property
    def _whole(self) -> float:
        return sum(map(self._amount, self.model.steps))

    def _amount(self, step: Step) -> float:
        if not step.outputs:  # it failed
            return 0.0
        if self.by == "FLOPs":
            return float(flops(step))
        forward, backward, kept = self._of(step)
        return float(kept) if self.by == "bytes" else forward + backward

    def _of(self, step: Step) -> tuple[float, float, int]:
        """Microseconds forward and backward, each the fastest of a few runs, and bytes."""
        if step not in self._known:
            node, values = step.node, self.model.values
            inputs = inputs_of(node, values)
            forward = _fastest(partial(node.op.forward, *inputs, **node.parameters()))
            saved = saved_of(node, inputs, values[node])
            g = self.model.cotangents[node]  # of all its outputs, also of those without a card
            rules = rules_of(node, saved)
            backward = sum(_fastest(partial(rule.run, g, *rule.reads)) for rule in rules)
            self._known[step] = forward, backward, _size(saved)
        return self._known[step]


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
