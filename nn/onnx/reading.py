"""ONNX files read with care: a file says what is run, and may be wrong or hostile."""

from __future__ import annotations

import dataclasses
import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd.errors import ArgumentError, ArgumentTypeError, MissingFileError, UnsupportedError
from autograd.onnx.library import library
from nn.onnx.graph import Expected, Graph, Step
from nn.onnx.table import TABLE, Call
from nn.onnx.tensors import array_of, held

__all__ = ["ReadModel", "model_of", "read", "unsupported"]

_CHAPTERS = (
    "activations", "control", "convolutions", "creation", "elementwise", "detection", "indexing",
    "normalization", "pooling", "products", "quantization", "recurrent", "reductions",
    "resampling", "shapes", "signals", "steps", "texts", "types",
)  # fmt: skip
_AS_THEY_ARE = ("control", "quantization", "texts", "types")  # take numbers of any type
_DEEPEST = 24  # graphs in graphs, and functions that call functions
_MOST_NODES = 2**18  # once all functions are written out
_NEWEST = 28
_NEWEST_FORMAT = 14  # the version of the file, which says what its parts mean


@dataclasses.dataclass
class ReadModel:
    """What a file holds: its graph, and the numbers by name."""

    graph: Graph
    arrays: dict[str, Any]
    again: Again


@dataclasses.dataclass
class Again:
    """What a graph is read from once more, after pickling: the model without its numbers."""

    model: bytes
    names: list[str]  # of the numbers
    folder: Path | None

    def graph(self) -> Graph:
        """The same graph."""
        chapters()
        model = library().ModelProto()
        model.ParseFromString(self.model)
        reader = _Reader(model, self.folder)
        found = reader.graph(model.graph, self.names, 0, reader.opsets)
        found.arrays = {}
        return found


def chapters() -> None:
    """Fill the table."""
    for chapter in _CHAPTERS:
        importlib.import_module(f"nn.onnx.operators.{chapter}")


def model_of(source: Any) -> tuple[Any, Path | None]:
    """The ModelProto of a path, of bytes, or itself; and the folder it may read from."""
    onnx = library()
    if isinstance(source, onnx.ModelProto):
        return source, None
    folder, where = None, "the bytes"
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        if not path.is_file():
            raise MissingFileError(f"there is no file {os.fspath(source)!r}")
        folder, where = path.parent, repr(os.fspath(source))
        data = path.read_bytes()
    elif isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    else:
        raise ArgumentTypeError(
            f"a model is a path, bytes or an onnx.ModelProto; got {type(source).__name__}"
        )
    model = onnx.ModelProto()
    decode = importlib.import_module("google.protobuf.message").DecodeError
    try:
        model.ParseFromString(data)
    except (decode, RuntimeError, ValueError) as error:
        raise ArgumentError(f"{where} are no ONNX model, or are damaged: {error}") from error
    if not model.HasField("graph") or not model.opset_import:
        raise ArgumentError(f"{where} are no ONNX model, or are damaged: no graph or no opset")
    return model, folder


class _Reader:
    def __init__(self, model: Any, folder: Path | None) -> None:
        self.folder = folder
        self.opsets = _opsets(model.opset_import)
        self.functions = {(f.domain, f.name, f.overload): f for f in model.functions}
        self.missing: dict[str, str] = {}
        self.numbers: dict[int, tuple[Any, Any]] = {}  # of attributes, which functions repeat

    def bounded(self, nodes: Any) -> None:
        """Refuse functions that call themselves, and calls that write out to too many nodes."""
        sizes: dict[Any, int] = {}

        def size(nodes: Any) -> int:
            total = 0
            for node in nodes:
                key = ("" if node.domain == "ai.onnx" else node.domain, node.op_type, node.overload)
                total += 1 + sum(size(a.g.node) for a in node.attribute if a.HasField("g"))
                if key not in self.functions:
                    continue
                if key not in sizes:
                    sizes[key] = -1  # being counted
                    sizes[key] = size(self.functions[key].node)
                if sizes[key] < 0:
                    raise ArgumentError(f"the function {node.op_type!r} of the model calls itself")
                total += sizes[key]
            return total

        count = size(nodes)
        if count > _MOST_NODES:
            raise ArgumentError(
                f"the model has {count:,} nodes with its functions written out; "
                f"at most {_MOST_NODES:,} are read"
            )

    def graph(self, proto: Any, outer: Iterable[str], depth: int, opsets: Any) -> Graph:
        """A graph whose names are all known where they are used."""
        if depth > _DEEPEST:
            raise ArgumentError(f"the model is nested more than {_DEEPEST} graphs deep")
        if proto.sparse_initializer:
            raise UnsupportedError("sparse initializers are not supported: store them densely")
        arrays: dict[str, Any] = {}
        for t in proto.initializer:
            if t.name in arrays:
                raise ArgumentError(f"the name {t.name!r} is made twice, by two tensors")
            arrays[t.name] = array_of(t, self.folder)
        inputs = [_expected(i) for i in proto.input if depth or i.name not in arrays]
        known = {*outer, *arrays, *(i.name for i in inputs)}
        steps = self.steps(proto.node, known, depth, opsets, {})
        outputs = [o.name for o in proto.output]
        lost = [name for name in outputs if name not in known]
        if lost:
            raise ArgumentError(f"the outputs {', '.join(lost)} are made by no node")
        kept = arrays if depth == 0 else {n: held(a) for n, a in arrays.items()}
        return Graph(inputs, outputs, steps, kept)

    def steps(
        self, nodes: Any, known: set[str], depth: int, opsets: Any, bound: dict[str, Any]
    ) -> list[Step]:
        """Nodes as steps, each after those whose results it takes."""
        made = {name for node in nodes for name in node.output if name}
        found = []
        for node in nodes:
            label = node.name or (node.output[0] if node.output else "")
            for name in node.input:
                if name and name not in known:
                    why = "made later, or by itself (a cycle)" if name in made else "made by no one"
                    raise ArgumentError(
                        f"the node {label!r} ({node.op_type}) takes {name!r}, which is {why}"
                    )
            again = [name for name in node.output if name and name in known and depth == 0]
            if again:
                raise ArgumentError(f"the name {again[0]!r} is made twice, by {label!r} too")
            found.append(self.step(node, label, known, depth, opsets, bound))
            known.update(name for name in node.output if name)
        return found

    def step(
        self, node: Any, label: str, known: set[str], depth: int, opsets: Any, bound: Any
    ) -> Step:
        """One node, with its function of the table, of the model, or of ONNX itself."""
        domain = "" if node.domain == "ai.onnx" else node.domain
        attributes = {}
        for a in node.attribute:
            if a.ref_attr_name:
                if a.ref_attr_name in bound:
                    attributes[a.name] = bound[a.ref_attr_name]
                continue
            attributes[a.name] = self.value(a, known, depth, opsets)
        opset = opsets.get(domain, 1)
        call = Call(node.op_type, node.name, opset, len(node.output), attributes)
        outputs = tuple(node.output)
        own = self.functions.get((domain, node.op_type, node.overload))
        if own is not None:
            inside = self.function(own, attributes, depth + 1)
            return Step(call, inside, tuple(node.input), outputs)
        entry = TABLE.get((domain, node.op_type))
        if entry is not None and (opset >= entry.since or domain):
            widens = entry.chapter not in _AS_THEY_ARE
            spreads = entry.chapter in ("activations", "elementwise")
            return Step(call, entry.function, tuple(node.input), outputs, widens, spreads)
        body = importlib.import_module("nn.onnx.bodies").body(self, node, attributes, opset, depth)
        if body is None:
            why = "" if entry is None else f" before opset {entry.since}"
            self.missing[label] = f"{domain + '.' if domain else ''}{node.op_type}{why}"
        return Step(call, body or _nothing, tuple(node.input), outputs)

    def value(self, a: Any, known: set[str], depth: int, opsets: Any) -> Any:
        """An attribute as Python has it: graphs as Graphs, tensors as arrays."""
        kinds = library().AttributeProto
        if a.type == kinds.GRAPH:
            return self.graph(a.g, known, depth + 1, opsets)
        if a.type == kinds.TENSOR:
            tensor = a.t  # kept, so that the key stays its own
            if id(tensor) not in self.numbers:
                self.numbers[id(tensor)] = tensor, array_of(tensor, self.folder)
            return self.numbers[id(tensor)][1]
        if a.type == kinds.STRING:
            return a.s.decode("utf-8", "replace")
        if a.type == kinds.STRINGS:
            return [s.decode("utf-8", "replace") for s in a.strings]
        value = library("helper").get_attribute_value(a)
        return list(value) if a.type in (kinds.INTS, kinds.FLOATS) else value

    def function(self, proto: Any, attributes: dict[str, Any], depth: int) -> Any:
        """A function of nodes, as one of Python."""
        if depth > _DEEPEST:
            raise ArgumentError(f"the function {proto.name!r} calls itself, or is nested too deep")
        bound = {a.name: self.value(a, set(), depth, self.opsets) for a in proto.attribute_proto}
        bound |= attributes
        opsets = {**self.opsets, **_opsets(proto.opset_import)}
        steps = self.steps(proto.node, set(proto.input), depth, opsets, bound)
        names = list(proto.input)
        graph = Graph([Expected(n) for n in names], list(proto.output), steps)

        def run(call: Call, *given: Any) -> Any:
            filled = [*given, *[None] * (len(names) - len(given))]
            return tuple(graph.run(dict(zip(names, filled, strict=True))))

        return run


def _nothing(call: Call, *inputs: Any) -> Any:
    raise UnsupportedError(f"the operator {call.op_type} is not in the table")


def _opsets(imports: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for o in imports:
        domain = "" if o.domain == "ai.onnx" else o.domain
        if found.setdefault(domain, o.version) != o.version:
            versions = f"{found[domain]} and {o.version}"
            raise ArgumentError(
                f"the model names two versions of {domain or 'ai.onnx'!r}: {versions}"
            )
    newest = found.get("", 1)
    if not 1 <= newest <= _NEWEST:
        raise UnsupportedError(
            f"the model is of opset {newest}; those from 7 to {_NEWEST} are known: "
            "convert it with onnx.version_converter"
        )
    return found


def _expected(info: Any) -> Expected:
    kind = info.type.WhichOneof("value")
    if kind != "tensor_type":
        return Expected(info.name, optional=kind == "optional_type")
    tensor = info.type.tensor_type
    if not tensor.HasField("shape"):
        return Expected(info.name, tensor.elem_type or None)
    lengths = tuple(
        d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in tensor.shape.dim
    )
    return Expected(info.name, tensor.elem_type or None, lengths)


def _read(source: Any) -> tuple[Graph, dict[str, str], Again]:
    chapters()
    model, folder = model_of(source)
    if model.ir_version > _NEWEST_FORMAT:
        raise UnsupportedError(
            f"the model is of version {model.ir_version} of the format; those up to "
            f"{_NEWEST_FORMAT} are known"
        )
    reader = _Reader(model, folder)
    try:
        _check_texts(model)
        reader.bounded(model.graph.node)
        graph = reader.graph(model.graph, (), 0, reader.opsets)
        return graph, reader.missing, _without_numbers(model, graph, folder)
    except RecursionError as error:
        raise ArgumentError("the model is nested too deep") from error


def _check_texts(message: Any) -> None:
    """Refuse names that are no text: protobuf hands them on as bytes."""
    for field, value in message.ListFields():
        many = value if field.is_repeated else (value,)
        if field.type == field.TYPE_MESSAGE:
            for part in many:
                _check_texts(part)
        elif field.type == field.TYPE_STRING:
            for text in many:
                if not isinstance(text, str):
                    raise ArgumentError(f"the model is damaged: {field.name} {text!r} is no text")


def _without_numbers(model: Any, graph: Graph, folder: Path | None) -> Again:
    bare = library().ModelProto()
    bare.opset_import.extend(model.opset_import)
    bare.functions.extend(model.functions)
    bare.graph.node.extend(model.graph.node)
    bare.graph.output.extend(model.graph.output)
    bare.graph.input.extend(i for i in model.graph.input if i.name not in graph.arrays)
    return Again(bare.SerializeToString(), list(graph.arrays), folder)


def unsupported(source: Any) -> dict[str, str]:
    """The operators that cannot be run, by the names of their nodes."""
    return _read(source)[1]


def read(source: Any) -> ReadModel:
    """The graph and the numbers of a model that can be run."""
    graph, missing, again = _read(source)
    if missing:
        told = "; ".join(f"{op} (node {label!r})" for label, op in missing.items())
        raise UnsupportedError(
            f"operators that are not supported: {told}. docs/onnx.md lists those that are; "
            "others can be given as functions of the model"
        )
    arrays, graph.arrays = graph.arrays, {}
    return ReadModel(graph, arrays, again)
