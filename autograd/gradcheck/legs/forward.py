"""Reverse against forward, which needs no step: <u, J v> and <Jᵀ u, v> are the same number."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import basename
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import OUTPUT
from autograd.engine.typed import Array
from autograd.gradcheck.numeric.function import FAILURES, Recording, flat
from autograd.graph.graph import Graph
from autograd.graph.interpret import inputs_of, saved_of
from autograd.sweep.pull import pull
from autograd.transforms.forward_mode import has_own_jvp, push, push_through

__all__ = ["disagreeing", "one_formula", "slope"]

_ROUNDING = 2.0**12  # in machine epsilons, of the terms of both sums
_SMALL = 2.0**-20  # relative change of the directions
_DRAWS = 2  # after the first, which must all disagree


def disagreeing(recording: Recording, rng: np.random.Generator) -> list[tuple[str, str]]:
    """The nodes whose forward rule, if it is one of its own, is no transpose of the other."""
    roots = [y for y in recording.outputs if y._node is not None]
    if not roots:
        return []
    graph = Graph(*roots)
    if not any(_may_be_asked(node) for node in graph.nodes):
        return []
    found = []
    with np.errstate(all="ignore"):
        values = graph.values()
        for node in graph.nodes:
            if _may_be_asked(node) and (apart := _apart(node, values, rng)):
                place = f"{node.op.name}  {basename(node.where)}" if node.where else node.op.name
                found.append((apart, place))
    return found


def _may_be_asked(node: Node) -> bool:
    return not node.is_leaf and node.op is not OUTPUT and has_own_jvp(node.op)


def _apart(node: Node, values: dict[Node, Any], rng: np.random.Generator) -> str | None:
    """Both numbers where they differ by more than rounding, for any directions or their opposites.

    What is not linear may agree in one of the two: |v| is v, where all of it is positive.
    """
    shown = None
    for _ in range(1 + _DRAWS):
        pair = _Pair(node, values, rng)
        try:
            shown = _differing(pair) or _differing(pair.opposite())
        except FAILURES:
            return None  # the other legs say why
        if shown is None:
            return None
    return shown


def _differing(pair: _Pair) -> str | None:
    found = pair.numbers(pair.directions())
    forward, reverse = (float(np.sum(part)) for part in found)
    apart = abs(forward - reverse)
    size = sum(float(np.sum(np.abs(part))) for part in found)
    if not apart > _ROUNDING * pair.eps * size:
        return None
    if not apart > _ROUNDING * pair.eps * (size + pair.sensitivity(found)):
        return None
    return f"<u, Jv> is {forward:.6g}, <Jᵀu, v> is {reverse:.6g}"


class _Pair:
    """A node at the values it saw, a tangent v of its inputs and a cotangent u of its outputs."""

    def __init__(self, node: Node, values: dict[Node, Any], rng: np.random.Generator) -> None:
        self.node = node
        self.rng = rng
        self.inputs = inputs_of(node, values)
        out = values[node]
        self.several = isinstance(out, (tuple, list))
        self.outputs = list(out) if self.several else [out]
        kinds = [np.asarray(v).dtype for v in (*self.inputs, *self.outputs) if v is not None]
        self.eps = max(float(np.finfo(kind).eps) for kind in kinds if kind.kind in "fc")
        self.v = [
            _drawn(x, rng) if type(i) is Node else None
            for i, x in zip(node.inputs, self.inputs, strict=True)
        ]
        self.u = [_drawn(y, rng) for y in self.outputs]

    def opposite(self) -> _Pair:
        """The same for -v."""
        self.v = [None if v is None else -v for v in self.v]
        return self

    def directions(self, moved: bool = False) -> tuple[list[Any], list[Any]]:
        return (_moved(self.v, self.rng), _moved(self.u, self.rng)) if moved else (self.v, self.u)

    def numbers(
        self, directions: tuple[list[Any], list[Any]], moved: bool = False
    ) -> tuple[Array, Array]:
        """The terms of <u, J v> and those of <Jᵀ u, v>."""
        v, u = directions
        at, to = self.inputs, self.outputs
        if moved:
            at, to = _moved(at, self.rng), _moved(to, self.rng)
        out, g = (tuple(to), tuple(u)) if self.several else (to[0], u[0])
        pushed = push(self.node.op, at, self.node.parameters(), out, v)
        pulled = pull(self.node, g, saved_of(self.node, at, out))
        forward = _products(zip(u, pushed if self.several else [pushed], strict=True))
        return forward, _products(zip(pulled, v, strict=True))

    def sensitivity(self, found: tuple[Array, Array]) -> float:
        """What small changes make: it tells the rounding of terms that cancel inside the rules."""
        noise = _noise(found, self.numbers(self.directions(moved=True)))
        try:
            moved = _noise(found, self.numbers(self.directions(moved=True), moved=True))
        except FAILURES:
            return noise
        return moved if np.isfinite(moved) else noise


def _noise(found: tuple[Array, Array], moved: tuple[Array, Array]) -> float:
    """By how much a change of relative size 1 would move the two numbers, were it small."""
    return float(sum(np.sum(np.abs(a - b)) for a, b in zip(found, moved, strict=True))) / _SMALL


def _moved(parts: Sequence[Any], rng: np.random.Generator) -> list[Any]:
    """Each element changed by a small part of itself; what is no array of floats as it is."""
    return [
        p * (1 + _SMALL * rng.choice([-1.0, 1.0], np.shape(p))).astype(p.real.dtype)
        if getattr(getattr(p, "dtype", None), "kind", "") in ("f", "c")
        else p
        for p in parts
    ]


def _drawn(like: Any, rng: np.random.Generator) -> Any:
    shape, dtype = np.shape(like), np.asarray(like).dtype
    if dtype.kind not in "fc":
        return np.zeros(shape, dtype)
    drawn: Any = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    if dtype.kind == "c":
        drawn = drawn + 1j * rng.uniform(0.5, 1.5, shape)
    return np.asarray(drawn).astype(dtype)[()]


def _products(pairs: Any) -> Array:
    """The real parts of the products of all elements: transposes are without conjugation."""
    parts = [
        np.ravel(np.real(a * b)).astype(np.float64)
        for a, b in pairs
        if a is not None and b is not None
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


# ---- the whole function, at an element that is wrong ----------------------------------------


def slope(recording: Recording, parts: list[Array]) -> Array | None:
    """All outputs' derivatives along one direction, in forward mode; None where there is no way."""
    roots = [y for y in recording.outputs if y._node is not None]
    graph = Graph(*roots)
    leaves = set(graph.leaves)
    tangents: dict[Node, Any] = {
        leaf._node: part.astype(leaf.dtype)[()]
        for leaf, part in zip(recording.leaves, parts, strict=True)
        if leaf._node in leaves
    }
    values = {node: node.saved[0] for node in graph.leaves}
    try:
        with np.errstate(all="ignore"):
            pushed = push_through(graph.nodes, values, tangents)
    except FAILURES:
        return None
    found = [None if y._node is None else pushed.get(y._node) for y in recording.outputs]
    return np.concatenate(
        [
            flat(np.zeros(y.shape, y.dtype) if t is None else t)
            for y, t in zip(recording.outputs, found, strict=True)
        ]
    )


def one_formula(recording: Recording) -> bool:
    """Whether some node has one formula for both directions, so that both share its mistakes."""
    roots = [y for y in recording.outputs if y._node is not None]
    return any(
        not node.is_leaf and node.op is not OUTPUT and not has_own_jvp(node.op)
        for node in Graph(*roots).nodes
    )
