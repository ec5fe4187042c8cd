"""How far apart rounding may take two ways to compute the same: by the condition of the formulas.

What instructions round that make nothing worse explains most of what differs, and costs a look at
the numbers. For the rest a program is run again with every number, from what it begins with on,
changed by a random part of itself, as if each instruction had rounded more coarsely (the estimate
that gradcheck makes too, `autograd.gradcheck.numeric.rounding`). What moves by that cannot be told
apart from rounding, be it what cancels, a sum in another order, or a maximum of two that are nearly
equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from autograd.compiler.lower.interior import Interior
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node, constant_value
from autograd.engine.row import DRAW, WRITE
from autograd.graph.call import leading_to, links_of
from autograd.graph.interpret import interpret
from autograd.graph.replay import run_in
from autograd.program.instructions import EFFECT
from autograd.program.program import Program

__all__ = [
    "ROUNDINGS", "RUNS", "Rounding", "allowance", "apart", "beyond", "distance", "nearly",
    "run_node", "run_roughly", "spreads", "values_from",
]  # fmt: skip

ROUNDINGS = 16.0  # by which values are changed: more than those that one instruction makes
EACH = 4.0
RUNS = 4
POOL = (1 << 16) + 1  # of random numbers, which are used again and again
PIECE = 1 << 16  # numbers that are compared at once
DEVIATIONS = 3.0  # standard ones, within which nearly all of what is random lies
SLACK = 2.0  # how many times what has moved explains a difference


def values_from(
    program: Program,
    sources: Mapping[Node, Any],
    change: Callable[[Node, Any], Any] | None = None,
    wanted: Collection[Node] = (),
) -> dict[Node, Any]:
    """The values of the wanted instructions by the interpreter; nothing is written."""
    nodes = [n for n in leading_to(wanted, program.nodes) if n.op is not EFFECT]
    last = {x: node for node in nodes for x in links_of(node)}
    over: dict[Node, list[Node]] = {}
    for x, node in last.items():
        over.setdefault(node, []).append(x)
    kept, values = set(wanted), dict(sources)

    def step(node: Node, _: Any) -> Any:
        value = run_node(node, values) if change is None else run_roughly(node, values, change)
        for x in over.get(node, ()):
            if x not in kept:
                del values[x]
        return value if change is None or node.op is WRITE else change(node, value)

    with uncaptured, np.errstate(all="ignore"):
        interpret(nodes, values, step)
    return {node: values[node] for node in kept if node in values}


def run_node(node: Node, values: Mapping[Node, Any]) -> Any:
    """What one instruction gives; nothing is written."""
    inputs = [values[x] if type(x) is Node else constant_value(x) for x in node.inputs]
    return inputs[0] if node.op is WRITE else run_in(values)(node, inputs)


def run_roughly(node: Node, values: Mapping[Node, Any], change: Callable[[Node, Any], Any]) -> Any:
    """What one instruction gives where all that its formula computes on the way is changed."""
    interior = getattr(change, "interior", None)
    found = None if interior is None else interior(node, values, change)
    return run_node(node, values) if found is None else found


def spreads(
    compute: Callable[..., Mapping[Node, Any]],
    sources: Mapping[Node, Any],
    still: Mapping[Node, Any],
    nodes: Iterable[Node],
) -> Iterator[dict[Node, Any]]:
    """By how much each value moves where all before it are rounded more coarsely.

    `compute(sources, change, nodes)` gives their values, where each was changed by
    `change(node, value)`. Each time that one is asked for, it is the most of one more run; there
    are a few.
    """
    rounding = Rounding()
    wanted = list(dict.fromkeys(nodes))
    found: dict[Node, Any] = dict.fromkeys(wanted)
    for _ in range(RUNS):
        with np.errstate(all="ignore"):
            begun = {n: v if n.op is DRAW else rounding(n, v) for n, v in sources.items()}
        values = compute(begun, rounding, wanted)
        for node in wanted:
            moved = distance(values.get(node), still.get(node))
            old = found[node]
            found[node] = moved if old is None or moved is None else np.fmax(old, moved)
        yield found


def apart(a: Any, b: Any) -> bool:
    """Whether two values differ at all: in bits, shape, dtype or kind."""
    if type(a) in (tuple, list) and type(b) in (tuple, list):
        return len(a) != len(b) or any(map(apart, a, b))
    if not hasattr(a, "dtype") or not hasattr(b, "dtype"):
        return not (a is b or (type(a) is type(b) and bool(a == b or (a != a and b != b))))
    if np.shape(a) != np.shape(b) or a.dtype != b.dtype:
        return True
    return not all(
        np.array_equal(x, y, equal_nan=a.dtype.kind in "fc") for x, y in _pieces(a, b)
    )  # fmt: skip


def nearly(a: Any, b: Any, count: int) -> bool:
    """Whether they differ by no more than so many instructions round that make nothing worse.

    Roundings are added up as a random walk does, a few of each instruction, or those of the last.
    What they allow is three times their deviation, of which the largest of very many is more.
    """
    if getattr(a, "dtype", None) != getattr(b, "dtype", 0) or np.shape(a) != np.shape(b):
        return False
    if a.dtype.kind not in "fc" or not a.size:
        return False
    unit, typical = _roundings(b, count)
    if not np.isfinite(typical):
        return False
    largest = max(1.0, (2 * np.log(a.size)) ** 0.5 / DEVIATIONS)
    most = squares = 0.0
    with np.errstate(all="ignore"):
        for x, y in _pieces(a, b):
            parts = np.abs(x - y) / (unit * np.abs(y) + typical)
            parts = np.where(x == y, 0.0, parts)
            if not (here := float(parts.max())) <= largest:  # nor if it is no number
                return False
            most = max(most, here)
            squares += float(np.square(parts, dtype=np.float64).sum())
    return most <= 1 or squares <= a.size / DEVIATIONS**2


def allowance(b: Any, count: int) -> Any:
    """By how much each number may differ by so many roundings; None: there is no telling."""
    unit, typical = _roundings(b, count)
    return unit * np.abs(b) + typical if np.isfinite(typical) else None  # else it would allow all


def _roundings(b: Any, count: int) -> tuple[Any, Any]:
    """What so many may change, of a number itself and, of those that it was made of, besides."""
    kind: Any = np.zeros((), b.dtype).real.dtype.type
    unit = kind(max(ROUNDINGS, EACH * count**0.5) * np.finfo(b.dtype).eps)
    with np.errstate(all="ignore"):
        size = sum(float(np.abs(y).sum(dtype=np.float64)) for _, y in _pieces(b, b))
        return unit, kind(SLACK * float(unit) * size / max(b.size, 1))


def _pieces(a: Any, b: Any) -> Iterator[tuple[Any, Any]]:
    """Both in pieces that stay in the processor's cache: copies of large arrays take memory."""
    if np.size(a) <= PIECE:
        yield a, b
        return
    order: Any = "K" if a.strides == b.strides else "C"
    a, b = a.ravel(order), b.ravel(order)
    for begin in range(0, a.size, PIECE):
        yield a[begin : begin + PIECE], b[begin : begin + PIECE]


def beyond(a: Any, b: Any, moved: Any) -> tuple[float, float] | None:
    """The largest difference that no rounding explains, and what it may be; None: there is none."""
    if not apart(a, b):
        return None
    gap = distance(a, b)
    if gap is None or moved is None or np.shape(gap) != np.shape(moved):
        return np.inf, 0.0
    finite = np.where(np.isfinite(moved), moved, 0.0)
    typical = finite.mean() if finite.size else 0.0
    bound = np.where(np.isnan(moved), np.inf, SLACK * (moved + typical) + _least(a.dtype))
    wrong = ~(gap <= bound)
    if not np.any(wrong):
        return None
    worst = np.unravel_index(np.argmax(np.where(wrong, _finite(gap - bound), -1)), wrong.shape)
    return float(gap[worst]), float(bound[worst])


def _least(dtype: Any) -> float:
    """What is rounded away of numbers so small that they have few digits left."""
    if dtype.kind not in "fc":
        return 0.0
    return float(SLACK * ROUNDINGS * float(np.finfo(dtype).smallest_subnormal))


def _finite(value: Any) -> Any:
    return np.nan_to_num(value, nan=np.inf)


def distance(a: Any, b: Any) -> Any:
    """|a - b| in double precision; NaN where one alone is no number."""
    if not hasattr(a, "dtype") or not hasattr(b, "dtype") or np.shape(a) != np.shape(b):
        return None
    kind = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    wide_a, wide_b = np.asarray(a).astype(kind), np.asarray(b).astype(kind)
    with np.errstate(all="ignore"):
        found = np.abs(wide_a - wide_b)
    same = (wide_a == wide_b) | (np.isnan(wide_a) & np.isnan(wide_b))
    return np.where(same, 0.0, found)


@cache
def _pool() -> Any:
    """By how many units numbers are changed."""
    rng = np.random.default_rng(0)
    return ROUNDINGS * rng.choice([-1.0, 1.0], POOL) * rng.uniform(0.5, 1.5, POOL)


@cache
def _begins() -> tuple[int, ...]:
    return tuple(np.random.default_rng(1).integers(POOL // 2, size=(1 << 12) + 1).tolist())


class Rounding:
    """Changes every number by a random part of itself, of up to some units in its last place."""

    def __init__(self) -> None:
        self.interior = Interior()
        self._pool = _pool()
        self._begins = itertools.cycle(_begins())  # where the numbers of a value do
        self._factors: dict[Any, Any] = {}  # by dtype

    def __call__(self, node: Node, value: Any) -> Any:
        if type(value) in (tuple, list):
            return type(value)(self(node, part) for part in value)
        dtype: Any = getattr(value, "dtype", None)
        if getattr(dtype, "kind", "") not in ("f", "c"):
            return value
        factors = self._factors.get(dtype)
        if factors is None:
            real = np.zeros((), dtype).real.dtype
            factors = (1 + float(np.finfo(dtype).eps) * self._pool).astype(real)
            self._factors[dtype] = factors
        begin = next(self._begins)
        if not isinstance(value, np.ndarray):
            return dtype.type(value * factors[begin])
        return _times(value, factors[begin:])


def _times(value: Any, factors: Any) -> Any:
    """A copy, with its numbers times others, which are used again and again."""
    found = np.empty_like(value)  # without gaps, so that a ravel is a window
    if found.strides != value.strides:
        found[...] = value
        value = found
    flat, given, count = found.ravel("K"), value.ravel("K"), len(factors)
    for start in range(0, flat.size, count):
        part = flat[start : start + count]
        np.multiply(given[start : start + count], factors[: len(part)], out=part)
    return found
