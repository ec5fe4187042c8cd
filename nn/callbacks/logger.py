"""What writes the logs down."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from autograd.system.files import place_of
from nn.callbacks.base import Callback, Logs


class CSVLogger(Callback):
    """Write the logs of every epoch as a line of a CSV file, as soon as it is over."""

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
