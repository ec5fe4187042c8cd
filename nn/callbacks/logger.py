"""What writes the logs down."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd.system.files import place_of
from nn.callbacks.base import Callback, Logs


class CSVLogger(Callback):
    """Write the logs of every epoch as a line of a CSV file, as soon as it is over."""

    rank_zero_only = True

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        self.path = Path(filename)
        self.separator = separator
        self.append = append

    def on_train_begin(self, logs: Logs) -> None:
        place, there = place_of(self.path, "the log")  # before an epoch is lost
        self._began = self.append and there is not None and there.st_size > 0
        if self._began and not place.read_bytes().endswith(b"\n"):
            with place.open("ab") as file:  # a line that was broken off, or whose end is missing
                file.write(b"\n")

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        first = not self._began
        with self.path.open("a" if self._began else "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=self.separator)
            if first:
                writer.writerow(["epoch", *logs])
            writer.writerow([epoch, *logs.values()])
        self._began = True

    def state_dict(self) -> dict[str, Any]:
        return {"began": self._began}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._began = state_dict["began"]


class JSONLogger(Callback):
    """Write the logs of every epoch as a line of JSON when it is over.

    Arrays become lists; NaN and infinities are written as Python's json does.
    """

    rank_zero_only = True

    def __init__(self, filename: str | os.PathLike[str], append: bool = False) -> None:
        self.path = Path(filename)
        self.append = append

    def on_train_begin(self, logs: Logs) -> None:
        place, there = place_of(self.path, "the log")
        kept = place.read_bytes() if self.append and there is not None else b""
        with place.open("wb") as file:
            file.write(kept + b"\n" * (kept[-1:] not in (b"", b"\n")))

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        line = {"epoch": epoch} | {name: np.asarray(value).tolist() for name, value in logs.items()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class LogTo(Callback):
    """Hand the logs of every epoch to a function, `log(logs, step=epoch)`: a tracker's own.

    `mlflow.log_metrics` and `wandb.log` are such functions. Numbers alone are handed on, as floats,
    with `prefix` before their names, and the learning rate as `lr`.

    >>> import nn
    >>> seen = []
    >>> callback = nn.callbacks.LogTo(lambda logs, step: seen.append((step, logs)))
    """

    rank_zero_only = True

    def __init__(self, log: Callable[..., Any], prefix: str = "") -> None:
        self.log, self.prefix = log, prefix

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        known = {**logs, **learning_rates(self.model)}
        numbers = {self.prefix + k: float(v) for k, v in known.items() if not np.shape(v)}
        self.log(numbers, step=epoch)


def learning_rates(model: Any) -> dict[str, float]:
    """The rate of each group of a compiled model's optimizer: `lr`, or `lr_0`, `lr_1`, ..."""
    optimizer = getattr(model, "optimizer", None)
    groups: Any = getattr(optimizer, "param_groups", ())
    if len(groups) == 1:
        return {"lr": float(groups[0]["lr"])} if "lr" in groups[0] else {}
    return {f"lr_{i}": float(group["lr"]) for i, group in enumerate(groups) if "lr" in group}
