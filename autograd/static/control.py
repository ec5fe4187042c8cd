"""Control flow in graphs: cond, case, while_loop; the subgraphs that they run."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.control.cond import cond as cond_op
from autograd.control.scan import scan as scan_op
from autograd.control.while_loop import while_loop as while_op
from autograd.engine.node import Node
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import INPUT, OUTPUT, STATE, WRITE, Op
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DTypeError,
    ShapeError,
    StateError,
)
from autograd.graph.pytree import flat, nested
from autograd.static.functions import constant, identity, logical_and
from autograd.static.graph import Graph, get_default_graph
from autograd.static.sweeps import GRADIENTS, Sweeps
from autograd.static.symbol import Operation, Symbol, as_constant, build

__all__ = [
    "CHOICE", "LOOP", "SLICES", "Subgraph", "building", "case", "cond", "ends_of", "refilled",
    "run_control", "while_loop",
]  # fmt: skip


class Subgraph:
    """Nodes that run only where control flow comes to them, from the values of their inputs on."""

    def __init__(
        self, graph: Graph, nodes: Sequence[Node], inputs: Sequence[Node], ends: Sequence[Node],
        label: str,
    ) -> None:  # fmt: skip
        self.sweeps: Any = None
        needed = graph.before(ends)
        self.nodes = [n for n in nodes if n in needed and n.op is not STATE]
        self.inputs = [*inputs]
        if any(node.op is GRADIENTS for node in self.nodes):
            self.sweeps = Sweeps(self.nodes)
        self.ends = [*ends]
        inside = {*self.nodes, *self.inputs}
        self.outside = [*dict.fromkeys(
            x for n in self.nodes for x in n.inputs if isinstance(x, Node) and x not in inside
        )]  # fmt: skip
        self.outside += [x for x in ends if x not in inside]
        for node in self.nodes:
            if node.op is WRITE:
                raise StateError(
                    f"{label}: {node.name} assigns inside of it; assign what it gives, outside: "
                    "assign(v, cond(p, lambda: new, lambda: v))"
                )


def _cond(*inputs: Any, branches: Any) -> Any:
    """The results of one of two subgraphs; sessions run it, who know how to walk."""


def _while(*inputs: Any, condition: Any, body: Any, count: int, grows: bool) -> Any:
    """The last of the loop's variables; sessions run it."""


def _scan(*inputs: Any, body: Any, carries: int, sliced: int, reverse: bool) -> Any:
    """The last carry and the slices that a subgraph gave; sessions run it."""


CHOICE, LOOP = Op(_cond, "cond", {}, outputs=0), Op(_while, "while", {}, outputs=0)
SLICES = Op(_scan, "scan", {}, outputs=0)


def run_control(node: Node, values: dict[Node, Any], walk: Callable[..., Any]) -> Any:
    """The results of a node of control flow; `walk(nodes, sweeps, values)` fills up values."""
    given = [_tensor(values[x]) if isinstance(x, Node) else _tensor(x) for x in node.inputs]

    def run(part: Subgraph, outside: dict[Node, Any], own: Sequence[Any]) -> list[Any]:
        inner = {**outside, **dict(zip(part.inputs, own, strict=True))}
        walk(part.nodes, part.sweeps, inner)
        return [_tensor(inner[x]) for x in part.ends]

    if node.op is CHOICE:
        first, second = node.params[0]
        outside = dict(zip(node.inputs[1:], given[1:], strict=True))
        found = cond_op(given[0], lambda: run(first, outside, ()), lambda: run(second, outside, ()))
        return [*found]
    if node.op is SLICES:
        body, carries, sliced, reverse = node.params
        rest = carries + sliced
        outside = dict(zip(node.inputs[rest:], given[rest:], strict=True))

        def turn(carry: Any, x: Any) -> Any:
            found = run(body, outside, [*carry, *x])
            return found[:carries], found[carries:]

        last, made = scan_op(turn, given[:carries], given[carries:rest], reverse=reverse)
        return [*last, *made]
    condition, body, count, grows = node.params
    outside = dict(zip(node.inputs[count:], given[count:], strict=True))
    if grows:  # its variables may have other shapes from turn to turn
        carry = given[:count]
        while raw(run(condition, outside, carry)[0]):
            carry = run(body, outside, carry)
        return carry
    return [*while_op(
        lambda carry: run(condition, outside, carry)[0],
        lambda carry: run(body, outside, carry), given[:count],
    )]  # fmt: skip


def _tensor(value: Any) -> Any:
    return value if type(value) in tensor_types else wrap(np.asarray(raw(value)))


@contextmanager
def building(graph: Graph) -> Iterator[Any]:
    """What is built inside: a list that is filled at the end, and what makes inputs of it."""
    found: list[Node] = []
    own: set[Node] = set()
    start = len(graph.nodes)

    def enter(spec: Any) -> Symbol:
        made = build(INPUT, (), {"held": None}, "Enter", spec)
        own.add(made.node)
        return made

    yield found, enter
    found += [node for node in graph.nodes[start:] if node not in own]


def ends_of(value: Any, label: str) -> list[Symbol]:
    """The symbols that a function gave, numbers as constants."""
    found = []
    for part in flat(value):
        if isinstance(part, Operation):
            raise ArgumentTypeError(f"{label}: its functions give symbols, not operations")
        if part is None:
            raise ArgumentTypeError(f"{label}: its functions give symbols, and this one gave None")
        found.append(part if isinstance(part, Symbol) else identity(as_constant_symbol(part)))
    return found


def as_constant_symbol(value: Any) -> Symbol:
    """A number as a symbol."""
    return constant(as_constant(value))


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str = "cond",
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """What `true_fn()` gives where `pred` is true in a run, else what `false_fn()` gives.

    What the functions build runs only where it is chosen; what they use from outside always does.
    Both give the same structure of symbols, of the same dtypes. A list of one is that symbol,
    unless `strict`. Gradients flow through what is chosen.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32, [])
    ...     y = tf.cond(x > 0, lambda: x * x, lambda: -x)
    ...     [session.run(y, {x: 3.0}), session.run(y, {x: -2.0})]
    [np.float32(9.0), np.float32(2.0)]
    """
    functions = (true_fn or fn1, false_fn or fn2)
    if not all(map(callable, functions)):
        raise ArgumentTypeError("cond: true_fn and false_fn are functions without arguments")
    if not isinstance(pred, Symbol):
        if isinstance(pred, (bool, np.bool_)):
            pred = as_constant_symbol(np.bool_(pred))
        else:
            raise ArgumentTypeError(f"cond: pred is a symbol of one truth value, not {pred!r:.60}")
    if pred.dtype.kind != "b":
        raise DTypeError(f"cond: pred is a truth value, and {pred!r} is {pred.dtype}")
    graph: Graph = pred.graph
    with graph.as_default(), graph.name_scope(name):
        results, parts = [], []
        for function in functions:
            with building(graph) as (nodes, _):
                found = function()  # type: ignore[misc]
                ends = ends_of(found, "cond")
            results.append((found, ends))
            parts.append(Subgraph(graph, nodes, (), [s.node for s in ends], name))
        specs = _joined(results, name)
        if not specs:
            raise ArgumentError(f"{name}: true_fn and false_fn give no symbol")
        outside = [*dict.fromkeys(x for part in parts for x in part.outside)]
        sources = [pred, *(Symbol(x, graph) for x in outside)]
        made = build(CHOICE, sources, {"branches": (*parts,)}, "Merge", specs[0])
        return _unpacked(made, results[0][0], specs, strict)


def _joined(results: Any, name: str) -> list[Any]:
    """The shapes and dtypes of what both functions of a cond give."""
    (_, first), (_, second) = results
    if len(first) != len(second):
        raise ArgumentError(f"{name}: true_fn gives {len(first)} symbols, false_fn {len(second)}")
    specs: list[Any] = []
    for a, b in zip(first, second, strict=True):
        if a.dtype != b.dtype:
            raise DTypeError(f"{name}: true_fn gives {a!r}, and false_fn {b!r}: cast one of them")
        shapes = a.node.shape, b.node.shape
        if None in shapes or len(shapes[0]) != len(shapes[1]):
            specs.append((None, a.dtype))
        else:
            known = [m if m == n else None for m, n in zip(*shapes, strict=True)]
            specs.append(((*known,), a.dtype))
    return specs


def _unpacked(made: Symbol, like: Any, specs: Sequence[Any], strict: bool = True) -> Any:
    """The results of a node as symbols, in the structure that a function gave."""
    found = refilled(
        like, [build(OUTPUT, (made,), {"index": i}, "out", s) for i, s in enumerate(specs)]
    )
    return found[0] if not strict and isinstance(found, list) and len(found) == 1 else found


def case(
    pred_fn_pairs: Any, default: Callable[[], Any] | None = None, exclusive: bool = False,
    strict: bool = False, name: str = "case",
) -> Any:  # fmt: skip
    """What the function of the first true predicate gives, else what `default()` does.

    Without a default the last function is taken where none is true.
    """
    pairs = [*(pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs)]
    if default is None:
        if not pairs:
            raise ArgumentError("case: give pairs of a predicate and a function, or a default")
        default = pairs.pop()[1]
    function = default
    for pred, chosen in reversed(pairs):
        function = _nest(pred, chosen, function, strict, name)
    return function()


def _nest(pred: Any, chosen: Any, rest: Any, strict: bool, name: str) -> Callable[[], Any]:
    return lambda: cond(pred, chosen, rest, strict, name)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str = "while",
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """`loop_vars = body(*loop_vars)` while `cond(*loop_vars)` is true in a run; their last values.

    The loop's variables keep their dtypes, and their shapes unless `shape_invariants` are given,
    as for one that grows; such a loop is walked at every run. Gradients flow through the turns that
    a run makes. A list of one variable gives that symbol, unless `return_same_structure`.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     n = tf.placeholder(tf.int32, [])
    ...     _, total = tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), [0, 0])
    ...     session.run(total, {n: 5})
    np.int32(10)
    """
    if not isinstance(loop_vars, (list, builtins.tuple)) or not loop_vars:
        raise ArgumentTypeError("while_loop: loop_vars is a list of symbols or numbers")
    graph = next((x.graph for x in flat(loop_vars) if isinstance(x, Symbol)), get_default_graph())
    limit = maximum_iterations
    if limit is not None:
        found = while_loop(
            lambda i, own: logical_and(i < limit, cond(*own)), lambda i, own: (i + 1, body(*own)),
            [0, loop_vars], name=name,
        )[1]  # fmt: skip
        return found[0] if len(found) == 1 and not return_same_structure else found
    with graph.as_default(), graph.name_scope(name):
        firsts = ends_of(loop_vars, "while_loop")
        specs = [(_open(s, shape_invariants), s.dtype) for s in firsts]
        turns: list[Subgraph] = []
        for function in (cond, body):
            with building(graph) as (nodes, enter):
                own = [enter(spec) for spec in specs]
                ends = ends_of(function(*refilled(loop_vars, own)), "while_loop")
            turns.append(
                Subgraph(graph, nodes, [s.node for s in own], [s.node for s in ends], name)
            )
        _check_turn(specs, turns, own)
        outside = [*dict.fromkeys(x for part in turns for x in part.outside)]
        params = {
            "condition": turns[0], "body": turns[1], "count": len(firsts),
            "grows": shape_invariants is not None,
        }  # fmt: skip
        sources = [*firsts, *(Symbol(x, graph) for x in outside)]
        made = build(LOOP, sources, params, "Exit", specs[0])
        return _unpacked(made, [*loop_vars], specs, return_same_structure)


def refilled(like: Any, values: Iterable[Any]) -> Any:
    """The structure of `like` around other leaves."""
    rest = iter(values)
    return nested(lambda _: next(rest), like)


def _open(first: Symbol, invariants: Any) -> Any:
    """The shape that a variable of a loop is built with."""
    return first.node.shape if invariants is None else None


def _check_turn(specs: Any, turns: Any, own: Any) -> None:
    condition, body = turns
    (asked,) = condition.ends if len(condition.ends) == 1 else (None,)
    if asked is None or asked.dtype.kind != "b" or asked.shape not in ((), None):
        raise ArgumentTypeError("while_loop: cond gives one symbol of a truth value")
    if len(body.ends) != len(specs):
        raise ArgumentError(
            f"while_loop: body gives {len(body.ends)} values for {len(specs)} loop_vars"
        )
    for i, (end, (shape, dtype)) in enumerate(zip(body.ends, specs, strict=True)):
        if end.dtype != dtype:
            raise DTypeError(
                f"while_loop: loop_vars[{i}] is {dtype}, and body makes it {end.dtype}"
            )
        if None not in (shape, end.shape) and len(shape) != len(end.shape):
            raise ShapeError(
                f"while_loop: loop_vars[{i}] is {shape}, and body makes it {end.shape}"
            )
