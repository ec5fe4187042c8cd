"""Where there is no derivative, and the gradient says so: NaN from a rule that has none to give.

Such are the vectors of equal singular values, whose slopes grow without bound in both directions as
a point with such values is come to; and a root, with its infinite slope, of what is then squared:
0 · inf. A rule that gives NaN where there is a slope, or for any finite cotangent, is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.watch import Watch
from autograd.gradcheck.legs.local import AROUND, STEP, Local, used_outputs
from autograd.gradcheck.numeric.function import FAILURES, Recording
from autograd.gradcheck.numeric.ladder import unit_steps
from autograd.graph.graph import Graph

__all__ = ["undefined"]

_POINTS = 8
_NEARER = 2.0**-6
_APART = 1e-2  # of the slopes around a point, that they differ by where it has none
_GROWS = 1.5  # times, as a fourth root of that does


def undefined(
    run: Callable[[Array], Array], x: Array, recording: Recording, rng: np.random.Generator
) -> tuple[Array, list[Node]] | None:
    """The outputs without a derivative at x, and the nodes that have none; None: all is wrong.

    Each node whose rules make one of finite numbers must be at such a point itself.
    """
    with np.errstate(all="ignore"):
        try:
            nodes = _nodes_without(recording, rng)
            if not nodes:
                return None
            unit = unit_steps(x)
            return _grows(run, x, unit, rng)[0] | _differs(run, x, unit, rng), nodes
        except FAILURES:  # next to a domain's edge
            return None


class _Born(Watch):
    """The nodes whose rules make NaN, or an infinity, of what is finite."""

    def __init__(self) -> None:
        self.nodes: set[Node] = set()

    def rule(self, node: Node, position: int | None, rule: Any, /, g: Any, *saved: Any) -> Any:
        found = rule(g, *saved)
        if _is_finite(g) and not _is_finite(found):
            self.nodes.add(node)
        return found


def _is_finite(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_finite, value))
    value = np.asarray(getattr(value, "_value", value)) if value is not None else np.zeros(0)
    return value.dtype.kind not in "fc" or bool(np.all(np.isfinite(value)))


def _nodes_without(recording: Recording, rng: np.random.Generator) -> list[Node]:
    born = _Born()
    with born:
        recording.vjp(rng.uniform(0.5, 1.5, recording.value.size))
    graph = Graph(*(y for y in recording.outputs if y._node is not None))
    values, used = graph.values(), used_outputs(graph)
    found = []
    for node in graph.nodes:
        if node not in born.nodes:
            continue
        local = Local(node, values, rng, used.get(node))
        row = local.pulled(rng.uniform(0.5, 1.5, local.start.size))
        if np.any(np.isnan(row)):  # not of 0 · inf, or of what the whole sweep knows: of itself
            return []
        both, any_way = _grows(local.at, local.x, local.unit, rng)
        if not np.any(any_way if np.any(np.isinf(row)) else both):
            return []
        found.append(node)
    return found


def _grows(
    run: Callable[[Array], Array], x: Array, unit: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Which outputs' slopes grow without bound towards x: up as well as down, and in any way."""
    away = AROUND * unit * rng.uniform(-1, 1, (_POINTS, x.size))
    along = unit * rng.uniform(-1.5, 1.5, (_POINTS, x.size))
    wide = _reach(_slopes(run, x + away, along))
    near = _reach(_slopes(run, x + _NEARER * away, along))
    up, down = ((a > _GROWS * b) & (b > 0) for a, b in zip(near, wide, strict=True))
    return up & down, up | down


def _differs(
    run: Callable[[Array], Array], x: Array, unit: Array, rng: np.random.Generator
) -> Array:
    """Which outputs have other slopes along the same direction wherever one looks."""
    away = _NEARER * AROUND * unit * rng.uniform(-1, 1, (_POINTS, x.size))
    d = unit * rng.uniform(-1.5, 1.5, x.size)
    up, down = _reach(_slopes(run, x + away, np.broadcast_to(d, away.shape)))
    return np.asarray(np.abs(up + down) > _APART * np.fmax(np.abs(up), np.abs(down)))


def _slopes(run: Callable[[Array], Array], points: Array, along: Array) -> Array:
    steps = zip(points, STEP * AROUND * along, strict=True)
    pairs = [(run(p + step), run(p - step)) for p, step in steps]
    return np.stack([(high - low) / (2 * STEP * AROUND) for high, low in pairs])


def _reach(slopes: Array) -> tuple[Array, Array]:
    return np.nanmax(slopes, axis=0), -np.nanmin(slopes, axis=0)
