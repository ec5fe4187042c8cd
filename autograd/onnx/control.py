"""Control flow: cond as If, scan as Scan, while_loop as Loop, and the rules of their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.control.cond import COND, rules_of_cond
from autograd.control.scan import SCAN, rule_of_scan, slopes_of_scan
from autograd.control.while_loop import WHILE
from autograd.engine.node import Node, constant_value
from autograd.engine.row import INPUT
from autograd.errors import ExportError
from autograd.graph.body import Body
from autograd.onnx.sizes import together
from autograd.onnx.values import Value

__all__ = ["CONTROL", "write_control", "write_pull"]

CONTROL = (COND, SCAN, WHILE)
Write = Callable[[Sequence[Body], Sequence[Any]], list[Value]]  # bodies of all traces, operands


def bodies_written(b: Any, write_node: Any, asked: Any) -> Write:
    """What writes a body, by what writes a node."""

    def write(bodies: Any, operands: Sequence[Any]) -> list[Value]:
        first = bodies[0]
        if len({tuple(n.op.name for n in body.nodes) for body in bodies}) > 1:
            raise ExportError("the function inside does other things at another length")
        b.asked |= asked(first.nodes)
        values = {n: b.constant(x, n.dtype) for n, x in zip(first.inputs, operands, strict=True)}
        for same in zip(*(body.nodes for body in bodies), strict=True):
            if same[0] not in values and same[0].op is not INPUT:
                values[same[0]] = write_node(b, same, values)
        ends = zip(*(body.outputs for body in bodies), strict=True)
        return [_fitting(b, values[same[0]], same) for same in ends]

    return write


def _fitting(b: Any, x: Any, same: Sequence[Node]) -> Value:
    shape = together([n.shape for n in same], "a shape")
    return b.expand(b.constant(x, same[0].dtype), shape)


def _specs(same: Sequence[Node]) -> list[Any]:
    """Shape and dtype of each result, over all traces."""
    own = zip(*(n.spec for n in same), strict=True)
    full = [[s if type(s) is tuple else ((), np.dtype(s)) for s in specs] for specs in own]
    return [(together([s[0] for s in f], "a shape"), f[0][1]) for f in full]


def write_control(b: Any, same: Sequence[Node], inputs: Sequence[Any], write: Write) -> Any:
    """What an instruction of control flow gives."""
    params = [n.parameters() for n in same]
    own, op = params[0], same[0].op
    if op is COND:
        pairs = list(zip(*(p["bodies"] for p in params), strict=True))
        return _if(b, inputs, pairs, own["takes"], _specs(same), write)
    bodies = [p["body"] for p in params]
    if op is WHILE:
        asks = [p["condition"] for p in params]
        asked, closed = inputs[: own["asked"]], inputs[own["asked"] :][: own["closed"]]
        carry = [b.constant(x, n.dtype) for x, n in zip(
            inputs[own["asked"] + own["closed"] :], bodies[0].outputs, strict=True)]  # fmt: skip
        return _while(b, asks, bodies, asked, closed, carry, write)
    count = len(bodies[0].outputs)
    keeps = own["keeps"] and b.is_asked(same[0], count)
    length = together([p["length"] for p in params], "a number of turns")
    found = _scan(b, bodies, inputs, own["carries"], own["sliced"], length, own["reverse"], keeps,
                  write)  # fmt: skip
    return (*found, *[None] * (len(same[0].spec) - len(found)))


def _if(b: Any, inputs: Sequence[Any], bodies: Any, takes: Any, specs: Any, write: Write) -> Any:
    chosen = b.cast(inputs[0], bool)
    graphs = {}
    for name, own, at in zip(("then_branch", "else_branch"), bodies, takes, strict=True):
        operands = [inputs[i] for i in at]
        graphs[name] = b.graph(name, [], lambda own=own, given=operands: write(own, given))
    names = b.node("If", [chosen], len(specs), **graphs)
    return tuple(Value(b, n, s, d) for n, (s, d) in zip(names, specs, strict=True))


def _scan(b: Any, bodies: Any, inputs: Any, carries: int, sliced: int, length: Any, reverse: bool,
          keeps: bool, write: Write) -> Any:  # fmt: skip
    nodes = bodies[0].inputs
    given = [b.constant(x, n.dtype) for x, n in zip(inputs[len(inputs) - carries - sliced :],
             nodes[len(nodes) - carries - sliced :], strict=True)]  # fmt: skip
    closed = [b.operand(x) for x in inputs[: len(inputs) - carries - sliced]]
    carry, xs = given[:carries], given[carries:]
    if type(length) is int and length == 0:
        kinds = [*bodies[0].outputs[carries:], *(bodies[0].outputs[:carries] if keeps else ())]
        empty = [b.constant(np.zeros((0, *n.shape), n.dtype)) for n in kinds]
        return (*carry, *empty)

    def turn(state: Any, own: Any) -> Any:
        found = write(bodies, [*closed, *state, *own[:sliced]])
        before = state if keeps else []
        return found[:carries], [*found[carries:], *before]

    ends, made = b.scan(turn, carry, xs or [b.arange(length)], reverse)
    return (*ends, *made)


def _while(b: Any, asks: Any, bodies: Any, asked: Any, closed: Any, carry: list[Value],
           write: Write) -> Any:  # fmt: skip
    """The last carry, and how many turns there were."""

    def is_on(state: Sequence[Value]) -> Value:
        return b.cast(write(asks, [*asked, *state])[0], bool)

    def turn(_: Value, state: Sequence[Value]) -> Any:
        new = write(bodies, [*closed, *state[1:]])
        return is_on(new), [state[0] + np.int64(1), *new], []

    first = [b.constant(np.int64(0)), *carry]
    (turns, *ends), _ = b.loop(turn, None, is_on(carry), first)
    return (*ends, turns)


# ---- gradients -----------------------------------------------------------------------------------


def write_pull(b: Any, same: Sequence[Node], values: Any, write: Write) -> Any:
    """What the rule of an instruction of control flow gives for its operands."""
    op, _, reads, specs, _ = same[0].params
    g = [_read(x, values) for x in same[0].inputs]
    every = [n.params[2] for n in same]
    if op is COND:
        found = _pull_cond(b, g, every, values, write)
    elif op is SCAN:
        _, _, _, carries, sliced, length, reverse = reads
        length = together([r[5] for r in every], "a number of turns")
        given, out = ([_read(x, values) for x in part] for part in reads[:2])
        bodies = [r[2] for r in every]
        found = _pull_scan(b, g, given, out, bodies, carries, sliced, length, reverse, write)
    else:
        found = _pull_while(b, g, every, values, write)
    return tuple(None if s is None else x for s, x in zip(specs, found, strict=True))


def _read(x: Any, values: Any) -> Any:
    return values[x] if type(x) is Node else constant_value(x)


def _pull_cond(b: Any, g: Any, every: Any, values: Any, write: Write) -> Any:
    _, bodies, takes = every[0]
    slopes = [x for x, n in zip(g, bodies[0].outputs, strict=True) if n.dtype.kind in "fc"]
    rules = []
    for nodes, own, _ in every:
        shown = [x if type(x) is Node else np.asarray(constant_value(x)) for x in nodes]
        wanted, rule, its = rules_of_cond(shown, len(slopes), own, takes, False)
        rules.append(rule)
    inputs = [_read(x, values) for x in every[0][0]]
    ends = list(zip(*(rule[0].outputs for rule in rules), strict=True))
    specs = [(together([n.shape for n in own], "a shape"), own[0].dtype) for own in ends]
    found = iter(_if(b, [*inputs, *slopes], list(zip(*rules, strict=True)), its, specs, write))
    return [next(found) if i in wanted else None for i in range(len(inputs))]


def _pull_scan(b: Any, g: Any, values: Any, out: Any, bodies: Any, carries: int, sliced: int,
               length: Any, reverse: bool, write: Write) -> Any:  # fmt: skip
    rules = [rule_of_scan(body, carries, sliced, False) for body in bodies]

    def turned(back: Sequence[Any], ends: int, rows: int) -> Any:
        return _scan(b, rules, list(back), ends, rows, length, not reverse, False, write)

    return slopes_of_scan(g, values, out, bodies[0], carries, sliced, turned,
                          lambda x: _zeros_like(b, x))  # fmt: skip


def _pull_while(b: Any, g: Any, every: Any, values: Any, write: Write) -> Any:
    """The turns that were made once more, keeping each carry; then back through them."""
    read, finals, _, body, asked, closed = every[0]
    bodies, turns = [r[3] for r in every], _read(finals[-1], values)
    given = [_read(x, values) for x in read][asked:]
    outside, carry = given[:closed], given[closed:]
    carry = [b.constant(x, n.dtype) for x, n in zip(carry, body.outputs, strict=True)]

    def again(_: Value, state: Sequence[Value]) -> Any:
        return b.constant(np.True_), write(bodies, [*outside, *state]), list(state)

    def turned(back: Sequence[Any], ends: int, rows: int) -> Any:
        given = [b.operand(x) for x in back]
        start, rest = len(given) - ends - rows, [n.dtype for n in rules[0].inputs]
        first = [x.astype(d) for x, d in zip(given[start:], rest[start:], strict=True)]

        def turn(number: Value, state: Sequence[Value]) -> Any:
            own = [_slice(b, x, turns - number - np.int64(1)) for x in first[ends:]]
            return b.constant(np.True_), write(rules, [*given[:start], *state, *own]), []

        return b.loop(turn, turns, b.constant(np.True_), first[:ends])[0]

    ends, before = b.loop(again, turns, b.constant(np.True_), carry)
    rules = [rule_of_scan(body, len(carry), 0, False) for body in bodies]
    floats = [n.dtype.kind in "fc" for n in body.outputs]
    slopes = [x if f else None for x, f in zip(g[:-1], floats, strict=True)]
    zeros = [x * b.constant(0, x.dtype) if f else None for x, f in zip(before, floats, strict=True)]
    every_g, out = [*slopes, *zeros], [*ends, *before]
    return [*[None] * asked, *slopes_of_scan(every_g, given, out, body, len(carry), 0, turned,
                                             lambda x: _zeros_like(b, x))]  # fmt: skip


def _slice(b: Any, x: Value, number: Value) -> Value:
    return b.op("Gather", x, number, shape=x.shape[1:], dtype=x.dtype, axis=0)


def _zeros_like(b: Any, x: Any) -> Value:
    x = b.operand(x)
    return b.expand(b.constant(0, x.dtype), x.shape)
