"""A function becomes a Body: traced on examples, with what it closes over as operands too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.control.draws import source_of_draws, unpacked
from autograd.engine.modes import current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import alias, wrap
from autograd.engine.row import COMPUTED, CONSTANT, DRAW, INPUT, WRITE, Op
from autograd.errors import TraceError
from autograd.graph.body import Body
from autograd.graph.call import links_of
from autograd.graph.naming import HELD
from autograd.program.capture import ProgramCapture

__all__ = ["BodyCapture", "Traced", "traced"]


class Traced(NamedTuple):
    """A Body, what it closes over, and the random numbers that one call of it draws."""

    body: Body
    closed: tuple[Any, ...]  # the operands before those of the function
    sites: tuple[Any, ...]  # what draws; their numbers are one more operand, if there are any
    width: int  # bytes of these numbers

    @property
    def specs(self) -> list[tuple[tuple[int, ...], np.dtype[Any]]]:
        """Shape and dtype of each output."""
        return [(node.shape, node.dtype) for node in self.body.outputs]


class BodyCapture(ProgramCapture):
    """The nodes of a function, with the operands along which gradients flow."""

    # What to do about a function that writes, or that looks at a value, which is another one later.
    of_writes = (
        "in a program it may not: hand the state in as a part of the carry or of the operands, "
        "return its new value, and write it outside (buffers of layers in training mode, .grad and "
        "steps of optimizers too)"
    )
    of_looks = (
        "another turn may find another value there: check it before, or leave that layer outside"
    )

    def __init__(self) -> None:
        super().__init__()
        self.flows: dict[Node, tuple[bool, ...]] = {}
        self._outside: list[Any] = []  # Tensors of graphs outside, which a sweep makes and drops

    def _hold(self, found: Any) -> Node:
        if _on_tape(found):
            self._outside.append(found)
        return super()._hold(found)

    def example(self, x: Any) -> Any:
        """A Tensor of the shape and dtype of an operand, along which gradients flow."""
        return _example(x)

    def call(
        self, record: Any, op: Op, inputs: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        before, records = len(self.nodes), current_mode().records
        flows = tuple(records and _on_tape(x) for x in inputs)
        result = super().call(record, op, inputs, params)
        for node in self.nodes[before:]:
            if node.op is op:
                self.flows.setdefault(node, flows)  # a call with a Batch holds the one that ran
        return result


def _on_tape(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_on_tape, x))
    return type(x) in tensor_types and x._node is not None


def traced(
    function: Callable[..., Sequence[Any]],
    examples: Sequence[Any],
    what: str,
    names: Sequence[str] = (),
    bake: bool = False,
    capture: BodyCapture | None = None,
) -> Traced:
    """Trace `function(*examples)`, which gives a flat sequence of Tensors, as a Body.

    The values of the examples mean nothing; they are called `names`. `bake` keeps what the function
    closes over as constants.
    """
    capture = BodyCapture() if capture is None else capture
    with capture, np.errstate(all="ignore"):
        mode = current_mode()  # of the sweep that asks for a rule
        set_mode(mode.replace(watches=tuple(w for w in mode.watches if w.sees_bodies)))
        called = [*names, *(f"input {i}" for i in range(len(names), len(examples)))]
        firsts = [capture.example(x) for x in examples]
        twins = [capture.input(x, name) for x, name in zip(firsts, called, strict=True)]
        inputs = list(capture.nodes)
        for node in inputs:
            node.params = (None,)  # the example itself is no part of it
        # results that were made inside, and written into, are no state of anybody's: see `finish`
        found = [alias(y) if type(y) in tensor_types else wrap(np.asarray(y))
                 for y in function(*twins)]  # fmt: skip
        outputs = [capture.node_of(y) for y in found]
        del twins
        held = capture.finish()
    _refuse(capture, what)
    nodes = _needed(capture.nodes, outputs)
    closed, operands = _closed(nodes, bake)
    del found, held
    draws = [node for node in nodes if node.op is DRAW]
    sites, width, drawn = _sites(draws)
    body = Body([*inputs, *drawn, *(n for n in nodes if n not in inputs)],
                [*closed, *inputs, *drawn], outputs,
                {n: f for n, f in capture.flows.items() if True in f})  # fmt: skip
    return Traced(body, operands, sites, width)


def _example(x: Any) -> Any:
    value = raw(x)
    twin = wrap(np.array(value) if np.ndim(value) else value)
    return twin.requires_grad_() if value.dtype.kind in "fc" else twin


def _needed(nodes: Sequence[Node], outputs: Sequence[Node]) -> list[Node]:
    found = dict.fromkeys([*outputs, *(node for node in nodes if node.op is DRAW)])
    for node in (stack := list(found)):  # while it grows
        for source in links_of(node):
            if source not in found:
                found[source] = None
                stack.append(source)
    return [node for node in nodes if node in found]


def _closed(nodes: Sequence[Node], bake: bool) -> tuple[list[Node], tuple[Any, ...]]:
    """The nodes of what is there outside of the function, and these Tensors and arrays."""
    found, operands = [], []
    for node in nodes:
        if node.op not in HELD:
            continue
        outside = node.params[0]
        if outside is None or bake:
            node.saved = (raw(outside),) if outside is not None else node.saved
            node.op, node.params = CONSTANT, (None,)
        else:
            node.op, node.params, node.saved = INPUT, (None,), ()
            found.append(node)
            operands.append(outside)
    return found, tuple(operands)


def _sites(draws: list[Node]) -> tuple[tuple[Any, ...], int, list[Node]]:
    """What draws, and the nodes turned to parts of an operand that holds all their numbers."""
    if not draws:
        return (), 0, []
    bytes_of = [int(np.prod(n.shape, dtype=int)) * n.dtype.itemsize for n in draws]
    sites = tuple(node.params[1].args for node in draws)
    source = source_of_draws(sum(bytes_of))
    start = 0
    for node, count in zip(draws, bytes_of, strict=True):
        part = partial(unpacked, start=start, shape=node.shape, dtype=node.dtype)
        node.op, node.saved = COMPUTED, ()
        node.inputs, node.params = (source,), (part,)
        start += count
    return sites, start, [source]


def _refuse(capture: BodyCapture, what: str) -> None:
    writes = [node for node in capture.nodes if node.op is WRITE]
    if writes or capture.effects or capture.presence or capture.options:
        name = next((n.name or "a Tensor" for n in writes if n.inputs), "state of Python's own")
        line = next((f" at {n.where}" for n in writes if n.where), "")
        raise TraceError(f"{what}: what is inside writes {name}{line}, and {capture.of_writes}")
    for guard in (guard for guards in capture.guards.values() for guard in guards):
        place = f" at {guard.where}" if guard.where else ""
        raise TraceError(f"{what}: Python looks at {guard.what}{place}, and {capture.of_looks}")
    for refused in capture.refused:
        place = f" at {refused.where}" if refused.where else ""
        raise TraceError(f"{what}: no program holds {refused.what}{place}")
