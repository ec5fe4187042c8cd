"""The loop of `fit`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from autograd import no_grad
from autograd.engine.diagnose import listed
from nn.callbacks.base import CallbackList, History, Logs
from nn.data import DataLoader
from nn.module.modes import in_mode
from nn.module.parameter import is_lazy
from nn.training.evaluation import Step, scores, shared
from nn.training.feed import as_loader, begin_epoch, in_order, split_off
from nn.training.progress import Progress
from nn.training.trainable import Trainable

__all__ = ["fit", "train"]


def fit(
    model: Trainable,
    x: Any,
    y: Any,
    *,
    batch_size: int | None,
    epochs: int,
    verbose: bool | str | int,
    callbacks: Iterable[Any],
    validation_split: float,
    validation_data: Any,
    shuffle: bool,
    initial_epoch: int,
    rng: Any,
) -> History:
    compiled = model._training()
    compiled.check_loss()
    x, y, held = split_off(in_order(model, x, "fit"), y, validation_split, validation_data)
    loader = as_loader(model, x, y, batch_size, shuffle=shuffle, rng=rng, what="fit")
    held_out = None
    if held is not None:
        size = None if isinstance(held[0], DataLoader) else batch_size
        held_out = as_loader(model, held[0], held[1], size, what="fit: validation data")
    history = model.history = History()
    progress = Progress.for_verbosity(verbose)
    params = {"epochs": epochs, "steps": loader.steps, "batch_size": loader.batch_size}
    every = CallbackList([history, *listed("callbacks", callbacks), progress], model, params)
    _build(model, loader)
    train(Step(model, compiled), loader, every, progress, (initial_epoch, epochs), held_out)
    return history


def train(
    step: Step,
    loader: Any,
    every: CallbackList,
    progress: Progress,
    epochs: tuple[int, int],
    held_out: Any = None,
    validates: Callable[[int], bool] = lambda epoch: True,
) -> None:
    """Train from one epoch up to another, and look at the held out data after some of them."""
    model = step.model
    model.stop_training = False
    step.held_out = held_out
    alone, step = step, shared(step, loader, trains=True)[0]
    every.watch(alone)  # a callback looks at it in one process, and waits for no other
    try:
        with in_mode(model, training=True):
            every.on_train_begin()
            first = max(epochs[0], every.initial_epoch)
            step.begins(first)
            for epoch in range(first, epochs[1]):
                every.on_epoch_begin(epoch)
                begin_epoch(loader, epoch)
                logs = _epoch(step, loader, every, progress, epoch)
                if held_out is not None and validates(epoch):
                    logs = step.validated(logs, scores(step, held_out, every))
                every.on_epoch_end(epoch, logs)
                if step.stops():
                    break
            every.on_train_end()
    finally:
        progress.close()
        every.leave()


def _build(model: Trainable, loader: Any) -> None:
    """Make the parameters of layers that wait for an input, so that there is an optimizer."""
    if any(map(is_lazy, model.parameters())):
        *inputs, _ = loader.first()
        with in_mode(model, training=False), no_grad():
            model(*inputs)


def _epoch(step: Step, loader: Any, every: CallbackList, progress: Progress, epoch: int) -> Logs:
    """Train on every batch once; the loss and the metrics of the epoch."""
    model, mean = step.model, step.mean()
    for number, batch in enumerate(loader):
        step.batch = batch
        for hook in every.batch_begin:
            hook(number, {})
        (loss, count, target, output), is_made = step.train(batch)
        value = loss.item()
        if step.raises_at_nan and not math.isfinite(value):
            for hook in every.batch_end:
                hook(number, {"loss": value})
            if not model.stop_training:  # as TerminateOnNaN sets it
                raise step.not_finite(loss, epoch, number)
            break
        if count != 0 and not is_made:  # a batch of which nothing counts teaches nothing
            step.down(loss)
        mean.update(value, count, target, output)
        for hook in every.batch_end:
            hook(number, mean.logs())
        if progress.is_due():
            progress.on_batch(number, mean.logs())
        if step.stops_at_once and step.stops():
            break
    return mean.logs() if model.stop_training else mean.result()
