"""A recorded graph as TensorBoard's: modules as scopes, with shapes, bytes and times.

A node's time is that of its forward function when the graph is run once more, and its memory is
that of its output.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Graph, Tensor
from autograd.engine.node import Node
from autograd.engine.row import OUTPUT, WRITE
from autograd.errors import AutogradError
from autograd.graph.call import links_of
from nn.tensorboard.library import library

__all__ = ["costs_of", "definition_of", "graph_of", "names_of"]

_TYPES = {  # of TensorFlow, by ours: types.proto's numbers
    "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "complex64": 8,
    "int64": 9, "bool": 10, "uint16": 17, "complex128": 18, "float16": 19, "uint32": 22,
    "uint64": 23,
}  # fmt: skip
_DEVICE = "/device:CPU:0"


def graph_of(subject: Any, inputs: Sequence[Any]) -> Graph:
    """The graph of a Tensor, or of a call of a model or a function."""
    if isinstance(subject, Graph):
        return subject
    return Graph(subject) if isinstance(subject, Tensor) else Graph(subject, *inputs)


def names_of(graph: Graph) -> dict[Node, str]:
    """What each node is called there, once each: `block/conv1/convolution`, `lstm/lstm:1`."""
    names: dict[Node, str] = {}
    counts: dict[str, int] = {}
    for node in graph:
        if node.op is OUTPUT:
            at = node.params[0]
            names[node] = f"{names[node.inputs[0]]}:{at}" if at else names[node.inputs[0]]
            continue
        name = _allowed(_path_of(node))
        counts[name] = counts.get(name, -1) + 1
        names[node] = f"{name}_{counts[name]}" if counts[name] else name
    return names


def _path_of(node: Node) -> str:
    """The module that a node was recorded in, and its op; of parameters and buffers their names."""
    if node.name is not None and (node.is_leaf or node.op is WRITE):
        return node.name.replace(".", "/") + ("/write" if node.op is WRITE else "")
    path = "" if node.scope is None else node.scope.path.replace(".", "/")
    return f"{path}/{node.op.name}" if path else node.op.name


def _allowed(name: str) -> str:
    """TensorBoard's names are of letters, digits and `_.-/`."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.-/") else "_" for c in name)


def definition_of(graph: Graph) -> Any:
    """TensorBoard's GraphDef."""
    names = names_of(graph)
    return library("proto.graph_pb2").GraphDef(
        node=[_definition(node, names) for node in graph if node.op is not OUTPUT],
        versions=library("proto.versions_pb2").VersionDef(producer=22),
    )


def _definition(node: Node, names: dict[Node, str]) -> Any:
    sources = [*(x for x in node.inputs if type(x) is Node), *links_of(node)]
    return library("proto.node_def_pb2").NodeDef(
        name=names[node],
        op="Placeholder" if node.op.name == "input" else node.op.name,
        input=list(dict.fromkeys(names[x] for x in sources if x in names)),
        device=_DEVICE,
        attr=_attributes(node),
    )


def _outputs(node: Node) -> list[tuple[Any, Any]]:
    """Shape and dtype of each output."""
    specs = node.spec if isinstance(node.spec, list) else [node.spec]
    return [s if type(s) is tuple else ((), np.dtype(s)) for s in specs if s is not None]


def _attributes(node: Node) -> dict[str, Any]:
    values, shapes = library("proto.attr_value_pb2"), library("proto.tensor_shape_pb2")
    outputs = _outputs(node)
    made = [
        shapes.TensorShapeProto(dim=[shapes.TensorShapeProto.Dim(size=n) for n in shape])
        for shape, _ in outputs
    ]
    found = {"_output_shapes": values.AttrValue(list=values.AttrValue.ListValue(shape=made))}
    known = _TYPES.get(np.dtype(outputs[0][1]).name) if outputs else None
    found |= {} if known is None else {"T": values.AttrValue(type=known)}
    words = {
        "params": "" if node.is_leaf or not node.params else repr(node.params)[:400],
        "module": repr(node.scope) if node.scope is not None else "",
        "line": node.where or "",
    }
    return found | {k: values.AttrValue(s=text.encode()) for k, text in words.items() if text}


# ---- what it costs -------------------------------------------------------------------------------


def costs_of(graph: Graph) -> bytes:
    """TensorFlow's RunMetadata with the time and the memory of each node, as its message has it."""
    names, spans = names_of(graph), _timed(graph)
    stats = b"".join(
        _field(2, _node_costs(names[node], *spans.get(node, (0.0, 0.0)), _bytes(node)))
        for node in graph
        if node.op is not OUTPUT
    )
    return _field(1, _field(1, _field(1, _DEVICE.encode()) + stats))


def _node_costs(name: str, start: float, length: float, size: int) -> bytes:
    micros = max(1, round(length * 1e6))
    memory = _field(1, b"cpu") + _field(2, size)
    times = _field(2, round(start * 1e6)) + _field(4, micros) + _field(5, micros)
    return _field(1, name.encode()) + times + _field(6, memory)


def _field(number: int, value: int | bytes) -> bytes:
    """A field of a protobuf message: tensorboardX brings no class for this one."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def _timed(graph: Graph) -> dict[Node, tuple[float, float]]:
    """When each node began, and how long it took, in seconds; nothing if no run can be had."""
    spans: dict[Node, tuple[float, float]] = {}
    began = last = time.perf_counter()

    def change(node: Node, value: Any) -> Any:
        nonlocal last
        spans[node] = last - began, time.perf_counter() - last
        last = time.perf_counter()
        return value

    try:
        graph.values(change=change)
    except AutogradError:  # such as a call that Python has looked into
        return {}
    return spans


def _bytes(node: Node) -> int:
    return sum(
        int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        for shape, dtype in _outputs(node)
    )
