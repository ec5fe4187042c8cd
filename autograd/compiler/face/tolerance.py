"""How far apart rounding may take two ways to compute the same: by the condition of the formulas.

A program is run again with every number, from what it begins with on, changed by a random part of
itself, as if each instruction had rounded more coarsely (the same estimate that gradcheck makes,
`autograd.gradcheck.numeric.rounding`). What moves by that cannot be told apart from rounding, be it
what cancels, a sum in another order, or a maximum of two that are nearly equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.engine.row import DRAW, WRITE
from autograd.graph.interpret import interpret
from autograd.graph.replay import run_in
from autograd.program.instructions import EFFECT
from autograd.program.program import Program

__all__ = ["apart", "beyond", "spread", "values_from"]

ROUNDINGS = 16.0  # by which values are changed: more than those that one instruction makes
DRAWS = 4
SLACK = 2.0  # how many times what has moved explains a difference


def values_from(
    program: Program,
    sources: Mapping[Node, Any],
    change: Callable[[Node, Any], Any] | None = None,
) -> dict[Node, Any]:
    """The value of every instruction by the interpreter; nothing is written."""
    with uncaptured, np.errstate(all="ignore"):
        values = dict(sources)
        run = run_in(values)
        nodes = [n for n in program.nodes if n.op is not EFFECT]

        def step(node: Node, inputs: Any) -> Any:
            value = inputs[0] if node.op is WRITE else run(node, inputs)
            return value if change is None or node.op is WRITE else change(node, value)

        return interpret(nodes, values, step)


def spread(
    compute: Callable[..., Mapping[Node, Any]],
    sources: Mapping[Node, Any],
    still: Mapping[Node, Any],
    nodes: Iterable[Node],
) -> dict[Node, Any]:
    """By how much each value moves where all before it are rounded more coarsely.

    `compute(sources, change)` gives all values, each changed by `change(node, value)`.
    """
    rng = np.random.default_rng(0)
    wanted = list(dict.fromkeys(nodes))
    found: dict[Node, Any] = dict.fromkeys(wanted)
    for _ in range(DRAWS):
        begun = {n: v if n.op is DRAW else _changed(v, rng) for n, v in sources.items()}
        values = compute(begun, lambda _, v: _changed(v, rng))
        for node in wanted:
            moved = _distance(values.get(node), still.get(node))
            old = found[node]
            found[node] = moved if old is None or moved is None else np.fmax(old, moved)
    return found


def apart(a: Any, b: Any) -> bool:
    """Whether two values differ at all: in bits, shape, dtype or kind."""
    if type(a) in (tuple, list) and type(b) in (tuple, list):
        return len(a) != len(b) or any(map(apart, a, b))
    if not hasattr(a, "dtype") or not hasattr(b, "dtype"):
        return not (a is b or (type(a) is type(b) and bool(a == b or (a != a and b != b))))
    if np.shape(a) != np.shape(b) or a.dtype != b.dtype:
        return True
    return not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def beyond(a: Any, b: Any, moved: Any) -> tuple[float, float] | None:
    """The largest difference that no rounding explains, and what it may be; None: there is none."""
    if not apart(a, b):
        return None
    distance = _distance(a, b)
    if distance is None or moved is None or np.shape(distance) != np.shape(moved):
        return np.inf, 0.0
    finite = np.where(np.isfinite(moved), moved, 0.0)
    typical = finite.mean() if finite.size else 0.0
    bound = np.where(np.isnan(moved), np.inf, SLACK * (moved + typical))
    wrong = ~(distance <= bound)
    if not np.any(wrong):
        return None
    worst = np.unravel_index(np.argmax(np.where(wrong, _finite(distance - bound), -1)), wrong.shape)
    return float(distance[worst]), float(bound[worst])


def _finite(value: Any) -> Any:
    return np.nan_to_num(value, nan=np.inf)


def _distance(a: Any, b: Any) -> Any:
    """|a - b| in double precision; NaN where one alone is no number."""
    if not hasattr(a, "dtype") or not hasattr(b, "dtype") or np.shape(a) != np.shape(b):
        return None
    kind = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    wide_a, wide_b = np.asarray(a).astype(kind), np.asarray(b).astype(kind)
    with np.errstate(all="ignore"):
        found = np.abs(wide_a - wide_b)
    same = (wide_a == wide_b) | (np.isnan(wide_a) & np.isnan(wide_b))
    return np.where(same, 0.0, found)


def _changed(value: Any, rng: np.random.Generator) -> Any:
    if type(value) in (tuple, list):
        return type(value)(_changed(part, rng) for part in value)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind not in ("f", "c"):
        return value
    eps = float(np.finfo(value.dtype).eps)
    drawn = rng.uniform(0.5, 1.5, value.shape) * rng.choice([-1.0, 1.0], value.shape)
    with np.errstate(all="ignore"):
        other = (value * (1 + ROUNDINGS * eps * drawn)).astype(value.dtype)
    return other if isinstance(value, np.ndarray) else other[()]
