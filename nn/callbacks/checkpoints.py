"""What saves a training, and brings it back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd.errors import ArgumentError
from autograd.system.files import place_of
from autograd.tensor_files import check_ending
from nn.callbacks.base import Callback, Logs, is_first
from nn.callbacks.monitor import Monitor
from nn.module.saving import load_checkpoint, save, save_checkpoint


class ModelCheckpoint(Monitor):
    """Save the model after every epoch, or after those that are better than all before.

    `filepath` may hold `{epoch}` (from 1) and the names of the logs: `"{epoch:02d}-{loss:.3f}"`.
    The file is a checkpoint with optimizer and random state, or with `save_weights_only` the state
    dict alone; it is written as `nn.save` does, by the first process where there are several.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        mode: str = "auto",
        save_weights_only: bool = False,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        check_ending(self.filepath, arrays_alone=save_weights_only)  # before an epoch is lost
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self.save_best_only:
            value = self.value(logs)
            if not self.improves(value):
                return
            self.best = value
        path = self.filepath.format(epoch=epoch + 1, **logs)
        if not self.save_weights_only:
            gather_state(self.model.optimizer)
        if not is_first():
            return
        if self.save_weights_only:
            save(self.model, path)
        else:
            save_checkpoint(path, self.model, self.model.optimizer, epoch=epoch + 1)


class BackupAndRestore(Callback):
    """Go on where an interrupted training stopped, to the same weights bit for bit.

    After every epoch the model, the optimizer, the random state, the history and what the other
    callbacks know are saved to a file; a `fit` that finds the file goes on from there, and must be
    given the same callbacks. The file is removed at the end of the training, unless
    `delete_checkpoint` is False. The order of the examples must come from the generator of
    `nn.manual_seed`, not from `fit(rng=...)`.
    """

    comes_last = True

    def __init__(self, backup: str | os.PathLike[str], delete_checkpoint: bool = True) -> None:
        self.path = Path(backup)
        check_ending(self.path)
        self.delete_checkpoint = delete_checkpoint

    def on_train_begin(self, logs: Logs) -> None:
        place_of(self.path, "the backup")  # before an epoch is lost
        self.initial_epoch = 0
        if self.path.exists():
            kept = load_checkpoint(self.path, self.model, self.model.optimizer)
            history = self.model.history
            history.epoch, history.history = kept["epochs"], kept["history"]
            self.initial_epoch = kept["epoch"]
            count, own = len(kept["callbacks"]), self._kinds()
            kinds = kept.get("kinds", own)  # which older backups do not say
            if count != len(self.others) or kinds != own:
                raise ArgumentError(
                    f"{self.path} is of a training with other callbacks: {count} beside the "
                    f"backup, of which {_said(kinds)} have a state, and here are "
                    f"{len(self.others)}, {_said(own)}; give the same ones in the same order, or "
                    "remove the file to begin anew"
                )
            for callback, state in zip(self.others, kept["callbacks"], strict=True):
                callback.load_state_dict(state)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        history = self.model.history
        gather_state(self.model.optimizer)
        if not is_first():
            return
        save_checkpoint(
            self.path, self.model, self.model.optimizer,
            epoch=epoch + 1, epochs=history.epoch, history=history.history,
            callbacks=[callback.state_dict() for callback in self.others], kinds=self._kinds(),
        )  # fmt: skip

    def _kinds(self) -> list[str]:
        """The class of each callback that has a state, and nothing for the others."""
        return [type(other).__name__ if other.state_dict() else "" for other in self.others]

    def on_train_end(self, logs: Logs) -> None:
        if self.delete_checkpoint and is_first():
            Path(os.path.realpath(self.path)).unlink(missing_ok=True)  # not a link to it


def gather_state(optimizer: Any) -> None:
    """Let the first process have the whole state of an optimizer that is shared out: all call."""
    if hasattr(optimizer, "consolidate_state_dict"):
        optimizer.consolidate_state_dict()


def _said(kinds: list[str]) -> str:
    return ", ".join(filter(None, kinds)) or "none"
