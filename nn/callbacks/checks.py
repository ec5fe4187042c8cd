"""CheckGradients: `autograd.checking` around a training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import checking
from nn.callbacks.base import Callback, Logs


class CheckGradients(Callback):
    """Check the rules that the training runs, as it runs: `autograd.checking` around `fit`.

    One node in `k` is checked, at the values that it sees, in a `budget` of 5 % of the time. A
    wrong rule ends the training with a GradcheckError, which names the op, the module and the line;
    with a `report`, a list or a function of Reports, each goes there, once. Losses are the same to
    the last bit. What a compiled step (`jit_compile=True`) runs is not seen.

    `checks.report` says afterwards what was found, and how much was looked at.

    >>> import nn
    >>> callback = nn.callbacks.CheckGradients(budget=0.02)
    """

    def __init__(
        self,
        k: int = 8,
        budget: float | None = 0.05,
        report: Callable[[Any], object] | list[Any] | None = None,
        rng: int = 0,
    ) -> None:
        self.k, self.budget, self.rng = k, budget, rng
        self._report, self._is_open = report, False
        self.checks = self._new()

    def _new(self) -> Any:
        return checking(self.k, self.budget, self._report, self.rng)

    @property
    def report(self) -> Any:
        """What was found in the last training, and how much was looked at."""
        return self.checks.report

    def on_train_begin(self, logs: Logs) -> None:
        self._leave()
        self.checks, self._is_open = self._new(), True
        self.checks.__enter__()

    def _leave(self) -> None:
        if self._is_open:
            self._is_open = False
            self.checks.__exit__(None, None, None)
