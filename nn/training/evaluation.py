"""Loss, metrics and outputs over data, in evaluation mode."""

from __future__ import annotations

import math
from typing import Any

from autograd import no_grad
from autograd.errors import ArgumentError
from nn.callbacks.base import CallbackList, Logs
from nn.module.modes import in_mode
from nn.training.compiled import Compiled
from nn.training.feed import Feed, as_loader, as_target
from nn.training.prediction import mapped
from nn.training.progress import Progress
from nn.training.trainable import Trainable

__all__ = ["Mean", "evaluate", "scores"]


class Mean:
    """The loss of an epoch so far as one batch would give it, and the metrics."""

    def __init__(self, compiled: Compiled) -> None:
        self.metrics = compiled.metrics
        self.total, self.divisor, self.seen = 0.0, 0.0, 0
        for metric in self.metrics:
            metric.reset_state()

    def update(self, value: float, count: float | None, target: Any, output: Any) -> None:
        """`count` is how much the value counts in a mean, or None if values are summed."""
        self.seen += 1
        if count is None:
            self.total, self.divisor = self.total + value, 1.0
        elif count:
            self.total += value * count
            self.divisor += count
        if self.metrics:
            true, predicted = _arrays(target), _arrays(output)
            for metric in self.metrics:
                metric.update_state(true, predicted)

    def logs(self) -> Logs:
        loss = self.total / self.divisor if self.divisor else math.nan
        return {"loss": loss} | {m.name: m.result() for m in self.metrics if self.seen}

    def result(self) -> Logs:
        """The logs at the end; over data of which nothing counts there is no mean."""
        if self.seen and not self.divisor:
            raise ArgumentError(
                "the loss is a mean over nothing: no example of the data counts, by their weights "
                "or labels to ignore"
            )
        return self.logs()


def _arrays(output: Any) -> Any:
    """The array of an output, or those of several in their form."""
    return mapped(lambda tensors: tensors[0].numpy(), [output])


def evaluate(
    model: Trainable, x: Any, y: Any, *, batch_size: int | None, verbose: bool | str | int
) -> dict[str, float]:
    compiled = model._training()
    compiled.check_loss()
    with no_grad():
        loader = as_loader(model, x, y, batch_size, what="evaluate")
    progress = Progress.for_verbosity(verbose)
    every = CallbackList([progress], model, {"steps": loader.steps})
    try:
        return scores(model, compiled, loader, every)
    finally:
        progress.close()


def scores(
    model: Trainable, compiled: Compiled, loader: Feed, every: CallbackList
) -> dict[str, float]:
    """The loss and the metrics over all batches."""
    mean = Mean(compiled)
    every.on_test_begin()
    with in_mode(model, training=False), no_grad():
        for *inputs, target in loader:
            output = model(*inputs)
            target = as_target(target, output, compiled.loss)
            loss, count = compiled.loss_of(output, target)
            mean.update(loss.item(), count, target, output)
    found = mean.result()
    every.on_test_end(found)
    return found
