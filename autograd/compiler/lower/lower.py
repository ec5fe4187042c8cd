"""Programs as instructions: each op's formula and each rule, run once on lazy values.

What cannot be read so, since Python branches on numbers, or a function is not known, becomes one
call of the function that the plan of a program would call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.lower.checks import Check
from autograd.compiler.lower.lazy import Lazy
from autograd.compiler.lower.updates import Steps
from autograd.compiler.lower.writer import Writer
from autograd.engine.dtypes import HALVES
from autograd.engine.node import Node, constant_value
from autograd.engine.row import COMPUTED, CONSTANT, OUTPUT, STATE, WRITE
from autograd.errors import UnsupportedError
from autograd.graph.call import links_of
from autograd.graph.pytree import mapped
from autograd.graph.replay import held_value
from autograd.program.functions import is_known
from autograd.program.instructions import EFFECT, PULL
from autograd.program.passes import SOURCES
from autograd.program.plan import call_of
from autograd.sweep.cotangent import conform, is_filled_in

__all__ = ["instructions_of", "lower"]


def lower(program: Any, sources: Mapping[Node, Any] | None = None) -> Lowered:
    """A program as instructions, for a run that begins with these values of its sources.

    Of gradients and state it matters whether they are there, and of the numbers of optimizers
    which operations follow from them; by default they are as they are now.

    >>> import autograd as ag
    >>> lowered = lower(ag.trace(lambda x: ag.hardswish(x).sum(), ag.zeros((2, 3))))
    >>> [i.name for i in lowered.instructions]
    ['input', 'divide', 'add', 'less', 'where', 'greater', 'where', 'multiply', 'sum']
    """
    if sources is None:
        sources = {n: held_value(n) for n in program.held}
    reading = _Reading(sources)
    for node in program.nodes:
        reading.read(node)
    effects = (node for node in program.nodes if node.op is EFFECT)
    needed = (*program.outputs, *program.writes, *program.call.guards, *effects)
    results = {node: reading.values[node] for node in needed}
    for node, guards in program.call.guards.items():
        if results[node].kind != "source":  # those are looked at before anything runs
            results[node] = reading.checked(node, guards)
    numbers = [*reading.steps.numbers.values()]
    instructions = _live(reading.writer.instructions, results.values())
    return Lowered(program, instructions, results, reading.absent, numbers)


def instructions_of(
    node: Node, whole: Collection[str] = (), least: int = 2
) -> tuple[list[Instruction], dict[Any, Any], Any] | None:
    """The instructions of one node, what reads each source from the values of nodes, and the ends.

    None if it has fewer than `least`, or cannot be read. The ops named in `whole` are one
    instruction each, a `call` with the op and its static parameters in `params`.
    """
    is_linked = node.extra is not None and node.extra.is_linked and node.op is not PULL
    if node.op in (COMPUTED, OUTPUT, WRITE) or node.op.counts or is_linked:
        return None
    reading = _Reading({})
    reading.writer.whole = whole
    given: dict[Instruction, Callable[[Mapping[Node, Any]], Any]] = {}

    def source(x: Node, spec: Any, number: int | None) -> Instruction | None:
        found = None if spec is None else reading.source(x, spec)
        if found is not None:
            given[found] = partial(_part_of, x, number)
        return found

    for x in links_of(node):
        if x.op is CONSTANT and x.params[0] is None:
            reading.read(x)  # a number, on which the formula may depend
        elif isinstance(x.spec, list):
            reading.values[x] = tuple(source(x, part, k) for k, part in enumerate(x.spec))
        else:
            reading.values[x] = source(x, x.spec, None)
    reading.read(node)
    instructions, result = reading.writer.instructions, reading.values[node]
    inner = [i for i in instructions if i not in given and i.kind != "constant"]
    if len(inner) < least or any(
        i.kind == "call" and i.origin is node and i.name not in whole for i in inner[-1:]
    ):
        return None
    return instructions, given, result


def _part_of(node: Node, number: int | None, values: Mapping[Node, Any]) -> Any:
    return values[node] if number is None else values[node][number]


def _live(instructions: list[Instruction], results: Iterable[Any]) -> list[Instruction]:
    """Those that a result depends on, and all sources."""
    live = {x for x in results if x is not None}
    for instruction in reversed(instructions):
        if instruction in live:
            live.update(x for x in instruction.inputs if type(x) is Instruction)
    return [i for i in instructions if i in live or i.kind == "source"]


class _Reading:
    """The instructions of the nodes that have been read so far."""

    def __init__(self, sources: Mapping[Node, Any]) -> None:
        self.sources = sources
        self.writer = Writer()
        self.steps = Steps(self.writer, sources)
        self.absent: list[Node] = []  # sources that hold nothing
        self.has_effects = False
        self.values: dict[
            Node, Any
        ] = {}  # an instruction, or several of an op with several results

    def read(self, node: Node) -> None:
        self.writer.origin = node
        if node.op is STATE and self.sources.get(node, node) is None:
            self.values[node] = None
            self.absent.append(node)
        elif node.op is CONSTANT and node.params[0] is None:  # numbers of the trace
            self.values[node] = self.writer.constant(np.asarray(node.saved[0]))
        elif node.op is CONSTANT and is_filled_in(node.params[0], node.spec):
            self.values[node] = self.writer.constant(node.params[0])
        elif node.op in SOURCES:
            shape, dtype = (node.shape, node.dtype) if node.spec is not None else (None, None)
            self.values[node] = self.writer.add("source", node.op.name, (), (), shape, dtype)
        elif node.op is WRITE:
            (source,) = node.inputs
            self.values[node] = self.values[source] if type(source) is Node else self._plain(source)
        elif node.op is OUTPUT:
            self.values[node] = self._output(node)
        else:
            self.values[node] = self._formula(node)

    def source(self, node: Node, spec: Any) -> Instruction:
        """A source for a value that is there when a run begins."""
        self.writer.origin = node
        return self.writer.add("source", "given", (), (), *_spec(spec))

    def checked(self, node: Node, guards: Sequence[Any]) -> Instruction:
        """The value of a node, at which a layer has looked in the trace."""
        self.writer.origin, value = node, self.values[node]
        check = Check(guards)
        return self.writer.add("call", "check", (value,), (), value.shape, value.dtype, check)

    def _plain(self, value: Any) -> Instruction:
        """What a program writes that it has not computed, as None for no gradient."""
        value = constant_value(value)
        if value is None:
            return self.writer.add("constant", "None", (), (None,), None, None)
        return self.writer.constant(np.asarray(value))

    def _output(self, node: Node) -> Any:
        (source,), (index,) = node.inputs, node.params
        whole = self.values[source]
        if isinstance(whole, tuple):
            return whole[index]
        shape, dtype = _spec(node.spec)
        return self.writer.add("part", "part", (whole,), (index,), shape, dtype)

    def _formula(self, node: Node) -> Any:
        """What a node's formula gives, or a call of its function."""
        count = len(self.writer.instructions)
        try:
            found = self._run(node)
            self._check(found, node.spec)
            return tuple(map(_bare, found)) if isinstance(found, tuple) else _bare(found)
        except Exception:  # noqa: BLE001 - whatever a formula asks of its values that they lack
            self.writer.forget(count)
            return self._call(node)

    def _run(self, node: Node) -> Any:
        self.has_effects = self.has_effects or node.op is EFFECT
        if node.op is EFFECT or _is_half(node):
            raise UnsupportedError("a function that is called whole")
        if node.op is PULL:
            return self._pull(node)
        if node.op is COMPUTED:
            return self._computed(node)
        inputs = [self._value(x) for x in node.inputs]
        params = {name: mapped(self._value, p) for name, p in node.parameters().items()}
        return self._lifted(node.op.narrow(*inputs, **params))

    def _computed(self, node: Node) -> Any:
        """A plain function: the step of an optimizer, or one of our own."""
        function = node.params[0]
        if hasattr(function, "formula") and not self.has_effects:
            return self.steps.read(node, [self._value(x) for x in node.inputs])
        if not is_known(function):
            raise UnsupportedError("a function that may do anything")
        return self._lifted(function(*map(self._value, node.inputs)))

    def _pull(self, node: Node) -> Any:
        op, position, reads, specs, several = node.params
        cotangents = tuple(self._value(x) for x in node.inputs)
        g = cotangents if several else cotangents[0]
        saved = mapped(self._value, reads)
        if position is not None:
            return self._conformed(op.pulls[position][0](g, *saved), specs)
        found = op.joint[0](g, *saved)
        return tuple(
            None if new is None or spec is None else self._conformed(new, spec)
            for new, spec in zip(found, specs, strict=True)
        )

    def _conformed(self, new: Any, spec: Any) -> Any:
        return self._lifted(conform(new, SimpleNamespace(spec=spec)))  # type: ignore[arg-type]

    def _value(self, x: Any) -> Any:
        if type(x) is not Node:
            return constant_value(x)
        found = self.values[x]
        if found is None:
            return None
        if isinstance(found, tuple):
            return tuple(None if f is None else Lazy(self.writer, f) for f in found)
        return Lazy(self.writer, found)

    def _lifted(self, found: Any) -> Any:
        if isinstance(found, tuple):
            return tuple(map(self._lifted, found))
        if found is None or type(found) is Lazy:
            return found
        return Lazy(self.writer, self.writer.constant(np.asarray(found)))

    def _check(self, found: Any, spec: Any) -> None:
        """Raise if a formula gives other than the call did in the trace."""
        if isinstance(found, tuple):
            for part, own in zip(found, spec, strict=True):
                self._check(part, own)
        elif found is not None and (found.shape, found.dtype) != _spec(spec):
            raise UnsupportedError("another formula for values than for arrays")

    def _call(self, node: Node) -> Instruction:
        function, given = call_of(node)
        inputs = tuple(self._argument(x) if type(x) is Node else constant_value(x) for x in given)
        shape, dtype = _spec(node.spec)
        params = (node.spec,) if shape is None else ()
        return self.writer.add("call", _name(node), inputs, params, shape, dtype, function)

    def _argument(self, node: Node) -> Any:
        found = self.values[node]
        if not isinstance(found, tuple):
            return found
        return self.writer.add("call", "tuple", found, (node.spec,), None, None, _together)


def _together(*values: Any) -> tuple[Any, ...]:
    return values


def _bare(found: Lazy | None) -> Instruction | None:
    return None if found is None else found.instruction


def _spec(spec: Any) -> Any:
    """Shape and dtype; None of both for several results, or for what may not be there."""
    if spec is None or isinstance(spec, list):
        return None, None
    return spec if type(spec) is tuple else ((), np.dtype(spec))


def _is_half(node: Node) -> bool:
    dtypes = {x.dtype for x in (node, *node.inputs) if type(x) is Node and x.spec is not None
              and not isinstance(x.spec, list)}  # fmt: skip
    return any(type(d) in HALVES for d in dtypes)


def _name(node: Node) -> str:
    if node.op is PULL:
        return f"{node.params[0].name}.pull"
    if node.op is COMPUTED:
        function: Any = getattr(node.params[0], "func", node.params[0])
        return str(getattr(function, "__name__", type(function).__name__)).lstrip("_")
    return node.op.name
