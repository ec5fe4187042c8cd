"""What training keeps with a model, and all the steps of training know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.errors import StateError
from nn.module.module import Module

if TYPE_CHECKING:
    from nn.callbacks.base import History
    from nn.training.compiled import Compiled

__all__ = ["Trainable"]


class Trainable(Module):
    """A module with what training keeps: how it was compiled, what it has seen, its history."""

    _compiled: Compiled | None = None
    _example: tuple[Any, ...] | None = None  # (shape, dtype) of each input, once seen
    history: History | None = None  # of the last fit, also one that was interrupted
    stop_training = False  # a callback sets it to end the training after this epoch

    def _training(self) -> Compiled:
        if self._compiled is None:
            raise StateError(
                f"{self._kind} is not compiled: call model.compile(optimizer=..., loss=...) first"
            )
        return self._compiled
