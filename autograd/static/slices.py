"""Loops over slices: scan, map_fn, foldl and foldr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.engine.row import OUTPUT
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.graph.pytree import flat, nested
from autograd.static.control import SLICES, Subgraph, building, ends_of, refilled
from autograd.static.functions import concat, constant, expand_dims
from autograd.static.graph import get_default_graph
from autograd.static.symbol import Symbol, build
from autograd.static.types import dtype_of

__all__ = ["foldl", "foldr", "looped", "map_fn", "scan"]


def looped(
    turn: Callable[[Any, Any], tuple[Any, Any]], init: Any, elems: Any, reverse: bool, name: str
) -> tuple[Any, Any]:
    """The last carry and the stacked ys of `carry, y = turn(carry, x)` over the slices of elems."""
    firsts, slices = ends_of(init, name), ends_of(elems, name)
    graph = next((x.graph for x in (*firsts, *slices)), get_default_graph())
    for x in slices:
        if x.node.shape is None or not x.node.shape:
            raise ShapeError(f"{name}: {x!r} has no axis to be sliced along")
    lengths = {x.node.shape[0] for x in slices} - {None}
    if len(lengths) > 1:
        raise ShapeError(f"{name}: the first axes differ: {', '.join(map(str, lengths))}")
    with graph.as_default(), graph.name_scope(name):
        specs: list[Any] = [(x.node.shape, x.dtype) for x in firsts]
        specs += [(x.node.shape[1:], x.dtype) for x in slices]
        with building(graph) as (nodes, enter):
            own = [enter(spec) for spec in specs]
            carry, x = refilled(init, own), refilled(elems, own[len(firsts) :])
            carry, y = turn(carry, x)
            news, ys = ends_of(carry, name), ends_of(y, name)
        _check(firsts, news, name)
        ends = [s.node for s in (*news, *ys)]
        body = Subgraph(graph, nodes, [s.node for s in own], ends, name)
        length = lengths.pop() if lengths else None
        results: list[Any] = [(s.node.shape, s.dtype) for s in firsts]
        results += [
            (None if s.node.shape is None else (length, *s.node.shape), s.dtype) for s in ys
        ]
        sources = [*firsts, *slices, *(Symbol(n, graph) for n in body.outside)]
        made = build(SLICES, sources, {
            "body": body, "carries": len(firsts), "sliced": len(slices), "reverse": reverse,
        }, "Exit", results[0])  # fmt: skip
        parts = [
            build(OUTPUT, (made,), {"index": i}, "out", spec) for i, spec in enumerate(results)
        ]
        return refilled(init, parts), refilled(y, parts[len(firsts) :])


def _stacked(shape: Any, length: int | None) -> Any:
    return None if shape is None else (length, *shape)


def _check(firsts: Sequence[Symbol], news: Sequence[Symbol], name: str) -> None:
    if len(firsts) != len(news):
        raise ArgumentError(f"{name}: fn gives {len(news)} values, and {len(firsts)} are carried")
    for first, new in zip(firsts, news, strict=True):
        if first.dtype != new.dtype:
            raise DTypeError(f"{name}: {first!r} is carried, and fn gives {new.dtype}: cast it")


def scan(
    fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None,
    parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
    infer_shape: bool = True, reverse: bool = False, name: str = "scan",
) -> Any:  # fmt: skip
    """All values of `a = fn(a, x)` over the slices x of `elems`, stacked, from `initializer` on.

    Without one it begins as the first slice, which is the first of the values then. Gradients flow.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     session.run(tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3]), 0))
    array([1, 3, 6], dtype=int32)
    """

    def turn(a: Any, x: Any) -> tuple[Any, Any]:
        new = fn(a, x)
        return new, new

    if initializer is not None:
        return looped(turn, initializer, elems, reverse, name)[1]
    at, rest = (-1, slice(None, -1)) if reverse else (0, slice(1, None))
    elems = nested(_symbol, elems)
    first = nested(lambda x: x[at], elems)
    made = looped(turn, first, nested(lambda x: x[rest], elems), reverse, name)[1]
    pairs = [
        concat([y, expand_dims(x, 0)] if reverse else [expand_dims(x, 0), y], 0)
        for x, y in zip(flat(first), flat(made), strict=True)
    ]  # fmt: skip
    return refilled(made, pairs)


def map_fn(
    fn: Callable[[Any], Any], elems: Any, dtype: Any = None, parallel_iterations: int = 10,
    back_prop: bool = True, swap_memory: bool = False, infer_shape: bool = True,
    name: str = "map",
) -> Any:  # fmt: skip
    """`fn(x)` of each slice of `elems` along the first axis, stacked. `dtype` is what fn gives.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     session.run(tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3])))
    array([1, 4, 9], dtype=int32)
    """
    made = looped(lambda _, x: ((), fn(x)), (), nested(_symbol, elems), False, name)[1]
    wanted = [x.dtype for x in flat(nested(_symbol, elems))] if dtype is None else flat(dtype)
    for y, kind in zip(flat(made), wanted, strict=False):
        if y.dtype != dtype_of(kind):
            raise DTypeError(
                f"{name}: fn gives {y.dtype}, not {dtype_of(kind)}: dtype= says what it gives"
            )
    return made


def _fold(name: str, reverse: bool) -> Callable[..., Any]:
    def fold(
        fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None,
        parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
        name: str = name,
    ) -> Any:  # fmt: skip
        elems = nested(_symbol, elems)
        if initializer is None:
            at, rest = (-1, slice(None, -1)) if reverse else (0, slice(1, None))
            initializer = nested(lambda x: x[at], elems)
            elems = nested(lambda x: x[rest], elems)
        return looped(lambda a, x: (fn(a, x), ()), initializer, elems, reverse, name)[0]

    fold.__name__ = fold.__qualname__ = name
    where = "last" if reverse else "first"
    fold.__doc__ = f"The last value of `a = fn(a, x)` over slices, from the {where} one on."
    return fold


foldl, foldr = _fold("foldl", False), _fold("foldr", True)


def _symbol(x: Any) -> Symbol:
    if isinstance(x, Symbol):
        return x
    if callable(x):
        raise ArgumentTypeError(f"elems are symbols or arrays, not {x!r:.60}")
    return constant(x)
