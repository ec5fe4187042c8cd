"""Progbar: the bar that fit shows, for loops of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nn.keras.training.progress import KerasProgress

__all__ = ["Progbar"]


class Progbar:
    """A bar over `target` steps, with means of the values that `update` and `add` are given.

    Values named in `stateful_metrics` are shown as they are.

    >>> from nn import keras
    >>> bar = keras.utils.Progbar(10, verbose=0)
    >>> bar.add(5, values=[("loss", 0.5)])
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        self.target = target
        self._as_they_are = {*(stateful_metrics or ())}
        self._sums: dict[str, tuple[float, float]] = {}
        self._seen = 0
        self._bar = KerasProgress(verbose, alone=True)
        self._bar.params = {"steps": target, "epochs": 1}
        self._bar.begin()

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Show that `current` steps are done; the bar ends with the target, or `finalize`."""
        for name, value in values or ():
            total, count = self._sums.get(name, (0.0, 0.0))
            new = max(current - self._seen, 1)
            kept = (0.0, 0.0) if name in self._as_they_are else (total, count)
            self._sums[name] = kept[0] + value * new, kept[1] + new
        self._seen = current
        logs = {name: total / count for name, (total, count) in self._sums.items()}
        ends = finalize if finalize is not None else current == self.target
        if ends:
            self._bar.end(logs)
        elif self._bar.is_due():
            self._bar.on_batch(current - 1, logs)

    def add(self, n: int, values: Any = None) -> None:
        """Show that n steps more are done."""
        self.update(self._seen + n, values)
