"""Summary and picture of a model: its layers, what comes out of them, and their parameters."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from autograd import asarray, no_grad, viz
from autograd.errors import ArgumentError
from autograd.system.sizes import bytes_text
from nn.module.input import Input
from nn.module.lazy import LazyModuleMixin
from nn.module.modes import in_mode
from nn.module.module import Module
from nn.module.parameter import is_lazy
from nn.training.trainable import Trainable

__all__ = ["plot", "summary", "table"]

Row = tuple[str, ...]


def summary(model: Trainable, input_shape: Sequence[int] | None = None) -> str:
    """The table of a model's layers, as Keras prints it."""
    shapes = _output_shapes(model, input_shape)
    layers = [(n, m) for n, m in model.named_children() if not isinstance(m, Input)]
    rows = [_row(name, layer, shapes.get(layer)) for name, layer in layers]
    own = [p for p in model._parameters.values() if p is not None]
    if own:
        rows.append((f"(own) ({model._kind})", "", _count(own)))
    shown = table(("Layer (type)", "Output shape", "Param #"), rows)
    every = list(model.parameters())
    trained = [p for p in every if p.requires_grad]
    frozen = [p for p in every if not p.requires_grad] + _buffers(model)
    sums: dict[str, list[Any]] = {
        "Total params": every + _buffers(model),
        "Trainable params": trained,
        "Non-trainable params": frozen,
    }
    lines = [f" {what}: {_count(part)} ({_size(part)})" for what, part in sums.items()]
    return "\n".join([f'Model: "{model._kind}"', shown, *lines])


def plot(
    model: Trainable,
    to_file: str | os.PathLike[str] | None = None,
    input_shape: Sequence[int] | None = None,
) -> viz.Picture:
    """A picture of one pass through the model, on zeros, in evaluation mode: nothing changes."""
    inputs = _example(model, input_shape)
    if inputs is None:
        raise ArgumentError(
            "plot: the shape of an example is not known: give input_shape=, begin the model with "
            "nn.Input(shape), or fit it first"
        )
    with in_mode(model, training=False):
        picture = viz.draw(model(*inputs))
    if to_file is not None:
        picture.save(to_file)
    return picture


def _example(model: Trainable, input_shape: Sequence[int] | None) -> tuple[Any, ...] | None:
    """Zeros in the shape of two examples: given, declared by an Input, or seen."""
    dtype = next((p.dtype for p in model.parameters() if p.dtype.kind == "f"), np.dtype("float32"))
    first = next(iter(model.children()), None)
    if input_shape is not None:
        return (asarray(np.zeros((2, *input_shape), dtype)),)
    if isinstance(first, Input):
        kind = dtype if first.dtype.kind == "f" else first.dtype
        return (asarray(np.zeros((2, *first.shape), kind)),)
    if model._example is not None:
        return tuple(
            asarray(np.zeros((2, *shape), dtype if kind.kind == "f" else kind))
            for shape, kind in model._example
        )
    return None


def _output_shapes(model: Trainable, input_shape: Sequence[int] | None) -> dict[Module, Any]:
    """What comes out of each module, by one pass in evaluation mode; nothing if it cannot run."""
    inputs = _example(model, input_shape)
    if inputs is None:
        return {}
    found: dict[Module, Any] = {}
    hooks = [
        layer.register_forward_hook(lambda m, _, out: found.__setitem__(m, out))
        for layer in model.modules()
    ]
    try:
        with in_mode(model, training=False), no_grad():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return {module: _shape(out) for module, out in found.items()}


def _shape(out: Any) -> str:
    if isinstance(out, (tuple, list)):
        return ", ".join(map(_shape, out))
    shape = np.shape(out)
    return f"({', '.join(['None', *map(str, shape[1:])])})" if shape else "()"


def _row(name: str, layer: Module, shape: str | None) -> Row:
    waits = isinstance(layer, LazyModuleMixin) and any(map(is_lazy, layer.parameters()))
    held = [*layer.parameters(), *_buffers(layer)]
    return f"{name} ({layer._kind})", shape or "?", "? (unbuilt)" if waits else _count(held)


def _buffers(module: Module) -> list[Any]:
    """Those that hold numbers a model learns, such as means; not counts of batches."""
    return [buffer for buffer in module.buffers() if buffer.dtype.kind == "f"]


def _count(tensors: Sequence[Any]) -> str:
    if any(map(is_lazy, tensors)):
        return "?"
    return f"{sum(math.prod(t.shape) for t in tensors):,}"


def _size(tensors: Sequence[Any]) -> str:
    return bytes_text(sum(math.prod(t.shape) * t.dtype.itemsize for t in tensors if not is_lazy(t)))


def table(
    head: Row, rows: Sequence[Row], right: Collection[int] = (2,), least: Sequence[int] = ()
) -> str:
    """Rows of cells in a frame; columns of the numbers in `right` end there; `least` widths."""
    widths = [max(len(row[c]) for row in (head, *rows)) for c in range(len(head))]
    widths = [max(pair) for pair in zip(widths, [*least, *widths[len(least) :]], strict=True)]

    def line(row: Row, bar: str) -> str:
        cells = [
            cell.rjust(width) if c in right else cell.ljust(width)
            for c, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return bar + bar.join(f" {cell} " for cell in cells) + bar

    def rule(left: str, stroke: str, middle: str, right: str) -> str:
        return left + middle.join(stroke * (width + 2) for width in widths) + right

    body = ("\n" + rule("├", "─", "┼", "┤") + "\n").join(line(row, "│") for row in rows)
    parts = [rule("┏", "━", "┳", "┓"), line(head, "┃"), rule("┡", "━", "╇", "┩"), body,
             rule("└", "─", "┴", "┘")]  # fmt: skip
    return "\n".join(part for part in parts if part)
