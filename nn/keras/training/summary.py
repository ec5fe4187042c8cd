"""The table of a model's layers, as Keras prints it."""

from __future__ import annotations

import math
from typing import Any

from nn.keras.structure import flatten
from nn.training.summary import table

__all__ = ["summary"]


def summary(model: Any, show_trainable: bool = False) -> str:
    """The table of a model's layers: what comes out, and the numbers of weights."""
    graph = model._nodes is not None and not (hasattr(model, "_chain") or _is_chain(model))
    head = ["Layer (type)", "Output Shape", "Param #"] + ["Connected to"] * graph
    head += ["Trainable"] * show_trainable
    rows = []
    for layer in model._operations if graph else model.layers:
        count = f"{_size(layer.weights):,}" if getattr(layer, "built", True) and hasattr(
            layer, "weights") else "0 (unbuilt)" if hasattr(layer, "weights") else "0"  # fmt: skip
        row = [f"{layer.name} ({_kind(layer)})", _shape(layer), count]
        if graph:
            row.append(_before(layer, model))
        if show_trainable:
            row.append("Y" if getattr(layer, "trainable", True) else "N")
        rows.append(tuple(row))
    every, trained = model.weights, model.trainable_weights
    sums = {
        "Total params": every,
        "Trainable params": trained,
        "Non-trainable params": model.non_trainable_weights,
    }
    lines = [f" {what}: {_size(part):,} ({_bytes(part)})" for what, part in sums.items()]
    return "\n".join(
        [f'Model: "{model.name}"', table(tuple(head), rows, {2}, (31, 22, 13)), *lines]
    )


def _is_chain(model: Any) -> bool:
    """Whether each call takes what the one before has given."""
    if len(model.inputs) != 1:
        return False
    before = {id(x) for x in model.inputs}
    for node in model._nodes:
        if len(node.parents) != 1 or id(node.parents[0]) not in before:
            return False
        before = {id(x) for x in flatten(node.outputs)}
    return True


def _kind(layer: Any) -> str:
    if hasattr(layer, "op"):
        return str(layer.op).title()
    kind = type(layer).__name__
    return "Functional" if kind == "Model" else kind


def _shape(layer: Any) -> str:
    if not layer._inbound_nodes:
        return "?" if getattr(layer, "built", True) else "? (unbuilt)"
    outputs = flatten(layer._inbound_nodes[0].outputs)
    shapes = [f"({', '.join(map(str, x.shape))}{',' * (len(x.shape) == 1)})" for x in outputs]
    return shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]"


def _before(layer: Any, model: Any) -> str:
    own = {id(node) for node in model._nodes}
    nodes = [node for node in layer._inbound_nodes if id(node) in own]
    names = [
        f"{x._keras_history.operation.name}[{x._keras_history.node_index}]"
        f"[{x._keras_history.tensor_index}]"
        for node in nodes for x in node.parents
    ]  # fmt: skip
    return ", ".join(names) or "-"


def _size(weights: Any) -> int:
    return sum(math.prod(v.shape) for v in weights)


def _bytes(weights: Any) -> str:
    size = float(sum(math.prod(v.shape) * v.dtype.itemsize for v in weights))
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
