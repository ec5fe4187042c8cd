"""Loss, metrics and outputs over data, in evaluation mode."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import Tensor, asarray, isfinite, logical_and, no_grad
from autograd.errors import ArgumentError, NaNError, TraceError
from nn.callbacks.base import CallbackList, Logs
from nn.module.modes import in_mode
from nn.training.compiled import Compiled, step_down
from nn.training.feed import as_loader, as_target, shares_by_itself
from nn.training.nonfinite import story
from nn.training.prediction import mapped
from nn.training.progress import Progress
from nn.training.together import SharedStep, processes
from nn.training.trainable import Trainable

__all__ = ["Mean", "Step", "evaluate", "scores"]


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


class Step:
    """What is done with a batch; a face that has another meaning of one writes its own."""

    raises_at_nan = True  # a loss that is not finite ends the training with an error
    stops_at_once = False  # model.stop_training ends an epoch too
    batch: Any = None  # the one that is trained on
    held_out: Any = None  # the batches of the validation data, if there are any

    def __init__(self, model: Trainable, compiled: Compiled) -> None:
        self.model, self.compiled = model, compiled

    def begins(self, epoch: int) -> None:
        """A training begins with this epoch: several processes see that they do so alike."""

    def mean(self) -> Mean:
        """What gathers the loss and the metrics of an epoch."""
        return Mean(self.compiled)

    def parts(self, batch: Any) -> tuple[list[Any], Any]:
        """What the model takes of a batch, and the target."""
        *inputs, target = batch
        return inputs, target

    def run(self, batch: Any) -> tuple[Any, float | None, Any, Any]:
        """The loss of a batch, how much it counts, the target and the output."""
        self.compiled.inputs = len(batch) - 1
        return self._read(*self.compiled.jit("scored", scored(self))(*batch))

    def train(self, batch: Any) -> tuple[tuple[Any, float | None, Any, Any], bool]:
        """What `run` gives, and whether a step down the gradients of the loss has been made.

        By a plan it is, if the loss is finite and the batch counts. A step that no plan holds, as
        that of an optimizer which counts in Python, is left to be made.
        """
        jit = self.compiled.jit
        if jit.takes_steps:
            self.compiled.inputs = len(batch) - 1
            try:
                found, is_made = jit("taught", taught(self))(*batch)
            except TraceError:
                jit.takes_steps = False
            else:
                return self._read(*found), is_made
        return self.run(batch), False

    def computes(self) -> Callable[..., Any] | None:
        """What a plan of a whole step computes of a batch; None where no plan holds its steps."""
        return scored(self)

    def _read(self, loss: Any, count: Any, target: Any, output: Any) -> Any:
        return loss, count.item() if isinstance(count, Tensor) else count, target, output

    def down(self, loss: Any) -> None:
        """A step down the gradients of a loss."""
        self.compiled.step(loss)

    def stops(self) -> bool:
        """Whether the training is to end after this epoch."""
        return self.model.stop_training

    def not_finite(self, loss: Any, epoch: int, number: int) -> NaNError:
        """The error for the loss of the batch, with where in its graph that began."""
        return NaNError(story(self._story_of(loss), loss.item(), epoch, number))

    def _story_of(self, loss: Any) -> Any:
        """The loss with a graph that shows where it comes from; of a plan it is computed anew."""
        if not self.compiled.jit.is_on:
            return loss
        again = scored(self)(*self.batch)[0]
        return loss if math.isfinite(again.item()) else again

    def validated(self, logs: Logs, found: Logs) -> Logs:
        """The logs of an epoch, with what was found on the data that are held out."""
        return logs | {f"val_{name}": value for name, value in found.items()}


def scored(step: Step) -> Callable[..., Any]:
    """What is computed of a batch, as a function of its parts alone."""
    model, compiled = step.model, step.compiled

    def scored(*batch: Any) -> Any:
        *inputs, target = batch
        output = model(*inputs)
        target = as_target(target, output, compiled.loss)
        loss, count = compiled.loss_of(output, target)
        if count is not None and compiled.jit.is_on:
            count = asarray(count).astype("float64")
        return loss, count, target, output

    return scored


def taught(step: Step) -> Callable[..., Any]:
    """What is computed of a batch, and a step; which of both is one way of the plan, a guard."""
    compute, compiled, model = scored(step), step.compiled, step.model
    optimizer = compiled.optimizer  # by this name a trace finds what its step may change

    def taught(*batch: Any) -> Any:
        found = loss, count, _, _ = compute(*batch)
        counts = isfinite(loss)
        if count is not None:
            counts = logical_and(counts, count != 0)
        if is_made := bool(counts):
            step_down(model, optimizer, loss, compiled.clip_norm)
        return found, is_made

    return taught


def shared(step: Any, loader: Any, trains: bool) -> tuple[Any, Any]:
    """The step of several processes together, if there are any, over batches that they share."""
    together = step.together if isinstance(step, SharedStep) else processes()
    if together is None:
        return step, loader
    step = getattr(step, "inner", step)
    if trains:
        together.begin(step.model, loader)
    own = shares_by_itself(loader, together.size)
    if own and not trains:  # each example once, where its sampler has some of them twice
        loader, own = loader.of_all(together.size), False
    return SharedStep(step, together, own), loader


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
        return scores(Step(model, compiled), loader, every)
    finally:
        progress.close()


def scores(
    step: Step, loader: Any, every: CallbackList, progress: Progress | None = None
) -> dict[str, float]:
    """The loss and the metrics over all batches."""
    step, loader = shared(step, loader, trains=False)
    mean = step.mean()
    every.on_test_begin()
    with in_mode(step.model, training=False), no_grad():
        for number, batch in enumerate(loader):
            for hook in every.test_batch_begin:
                hook(number, {})
            loss, count, target, output = step.run(batch)
            mean.update(loss.item(), count, target, output)
            for hook in every.test_batch_end:
                hook(number, mean.logs())
            if progress is not None and progress.is_due():
                progress.on_batch(number, mean.logs())
    found = mean.result()
    every.on_test_end(found)
    return found
