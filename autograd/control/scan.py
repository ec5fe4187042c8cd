"""scan: a function carried over the slices of arrays; its gradient is a scan the other way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.control.draws import drawn_for
from autograd.control.run import blank, floats, on_arrays, on_tensors, pullback
from autograd.control.structure import (
    as_tensor,
    check_alike,
    check_called,
    filled,
    is_wider,
    named,
    paired,
)
from autograd.control.trace import traced
from autograd.engine.modes import capturing, current_mode
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd.graph.body import Body
from autograd.ops.shape.join import stack, unstack

__all__ = ["SCAN", "d_scan", "rule_of_scan", "scan", "slopes_of_scan"]


def _scan(
    *values: Any, body: Body, carries: int, sliced: int, length: int, reverse: bool, keeps: bool
) -> tuple[Any, ...]:
    """The last carry, the slices that were given, and with `keeps` the carry before each turn."""
    closed = values[: len(values) - carries - sliced]
    carry = values[len(closed) : len(closed) + carries]
    xs = values[len(closed) + carries :]
    run = on_arrays(body)
    made = [np.empty((length, *n.shape), n.dtype) for n in body.outputs[carries:]]
    before = [np.empty((length, *n.shape), n.dtype) for n in body.outputs[:carries] if keeps]
    for i in range(length - 1, -1, -1) if reverse else range(length):
        for slices, value in zip(before, carry, strict=False):
            slices[i] = value
        found = run([*closed, *carry, *[x[i] for x in xs]])
        carry = found[:carries]
        for slices, value in zip(made, found[carries:], strict=True):
            slices[i] = value
    mine = {id(x) for x in values}
    carry = tuple(np.array(x) if id(x) in mine and np.ndim(x) else x for x in carry)
    return (*map(_own, carry), *made, *before)


def _own(value: Any) -> Any:
    return value if isinstance(value, (np.ndarray, np.generic)) else np.asarray(value)


def d_scan(
    g: Any, values: Any, out: Any, body: Body, carries: int, sliced: int, length: int,
    reverse: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """A scan from the last turn to the first, whose carry are cotangents of carry and operands."""
    smooth = any(type(x) in tensor_types for x in (*g, *values))
    rule = rule_of_scan(body, carries, sliced, smooth)
    run = SCAN.record if smooth else SCAN.forward

    def turned(back: Sequence[Any], ends: int, rows: int) -> Any:
        keeps = smooth and current_mode().records
        return run(*back, body=rule, carries=ends, sliced=rows, length=length,
                   reverse=not reverse, keeps=keeps)  # fmt: skip

    return slopes_of_scan(g, values, out, body, carries, sliced, turned)


def slopes_of_scan(
    g: Any, values: Any, out: Any, body: Body, carries: int, sliced: int,
    turned: Callable[[Sequence[Any], int, int], Any],
    zeros_like: Callable[[Any], Any] | None = None,
) -> tuple[Any, ...]:  # fmt: skip
    """What the operands of a scan get; `turned(operands, carries, sliced)` runs it in reverse."""
    count, ends = len(values), [n.dtype.kind in "fc" for n in body.outputs]
    start = count - carries - sliced
    is_float = floats(body)
    closed, xs = values[:start], values[start + carries :]
    before = out[len(body.outputs) :]
    g_carry = _chosen(g[:carries], ends)
    g_made = _chosen(g[carries : len(ends)], ends[carries:])
    g_before = _chosen(g[len(ends) :], ends)
    zeros = zeros_like or _zeros_like
    sums = [zeros(x) for x, f in zip(closed, is_float, strict=False) if f]
    back = (*closed, *g_carry, *sums, *before, *xs, *g_made, *g_before)
    carried = len(g_carry) + len(sums)
    found = list(turned(back, carried, len(back) - start - carried))
    g_carry, found = found[: len(g_carry)], found[len(g_carry) :]
    sums, g_xs = found[: len(sums)], found[len(sums) :]
    slopes = iter([*sums, *g_carry, *g_xs])
    return tuple(next(slopes) if f else None for f in is_float)


def _chosen(values: Sequence[Any], which: Sequence[bool]) -> list[Any]:
    return [x for x, chosen in zip(values, which, strict=False) if chosen]


def _zeros_like(x: Any) -> Any:
    zero = np.zeros(np.shape(raw(x)), x.dtype)
    return zero if zero.ndim else zero[()]


def rule_of_scan(body: Body, carries: int, sliced: int, smooth: bool) -> Body:
    """One turn of the scan that goes back."""
    key = f"back {carries} {sliced} {smooth}"
    return body.made(key, lambda: _turn_back(body, carries, sliced, smooth))  # type: ignore[no-any-return]


def _turn_back(body: Body, carries: int, sliced: int, smooth: bool) -> Body:
    rule, is_float = pullback(body, smooth), floats(body)
    start = len(body.inputs) - carries - sliced
    specs = {
        "closed": body.inputs[:start],
        "g_carry": [n for n in body.outputs[:carries] if n.dtype.kind in "fc"],
        "sums": [n for n, f in zip(body.inputs[:start], is_float, strict=False) if f],
        "operands": body.inputs[start:],
        "g_made": [n for n in body.outputs[carries:] if n.dtype.kind in "fc"],
        "g_before": [n for n in body.outputs[:carries] if n.dtype.kind in "fc"],
    }

    def turn(*given: Any) -> list[Any]:
        parts, rest = {}, iter(given)
        for name, nodes in specs.items():
            parts[name] = [next(rest) for _ in nodes]
        found = on_tensors(
            rule, [*parts["closed"], *parts["operands"], *parts["g_carry"], *parts["g_made"]]
        )
        count = len(parts["sums"])
        slopes = found[count : count + len(parts["g_carry"])]
        return [
            *[a + b for a, b in zip(slopes, parts["g_before"], strict=True)],
            *[a + b for a, b in zip(parts["sums"], found[:count], strict=True)],
            *found[count + len(parts["g_carry"]) :],
        ]

    examples = [blank(node) for nodes in specs.values() for node in nodes]
    return traced(turn, examples, "the gradient of scan", bake=True).body


SCAN = Op(_scan, "scan", {}, joint=d_scan, outputs=0)
SCAN.record = recorder(SCAN)


def scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Carry a value over the slices of `xs` along their first axis: `carry, y = f(carry, x)`.

    `init` is the first carry, and `xs` what is sliced: Tensors, arrays and numbers, in tuples,
    lists and dicts; without xs, `length` says how many turns there are. The carry keeps its
    structure, shapes and dtypes. The result is (the last carry, the ys stacked), as of
    `jax.lax.scan`; `reverse` begins at the last slice. Gradients of every order flow to init, xs
    and to all Tensors that f uses besides. In a traced call it is one instruction, and so is its
    gradient; otherwise f runs turn by turn.

    Shape: x of f is a slice of xs, (T, ...) -> (...); ys are (T, ...).

    >>> import autograd as ag
    >>> total, sums = ag.scan(lambda c, x: (c + x, c + x), 0.0, ag.Tensor([1.0, 2.0, 3.0]))
    >>> sums
    Tensor([1., 3., 6.], dtype=float32)
    """
    check_called(f, "scan: f", "f(carry, x)", 2)
    first = filled(init, iter([as_tensor(x, f"scan: {n}") for n, x in named(init, "init")]))
    slices = [as_tensor(x, f"scan: {n}") for n, x in named(xs, "xs")]
    turns = _turns(slices, [n for n, _ in named(xs, "xs")], length)
    weak = [isinstance(x, (bool, int, float, complex)) for _, x in named(init, "init")]
    if capturing() is not None or not turns:
        return _as_one(f, first, slices, xs, turns, reverse, weak)
    return _turn_by_turn(f, first, slices, xs, turns, reverse, weak)


def _turns(slices: Sequence[Any], names: Sequence[str], length: Any) -> int:
    if length is not None and (isinstance(length, bool) or not hasattr(length, "__index__")):
        raise ArgumentTypeError(f"scan: length is a whole number, not {length!r:.60}")
    counts = {} if length is None else {"length": int(length)}
    for name, x in zip(names, slices, strict=True):
        if not x.ndim:
            raise ShapeError(f"scan: {name} has no axis to be sliced along")
        counts[name] = x.shape[0]
    if not counts:
        raise ArgumentError("scan: without xs, length says how many turns there are")
    if len({*counts.values()}) > 1:
        shown = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise ShapeError(f"scan: the first axes differ: {shown}")
    found = next(iter(counts.values()))
    if found < 0:
        raise ArgumentError(f"scan: length is not negative: {found}")
    return found


def _split(found: Any, carry: Any, weak: list[bool]) -> tuple[list[Any], Any, Any]:
    """What f returned, checked against the carry that it was given."""
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise ArgumentTypeError(
            f"scan: f returns a pair, (carry, y), and not {type(found).__name__}; without y, None"
        )
    news = []
    pairs = list(paired(carry, found[0], "carry", "scan"))
    for (name, old, new), is_weak in zip(pairs, weak, strict=True):
        new = as_tensor(new, f"scan: {name}")
        if not (is_weak and is_wider(old.dtype, new.dtype)) or old.shape != new.shape:
            check_alike(name, old, new, "scan")
        news.append(new)
    ys = [as_tensor(y, f"scan: {name}") for name, y in named(found[1], "y")]
    return news, found[1], ys


def _turn_by_turn(
    f: Any, carry: Any, slices: Any, xs: Any, turns: int, reverse: bool, weak: list[bool]
) -> tuple[Any, Any]:
    rows = [unstack(x) for x in slices]
    made: list[Any] = [None] * turns
    like: Any = None
    for i in range(turns - 1, -1, -1) if reverse else range(turns):
        given = filled(xs, iter([row[i] for row in rows]))
        news, y, ys = _split(f(carry, given), carry, weak)
        like = y if like is None else like
        list(paired(like, y, "y", "scan"))
        carry, made[i], weak = filled(carry, iter(news)), ys, [False] * len(weak)
    stacked = [stack(parts) for parts in zip(*made, strict=True)]
    return carry, filled(like, iter(stacked))


def _as_one(
    f: Any, carry: Any, slices: Any, xs: Any, turns: int, reverse: bool, weak: list[bool]
) -> tuple[Any, Any]:
    """As one instruction; a scan of no turns too, which knows its ys by a trace."""
    firsts = [x for _, x in named(carry, "init")]
    kept: list[Any] = []

    def turn(*given: Any) -> list[Any]:
        now = filled(carry, iter(given[: len(firsts)]))
        x = filled(xs, iter(given[len(firsts) :]))
        news, y, ys = _split(f(now, x), now, weak)
        kept[:] = [y]
        return [*news, *ys]

    def made() -> Any:
        examples = [*map(raw, firsts), *[_slice(x) for x in slices]]
        names = [n for n, _ in (*named(carry, "carry"), *named(xs, "x"))]
        return traced(turn, examples, "the body of scan", names)

    body = made()
    dtypes = [spec[1] for spec in body.specs[: len(firsts)]]
    if any(x.dtype != d for x, d in zip(firsts, dtypes, strict=True)):  # of numbers, which are weak
        firsts = [x.astype(d) for x, d in zip(firsts, dtypes, strict=True)]
        weak[:] = [False] * len(weak)
        body = made()
    order = range(turns - 1, -1, -1) if reverse else range(turns)
    values = [*body.closed, *firsts, *slices, *drawn_for(body.sites, order, body.width)]
    found = SCAN.record(
        *values, body=body.body, carries=len(firsts), sliced=len(slices) + bool(body.sites),
        length=turns, reverse=reverse, keeps=needs_gradient(values),
    )  # fmt: skip
    found = [y if type(y) in tensor_types else wrap(y) for y in found]
    ends = iter(found)
    return filled(carry, ends), filled(kept[0], ends)


def needs_gradient(values: Sequence[Any]) -> bool:
    """Whether gradients may be asked of what is computed from these."""
    return current_mode().records and any(
        type(x) in tensor_types and x._node is not None for x in values
    )


def _slice(x: Any) -> Any:
    value = raw(x)
    return value[0] if len(value) else np.ones(value.shape[1:], value.dtype)[()]
