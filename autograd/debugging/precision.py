"""`Graph.precision`: how many digits of each value are right, and where they are lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from html import escape
from typing import Any, NamedTuple

import numpy as np

from autograd.debugging.advice import advice_for
from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import COMPUTED
from autograd.graph.graph import Graph
from autograd.graph.interpret import apply, interpret
from autograd.graph.pytree import mapped
from autograd.graph.replay import held_value, run_in
from autograd.graph.table import text_of

__all__ = ["Digits", "Precision", "precision"]

LOST = 0.8  # digits that a node loses before it is told
_MOST = 10  # nodes that are shown
_DOUBLE = 15  # digits


class Digits(NamedTuple):
    """What is known of one node's digits; of arrays those of the worst number."""

    number: int  # in the graph
    node: Node
    op: str
    digits: float  # that are right
    double: float  # that would be in float64
    lost: float  # at this node: what goes in has so many more
    module: str
    where: str | None
    advice: str


class Precision:
    """What a replay in more digits found, as `rows` and as text.

    `rows` has an entry for each node that computes floating numbers, in the graph's order;
    `worst` are those that lose digits, the most first; `digits` those that the outputs keep.
    """

    def __init__(self, rows: list[Digits], digits: float, notes: tuple[str, ...]) -> None:
        self.rows, self.digits, self.notes = tuple(rows), digits, notes
        self.worst = tuple(
            sorted((r for r in rows if r.lost >= LOST), key=lambda r: r.lost, reverse=True)
        )

    def _table(self) -> list[tuple[str, ...]]:
        shown = [
            (f"#{r.number}", r.op, f"{r.digits:.1f}", f"{r.double:.1f}", f"{r.lost:.1f}",
             r.module, r.where or "", r.advice)
            for r in self.worst[:_MOST]
        ]  # fmt: skip
        return [("#", "op", "digits", "in float64", "lost", "module", "line", "advice"), *shown]

    def _head(self) -> str:
        count = len(self.worst)
        rest = "no node loses any" if not count else (
            f"{count} of {len(self.rows)} nodes lose{'s' * (count == 1)} some, the most first:"
        )  # fmt: skip
        right = "is exact" if math.isinf(self.digits) else f"has {self.digits:.1f} correct digits"
        return f"The result {right}; {rest}"

    def __str__(self) -> str:
        """The nodes that lose the most, with what to write instead."""
        rows = self._table()
        table = text_of([row[:-1] for row in rows], names=(6,)).split("\n")
        lines = [self._head()]
        if len(rows) > 1:
            lines.append(table[0])
            for row, line in zip(rows[1:], table[1:], strict=True):
                lines += [line, *([f"    {row[-1]}"] if row[-1] else [])]
        return "\n".join([*lines, *self.notes])

    def __repr__(self) -> str:
        return f"<Precision: {self.digits:.1f} digits, lost at {len(self.worst)} nodes>"

    def html(self) -> str:
        """The same as a table of HTML, which notebooks show."""
        rows = "".join(
            "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
            for tag, row in zip(["th"] + ["td"] * _MOST, self._table(), strict=False)
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p>{escape(self._head())}</p><table>{rows}</table>{notes}"

    _repr_html_ = html


def precision(graph: Graph) -> Precision:
    """Replay a graph as it is, in float64 and in long double, and count correct digits.

    Leaves, constants and state have their present values, random draws those of the recording, and
    all of them count as exact. Of an array the worst number counts; whole numbers and truth values
    are right or wrong. Each node that loses digits is told with the line (under
    `autograd.tracing()`), and with what to write instead where its formula is known to lose them.

    >>> import autograd as ag
    >>> x = ag.Tensor(1e-5, requires_grad=True)
    >>> found = precision(ag.Graph(ag.log(1 + x)))
    >>> [(row.op, round(row.lost), row.advice) for row in found.worst]
    [('log', 4, 'log(1 + x) loses what x has beside 1: log1p(x)')]
    """
    own = interpret(graph.nodes, _sources(graph, lambda x: x), _running(graph, lambda x: x)[0])
    replayed = [_replayed(graph, kind) for kind in (np.float64, np.longdouble)]
    (double, _), (exact, cannot) = replayed
    digits, rows = {}, []
    for number, node in enumerate(graph.nodes):
        digits[node] = _digits(own[node], exact[node])
        if node.is_leaf or not _floats(exact[node]):
            continue
        inputs = [digits[x] for x in node.inputs if type(x) is Node]
        full = _full(own[node])
        lost = max(0.0, min([full, *inputs]) - digits[node])
        module = "" if node.scope is None else repr(node.scope)
        rows.append(
            Digits(number, node, node.op.name, digits[node],
                   _digits(double[node], exact[node]), lost, module, node.where,
                   advice_for(node, own, graph) if lost >= LOST else "")
        )  # fmt: skip
    ends = [digits[y] for y in graph.outputs]
    return Precision(rows, min(ends, default=0.0), _notes(cannot))


class _Cannot(NamedTuple):
    """Ops, by name, that do not run in more digits."""

    in_long: set[str]  # in float64, then
    at_all: set[str]  # what they gave is what they had given


def _notes(cannot: _Cannot) -> tuple[str, ...]:
    notes = []
    if np.finfo(np.longdouble).nmant <= np.finfo(np.float64).nmant:
        notes.append("(here long double is double: of float64 nothing can be told)")
    if cannot.in_long - cannot.at_all:
        notes.append(f"(no more than float64: {', '.join(sorted(cannot.in_long - cannot.at_all))})")
    if cannot.at_all:
        notes.append(
            f"(not looked into, and taken as exact: {', '.join(sorted(cannot.at_all))}; of a "
            "compiled or checkpointed call trace the function itself)"
        )
    return tuple(notes)


def _replayed(graph: Graph, kind: Any) -> tuple[dict[Node, Any], _Cannot]:
    """The value of every node in a wider dtype; and the ops that cannot be run so."""

    def widened(x: Any) -> Any:
        if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "fc":
            return x
        real = np.promote_types(kind, x.real.dtype)
        return x.astype(np.result_type(real, np.complex64) if x.dtype.kind == "c" else real)

    run, cannot = _running(graph, widened)
    with np.errstate(all="ignore"):
        return interpret(graph.nodes, _sources(graph, widened), run), cannot


def _sources(graph: Graph, widened: Callable[[Any], Any]) -> dict[Node, Any]:
    return {node: widened(held_value(node)) for node in graph.nodes if node.is_leaf}


def _running(
    graph: Graph, widened: Callable[[Any], Any]
) -> tuple[Callable[[Node, list[Any]], Any], _Cannot]:
    values: dict[Node, Any] = {}
    plain, cannot = run_in(values), _Cannot(set(), set())

    def parameter(x: Any) -> Any:
        if type(x) is Node:
            return values[x]
        if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
            return widened(np.zeros((), x)).dtype
        return widened(x)

    def once(node: Node, inputs: list[Any]) -> Any:
        if not node.params or node.op is COMPUTED or node.op.name == "output":
            return plain(node, inputs) if node.op is COMPUTED else apply(node, inputs)
        given = node.parameters()
        if isinstance(given.get("dtype"), str):
            given["dtype"] = np.dtype(given["dtype"])
        params = {name: mapped(parameter, p) for name, p in given.items()}
        return node.op.record(*inputs, **params)

    def run(node: Node, inputs: list[Any]) -> Any:
        given = [mapped(widened, x) for x in inputs]
        try:
            found = once(node, given)
        except Exception:  # noqa: BLE001 - an op of which there is no such form
            cannot.in_long.add(node.op.name)
            try:
                found = once(node, [mapped(_as_double, x) for x in given])
            except Exception:  # noqa: BLE001 - as for control flow, whose bodies have their dtypes
                cannot.at_all.add(node.op.name)
                found = plain(node, [mapped(_as_recorded(node), x) for x in inputs])
        if _full(mapped(raw, found)) < min(map(_full, given), default=math.inf) < math.inf:
            is_double = node.op.name in cannot.in_long and _full(mapped(raw, found)) > _DOUBLE
            if not is_double:
                cannot.at_all.add(node.op.name)
        values[node] = found = mapped(lambda x: widened(raw(x)), found)
        return found

    for node in graph.nodes:
        if node.is_leaf:
            values[node] = widened(held_value(node))
    return run, cannot


def _as_double(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.char in "gG":
        return x.astype(np.float64 if x.dtype.char == "g" else np.complex128)
    return x


def _as_recorded(node: Node) -> Callable[[Any], Any]:
    """Numbers in the dtype that most inputs of the node had."""
    specs = [x.dtype for x in node.inputs if type(x) is Node and not isinstance(x.spec, list)]
    floats = [d for d in specs if d.kind == "f"]

    def cast(x: Any) -> Any:
        is_float = isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"
        return x.astype(floats[0]) if is_float and floats else x

    return cast


def _parts(value: Any) -> Iterator[Any]:
    for part in value if isinstance(value, (tuple, list)) else (value,):
        if isinstance(part, (np.ndarray, np.generic)):
            yield part


def _floats(value: Any) -> bool:
    return any(part.dtype.kind in "fc" for part in _parts(value))


def _full(value: Any) -> float:
    """The digits that the dtype has."""
    floats = [part.dtype for part in _parts(value) if part.dtype.kind in "fc"]
    return min((-math.log10(np.finfo(d).eps / 2) for d in floats), default=math.inf)


def _digits(value: Any, exact: Any) -> float:
    """The correct digits of the worst of some numbers, and no more than their dtype has."""
    found = _full(value)
    for mine, theirs in zip(_parts(value), _parts(exact), strict=False):
        if mine.shape != theirs.shape:
            return 0.0
        if mine.dtype.kind not in "fc":
            if not np.array_equal(mine, theirs):
                return 0.0
            continue
        with np.errstate(all="ignore"):
            error = np.abs(mine - theirs) / np.abs(theirs)
            same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
        error = np.where(same, 0, np.where(np.isfinite(error), error, 1))
        worst = float(np.max(error, initial=0.0))
        if worst > 0:
            found = min(found, max(0.0, -math.log10(worst)))
    return found
