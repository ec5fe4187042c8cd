"""Progress: what `fit` prints, as a bar by tqdm or as lines."""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, MissingPackageError
from nn.callbacks.base import Callback, Logs, is_first

__all__ = ["Progress"]

_EVERY = 0.1  # seconds between two pictures of a bar


class Progress(Callback):
    """Prints nothing; the base of what does."""

    @staticmethod
    def for_verbosity(verbose: bool | str | int) -> Progress:
        """1 is a bar, 2 a line an epoch, 0 nothing; "auto" a bar where tqdm is installed.

        Of several processes the first prints.
        """
        if verbose not in ("auto", 0, 1, 2):
            raise ArgumentError(f"verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
        if verbose == 0 or not is_first():
            return Progress()
        bar = _tqdm(must=verbose == 1) if verbose in ("auto", 1) else None
        return Lines() if bar is None else Bar(bar)

    def is_due(self) -> bool:
        """Whether it wants to hear of this batch."""
        return False

    def on_batch(self, batch: int, logs: Logs) -> None:
        """After a step that it wanted to hear of."""

    def close(self) -> None:
        """The training is over, or was interrupted."""


class Lines(Progress):
    """A line for every epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        seconds = time.perf_counter() - self._start
        took = f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
        print(f"{_epoch(epoch, self.params)}  {_shown(logs)}  {took}", flush=True)


class Bar(Progress):
    """A bar for every epoch, which stays when the epoch is over."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None
        self._next = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        self._bar = self._tqdm(
            total=self.params["steps"], desc=_epoch(epoch, self.params), file=sys.stdout,
            bar_format="{desc} {bar:20} {n_fmt}/{total_fmt}  {elapsed}{postfix}", leave=True,
            mininterval=_EVERY, dynamic_ncols=True,
        )  # fmt: skip

    def is_due(self) -> bool:
        return time.perf_counter() >= self._next

    def on_batch(self, batch: int, logs: Logs) -> None:
        self._next = time.perf_counter() + _EVERY
        self._show(batch + 1, logs)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self._show(self._bar.total or self._bar.n, logs)
        self.close()

    def _show(self, done: int, logs: Logs) -> None:
        self._bar.n = done
        self._bar.set_postfix_str(_shown(logs), refresh=False)
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _epoch(epoch: int, params: dict[str, Any]) -> str:
    total = str(params["epochs"])
    return f"Epoch {epoch + 1:>{len(total)}}/{total}"


def _shown(logs: Logs) -> str:
    numbers = {name: value for name, value in logs.items() if np.ndim(value) == 0}
    return "  ".join(
        f"{name} {value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{name} {value:.2e}"
        for name, value in numbers.items()
    )


def _tqdm(must: bool) -> Any:
    try:
        return importlib.import_module("tqdm").tqdm
    except ImportError:
        if must:
            raise MissingPackageError(
                "verbose=1 draws a bar with tqdm:  pip install tqdm   (verbose=2 needs nothing)"
            ) from None
        return None
