"""The outputs of a model for all examples."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from nn.data import DataLoader
from nn.module.modes import in_mode
from nn.training.feed import as_loader, brings_batches
from nn.training.together import processes
from nn.training.trainable import Trainable

__all__ = ["mapped", "outputs_of", "predict"]


def predict(model: Trainable, x: Any, *, batch_size: int | None) -> Any:
    labelled = brings_batches(x)
    if isinstance(x, DataLoader):  # in the order of the examples, and all of them
        x = x.in_order()
    with no_grad():
        batches = (
            parts[: _inputs(model, len(parts))] if labelled else parts
            for parts in as_loader(model, x, None, batch_size, what="predict")
        )
        return outputs_of(model, batches)


def outputs_of(model: Trainable, batches: Iterable[tuple[Any, ...]]) -> Any:
    """The outputs for batches of inputs, all in one, in evaluation mode."""
    outputs, sizes = [], []
    compiled: Any = model._compiled
    call: Any = model if compiled is None else compiled.jit("output", model)
    together = processes()
    with in_mode(model, training=False), no_grad():
        for inputs in batches:
            outputs.append(call(*inputs) if together is None else together.called(call, inputs))
            sizes.append(_size(inputs[0]))
    return _joined(outputs, sizes)


def _size(inputs: Any) -> int:
    """The number of examples in a batch, whose inputs may come in a list or a dict."""
    while isinstance(inputs, (tuple, list, dict)):
        inputs = next(iter(inputs.values() if isinstance(inputs, dict) else inputs))
    return len(inputs)


def _inputs(model: Trainable, parts: int) -> int:
    """How many parts of a batch are inputs: all of them, or all but the labels at the end."""
    least, most = _arity(model)
    fitting = [count for count in (parts, parts - 1) if max(least, 1) <= count <= most]
    trained = model._compiled.inputs if model._compiled is not None else None
    if len(fitting) > 1 and trained in fitting:
        fitting = [trained]
    if len(fitting) == 1:
        return fitting[0]
    takes = f"{least} or more" if most == math.inf else f"{least}" + f" to {most}" * (most > least)
    raise ArgumentError(
        f"predict: the loader brings {parts} parts and forward takes {takes} inputs, "
        + ("so the last may be labels or an input" if fitting else "which does not fit")
        + "; give the inputs as arrays, or as a tuple of arrays"
    )


def _arity(model: Trainable) -> tuple[int, float]:
    """The least and the largest number of arguments that forward takes by position."""
    least, most = 0, 0.0
    for parameter in inspect.signature(model.forward).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            least, most = least + (parameter.default is parameter.empty), most + 1
        elif parameter.kind is parameter.VAR_POSITIONAL:
            most = math.inf
    return least, most if most == math.inf else int(most)


def _joined(outputs: Sequence[Any], sizes: Sequence[int]) -> Any:
    """The outputs of all batches, each of several in one array."""
    several = not isinstance(outputs[0], Tensor)

    def join(tensors: Sequence[Any]) -> Any:
        for tensor, size in zip(tensors, sizes, strict=True):
            # one output may have a row for each of several places of an example
            if not tensor.ndim or (several and len(tensor) != size):
                raise ShapeError(
                    f"predict: an output is {tensor.shape} for a batch of {size}; its first axis "
                    "must count the examples"
                )
        return np.concatenate([tensor.numpy() for tensor in tensors])

    return mapped(join, outputs)


def mapped(function: Callable[[Sequence[Any]], Any], outputs: Sequence[Any]) -> Any:
    """A function of the Tensors in the same place of several outputs, in the form of the first."""
    first = outputs[0]
    if isinstance(first, Tensor):
        return function(outputs)
    if isinstance(first, Mapping):
        return {name: mapped(function, [each[name] for each in outputs]) for name in first}
    if isinstance(first, (tuple, list)):
        parts = [mapped(function, places) for places in zip(*outputs, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    raise ArgumentTypeError(
        f"the outputs of a model are Tensors, in tuples, lists or dicts; got {type(first).__name__}"
    )
