"""What `fit`, `evaluate` and `predict` print: bars and lines as Keras has them."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from nn.callbacks.base import is_first
from nn.training.progress import Progress

__all__ = ["KerasProgress"]

_WIDTH, _EVERY = 20, 0.05
_BOLD, _GREEN, _WHITE, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class KerasProgress(Progress):
    """Keras' bar (1), its line an epoch (2), or nothing (0)."""

    def __init__(self, verbose: Any, alone: bool = False) -> None:
        if verbose not in ("auto", 0, 1, 2):
            raise ArgumentError(f"verbose is 'auto', 0, 1 or 2, got {verbose!r}")
        told = 1 if verbose == "auto" else int(verbose)
        self.verbose = told if is_first() else 0  # of several processes the first prints
        self.alone = alone  # no epochs: an evaluation
        self._last = self._width = 0.0
        self.seen = 0

    # ---- hooks ---------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Any) -> None:
        self.begin()
        if self.verbose and self.params["epochs"] > 1:
            print(f"Epoch {epoch + 1}/{self.params['epochs']}", flush=True)

    def on_epoch_end(self, epoch: int, logs: Any) -> None:
        self.end(logs)

    def on_test_begin(self, logs: Any) -> None:
        if self.alone:
            self.begin()

    def on_test_end(self, logs: Any) -> None:
        if self.alone:
            self.end(logs)

    def is_due(self) -> bool:
        self.seen += 1
        return self.verbose == 1 and time.time() - self._last >= _EVERY

    def on_batch(self, batch: int, logs: Any) -> None:
        self._bar(batch + 1, self.params["steps"], logs, False)

    # ---- a bar ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """A bar begins."""
        self._start, self._last, self._width, self.seen = time.time(), 0.0, 0, 0

    def end(self, logs: Any = None) -> None:
        """The bar is full."""
        steps = self.params["steps"] or self.seen
        if self.verbose == 1:
            self._bar(steps, steps, logs or {}, True)
        elif self.verbose == 2:
            passed = time.time() - self._start
            each = _per_step(passed / max(steps, 1))
            print(f"{steps}/{steps} - {passed:.0f}s - {each}{_shown(logs or {})}", flush=True)

    def _bar(self, done: int, steps: int | None, logs: Any, full: bool) -> None:
        passed = time.time() - self._start
        each = passed / max(done, 1)
        if steps:
            head = f"{done:{len(str(steps))}d}/{steps}"
            filled = int(_WIDTH * done / steps)
            bar = f"{_BOLD}{head}{_PLAIN} "
            if filled:
                bar += f"{_GREEN}{'━' * filled}{_PLAIN}"
            bar += f"{_WHITE}{'━' * (_WIDTH - filled)}{_PLAIN}"
            width = len(head) + 1 + _WIDTH
        else:
            bar = f"{done:7d}/Unknown"
            width = len(bar)
        left = f"{passed:.0f}s" if full or not steps else _clock(each * (steps - done))
        tail = f" {_per_step(each)}{_shown(logs)}"
        width += 1 + len(left) + len(tail)
        text = f"\r{bar} {_BOLD}{left}{_PLAIN}{tail}{' ' * int(max(self._width - width, 0))}"
        sys.stdout.write(text + "\n" * full)
        sys.stdout.flush()
        self._width, self._last = width, time.time()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    if seconds > 3600:
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}" if seconds > 60 else f"{seconds:.0f}s"


def _per_step(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/step"
    return f"{seconds * 1e3:.0f}ms/step" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/step"


def _shown(logs: Any) -> str:
    parts = []
    for name, value in logs.items():
        number = float(np.mean(np.asarray(value)))
        text = f"{number:.4f}" if abs(number) > 1e-3 else f"{number:.4e}"
        parts.append(f" - {name}: {text}")
    return "".join(parts)
