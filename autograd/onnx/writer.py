"""The nodes of a trace as nodes of a model: a row of the table each, or a formula."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.engine.node import Node, constant_value
from autograd.engine.row import COMPUTED, CONSTANT, DRAW, INPUT, OUTPUT, PARAMETER, STATE, WRITE
from autograd.errors import AutogradError, ExportError
from autograd.graph.call import links_of
from autograd.graph.pytree import flat, mapped
from autograd.graph.replay import held_value
from autograd.onnx.builder import Builder
from autograd.onnx.computed import COMPUTED_ROWS, name_of
from autograd.onnx.control import CONTROL, bodies_written, write_control, write_pull
from autograd.onnx.custom import as_function, is_custom
from autograd.onnx.formulas import written
from autograd.onnx.sizes import together
from autograd.onnx.table import REFUSED, ROWS
from autograd.onnx.traces import Traces
from autograd.onnx.values import Value, real
from autograd.program.instructions import EFFECT, PULL

__all__ = ["write_nodes"]

_HELD = (PARAMETER, STATE, CONSTANT)


def write_nodes(
    traces: Traces, opset: int, names: Sequence[str] | None
) -> tuple[Builder, list[Value], list[tuple[str, Value]]]:
    """The builder with all nodes, the inputs, and the outputs by name."""
    b = Builder(opset, traces.lengths)
    b.places = traces.places
    program = traces.programs[0]
    given, outputs = _names(program, names)
    for name in (*given, *outputs):
        b.unique(name)
    values: dict[Node, Any] = {}
    called = dict(zip(program.inputs, given, strict=True))
    for node, name in called.items():
        same = next(s for s in traces.nodes if s[0] is node)
        values[node] = b.note(Value(b, name, _spec(same)[0], real(node.dtype, f"export: {name}")))
    b.inputs = [values[node] for node in program.inputs]
    b.asked = _asked([same[0] for same in traces.nodes])
    for same in traces.nodes:
        if same[0].op not in (INPUT, WRITE):
            values[same[0]] = _node(b, same, values)
    b.scope, b.metadata = "", {}
    results = [*program.outputs, *program.writes]
    found = [values[n] if n in values else _value(n.inputs[0], values) for n in results]
    ends = [_result(b, n, v) for n, v in zip(outputs, found, strict=True)]
    _prune(b, outputs)
    return b, b.inputs, ends


def _asked(nodes: Sequence[Node]) -> dict[Node, int]:
    """Of nodes with several results the number of the last that is read; a gradient reads all."""
    found: dict[Node, int] = {}
    for node in nodes:
        if node.op is OUTPUT:
            found[node.inputs[0]] = max(node.params[0], found.get(node.inputs[0], -1))
        elif node.op is PULL:
            found |= {x: len(x.spec) for x in links_of(node) if isinstance(x.spec, list)}
    return found


def _prune(b: Builder, outputs: Sequence[str]) -> None:
    """Leave out what no output depends on."""
    needed, kept = set(outputs), []
    for node in reversed(b.nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed |= _read(node)
    b.readers = {name: node for node in kept for name in _read(node)}
    b.nodes = _named(kept[::-1], outputs)
    b.initializers = [(name, array) for name, array in b.initializers if name in needed]


def _named(nodes: list[Any], outputs: Sequence[str]) -> list[Any]:
    """An output that nothing else reads has its name from where it is made."""
    readers = Counter(name for node in nodes for name in _read(node))
    makers = {name: node for node in nodes for name in node.output}
    found = []
    for node in nodes:
        source = node.input[0] if node.op_type == "Identity" else ""
        if node.output[0] in outputs and source in makers and readers[source] == 1:
            maker = makers[source]
            maker.output[list(maker.output).index(source)] = node.output[0]
        else:
            found.append(node)
    return found


def _read(node: Any) -> set[str]:
    """What a node reads, in the graphs inside of it too."""
    found = set(node.input)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                found |= _read(inner)
    return found


def _names(program: Any, names: Sequence[str] | None) -> tuple[list[str], list[str]]:
    inputs = [node.name or f"input_{k}" for k, node in enumerate(program.inputs)]
    outputs = [*_outputs(program), *(f"{n.name}.new" for n in program.writes)]
    own, count = list(names or ()), len(inputs) + len(outputs)
    if len(own) > count or len(set(own)) < len(own):
        raise ExportError(
            f"export: names are {count} different ones here, of {len(inputs)} inputs and "
            f"{len(outputs)} outputs; they are {own}"
        )
    every: list[str] = []  # no two are one: an output that an input is called like says so
    for k, name in enumerate([*own, *[*inputs, *outputs][len(own) :]]):
        while name in every:
            name += "_out" if k >= len(inputs) else "_"
        every.append(name)
    return every[: len(inputs)], every[len(inputs) :]


def _outputs(program: Any) -> list[str]:
    result, count = program.call.result, len(program.outputs)
    if isinstance(result, dict) and len(flat(result)) == count == len(result):
        return [str(k) for k in result]
    return ["output"] if count == 1 else [f"output_{k}" for k in range(count)]


def _result(b: Builder, name: str, value: Value) -> tuple[str, Value]:
    """A value under the name of an output, which one node gives."""
    if value is None:
        raise ExportError(f"export: {name} is there for gradients alone, and no output of a model")
    b.nodes.append(_identity(value, name))
    return name, value


def _identity(value: Value, name: str) -> Any:
    from autograd.onnx.library import library

    return library("helper").make_node("Identity", [value.name], [name], name=f"output/{name}")


def _spec(same: Sequence[Node]) -> Any:
    """Shape and dtype, or a list of those of several results, over all traces."""
    specs = [node.spec for node in same]
    if isinstance(specs[0], list):
        return [None if own[0] is None else _one(own) for own in zip(*specs, strict=True)]
    return _one(specs)


def _one(specs: Sequence[Any]) -> tuple[Any, np.dtype[Any]]:
    full = [s if type(s) is tuple else ((), np.dtype(s)) for s in specs]
    return together([s[0] for s in full], "a shape"), full[0][1]


def _value(x: Any, values: dict[Node, Any]) -> Any:
    return values[x] if type(x) is Node else constant_value(x)


def _node(b: Builder, same: Sequence[Node], values: dict[Node, Any]) -> Any:
    """What a node gives there."""
    node = same[0]
    b.scope = "" if node.scope is None else node.scope.path.replace(".", "/")
    module, line = repr(node.scope) if node.scope is not None else "", node.where or ""
    b.metadata = {k: v for k, v in (("module", module), ("line", line), ("op", node.op.name)) if v}
    if node.op in _HELD:
        return _held(b, same)
    if node.op is OUTPUT:
        return values[node.inputs[0]][node.params[0]]
    try:
        return _written(b, same, values)
    except AutogradError as error:
        raise ExportError(_place(node, str(error))) from error
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        raise ExportError(_place(node, f"its parts are not exported ({error})")) from error


def _held(b: Builder, same: Sequence[Node]) -> Any:
    node = same[0]
    if node.op is CONSTANT and node.params[0] is None:
        return b.constant(together([np.asarray(n.saved[0]) for n in same], "a number"))
    found = [held_value(n) for n in same]
    if found[0] is None:
        return None
    array = together([np.asarray(f) for f in found], "an array")
    if not isinstance(array, np.ndarray):
        return b.constant(array)
    return b.constant(array, name=node.name or "constant")


def _written(b: Builder, same: Sequence[Node], values: dict[Node, Any]) -> Any:
    node = same[0]
    name = _called(node)
    if node.op is DRAW:
        raise ExportError(
            "random numbers are drawn at each run; export the model as it is in eval() "
            "(train=False), or hand the numbers in as an input"
        )
    if node.op is EFFECT:
        raise ExportError("the step of a schedule is no array")
    if node.op is COMPUTED:
        row = COMPUTED_ROWS.get(name)
        if row is None:
            raise ExportError(f"{name} is a function of Python, of which ONNX knows nothing")
        options = together([getattr(n.params[0], "keywords", {}) for n in same], "an option")
        first = together([getattr(n.params[0], "args", ()) for n in same], "an argument")
        inputs = together([n.inputs for n in same], "an input")
        return row(b, _call(same), *first, *[_value(x, values) for x in inputs], **options)
    if node.op in CONTROL or (node.op is PULL and node.params[0] in CONTROL):
        write = bodies_written(b, _node, _asked)
        if node.op is PULL:
            return write_pull(b, same, values, write)
        return write_control(b, same, [_value(x, values) for x in node.inputs], write)
    if name in REFUSED:
        raise ExportError(REFUSED[name])
    if node.op is not PULL and name in ROWS:
        found = [n.parameters() for n in same]
        params = {k: mapped(lambda x: _static(x, values), v)
                  for k, v in together(found, "a parameter").items()}  # fmt: skip
        inputs = [together([n.inputs[k] for n in same], "an input")
                  for k in range(len(node.inputs))]  # fmt: skip
        made = ROWS[name](b, _call(same), *[_value(x, values) for x in inputs], **params)
        if made is not None:
            return made
    if node.op is not PULL and is_custom(node):
        made = as_function(b, same, values, written)
        if made is not None:
            return made
    made = written(b, same, values)
    if made is None:
        raise ExportError(
            "ONNX has no operators for it; write that part with other ops, or make what it gives "
            "an input of the call"
        )
    return made


def _static(x: Any, values: dict[Node, Any]) -> Any:
    """A part of a static parameter: an array that the call found is one there too."""
    if type(x) is Node and x.op is CONSTANT and x.params[0] is not None:
        return held_value(x)
    return _value(x, values)


def _called(node: Node) -> str:
    return name_of(node.params[0]) if node.op is COMPUTED else node.op.name


def _call(same: Sequence[Node]) -> Any:
    """The node with what the traces have together."""
    spec = _spec(same)
    shape, dtype = (None, None) if isinstance(spec, list) else spec
    return SimpleNamespace(op=same[0].op, shape=shape, dtype=dtype, spec=spec, node=same[0])


def _place(node: Node, text: str) -> str:
    """Which op it is, where, and in which module."""
    name = _called(node) if node.op is not PULL else f"the gradient of {node.params[0].name}"
    line = f" at {node.where}" if node.where else ""
    module = f" in {node.scope!r}" if node.scope is not None else ""
    return f"export: {name}{line}{module}: {text}"
