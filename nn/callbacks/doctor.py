"""Doctor: `autograd.doctor` of the first step of an epoch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.trail import last_root, new_trail
from autograd.viz.model.numbers import rms
from autograd.viz.words.checkup import Checkup
from nn.callbacks.base import Callback, Logs


class Doctor(Callback):
    """List the ill parameters in the first step of every `every`-th epoch: `autograd.doctor`.

    What is found is in `checkups`, by epoch, with the size of the step beside that of the weight;
    what is ill is printed, once, unless `verbose=False`. The step computes what it would without,
    and the gradients are those that the optimizer saw, clipped if they were. Of a compiled step
    (`jit_compile=True`), which has no graph, there is no checkup.

    >>> import nn
    >>> callback = nn.callbacks.Doctor(verbose=False)
    """

    def __init__(self, every: int = 1, verbose: bool = True) -> None:
        if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
            raise ag.errors.ArgumentError(f"every is {every!r}; it counts epochs, from 1")
        self.every, self.verbose = every, verbose
        self.checkups: dict[int, Checkup] = {}
        self._epoch = 0
        self._trace: Any = None
        self._told: set[tuple[str, str]] = set()

    def on_train_begin(self, logs: Logs) -> None:
        self._leave()
        self.checkups, self._told = {}, set()

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Logs) -> None:
        if batch == 0 and self._epoch % self.every == 0:
            self._before = _numbers(self.model)
            self._trace = ag.tracing()
            self._trace.__enter__()

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        if self._trace is None:
            return
        self._leave()
        if last_root() is not None:
            self._look()

    def _look(self) -> None:
        after = _numbers(self.model)
        self._put(self._before)
        try:
            found = ag.doctor(parameters=self.model, names={"model": self.model})
        finally:
            self._put(after)
            new_trail()  # which kept the graph
        steps = {id(p): (rms(new - old), rms(old))
                 for (p, new), (_, old) in zip(after, self._before, strict=True)}  # fmt: skip
        self._before = []
        self.checkups[self._epoch] = checkup = Checkup(
            tuple(replace(each, update=_ratio(*steps[id(each.parameter)])) for each in found)
        )
        ill = {(each.name, each.illness) for each in checkup.ill}
        if self.verbose and ill - self._told:
            print(f"epoch {self._epoch + 1}: {checkup}")
        self._told |= ill

    @staticmethod
    def _put(values: list[tuple[Any, Any]]) -> None:
        """Lay the numbers where the parameters have theirs: the graph reads them there."""
        for p, value in values:
            p.data = value

    def _leave(self) -> None:
        if self._trace is not None:
            trace, self._trace = self._trace, None
            trace.__exit__(None, None, None)


def _numbers(model: Any) -> list[tuple[Any, Any]]:
    """The parameters of a model, and a copy of what they hold."""
    return [(p, p.detach().numpy().copy()) for p in model.parameters()]


def _ratio(step: float, size: float) -> float | None:
    return step / size if size else None
