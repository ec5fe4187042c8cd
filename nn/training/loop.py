"""The loop of `fit`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autograd import no_grad
from autograd.engine.diagnose import listed
from autograd.errors import NaNError
from nn.callbacks.base import CallbackList, History, Logs
from nn.data import DataLoader
from nn.module.modes import in_mode
from nn.module.parameter import is_lazy
from nn.training.compiled import Compiled
from nn.training.evaluation import Mean, scores
from nn.training.feed import Feed, as_loader, as_target, in_order, split_off
from nn.training.nonfinite import story
from nn.training.progress import Progress
from nn.training.trainable import Trainable

__all__ = ["fit"]


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
    model.stop_training = False
    _build(model, loader)
    try:
        with in_mode(model, training=True):
            every.on_train_begin()
            for epoch in range(max(initial_epoch, every.initial_epoch), epochs):
                every.on_epoch_begin(epoch)
                logs = _epoch(model, compiled, loader, every, progress, epoch)
                if held_out is not None:
                    found = scores(model, compiled, held_out, every)
                    logs |= {f"val_{name}": value for name, value in found.items()}
                every.on_epoch_end(epoch, logs)
                if model.stop_training:
                    break
            every.on_train_end()
    finally:
        progress.close()
    return history


def _build(model: Trainable, loader: Any) -> None:
    """Make the parameters of layers that wait for an input, so that there is an optimizer."""
    if any(map(is_lazy, model.parameters())):
        *inputs, _ = loader.first()
        with in_mode(model, training=False), no_grad():
            model(*inputs)


def _epoch(
    model: Trainable,
    compiled: Compiled,
    loader: Feed,
    every: CallbackList,
    progress: Progress,
    epoch: int,
) -> Logs:
    """Train on every batch once; the loss and the metrics of the epoch."""
    mean = Mean(compiled)
    for number, (*inputs, target) in enumerate(loader):
        for hook in every.batch_begin:
            hook(number, {})
        compiled.inputs = len(inputs)
        output = model(*inputs)
        target = as_target(target, output, compiled.loss)
        loss, count = compiled.loss_of(output, target)
        value = loss.item()
        if not math.isfinite(value):
            for hook in every.batch_end:
                hook(number, {"loss": value})
            if not model.stop_training:  # as TerminateOnNaN sets it
                raise NaNError(story(loss, value, epoch, number))
            break
        if count != 0:  # a batch of which nothing counts teaches nothing
            compiled.step(loss)
        mean.update(value, count, target, output)
        for hook in every.batch_end:
            hook(number, mean.logs())
        if progress.is_due():
            progress.on_batch(number, mean.logs())
    return mean.logs() if model.stop_training else mean.result()
