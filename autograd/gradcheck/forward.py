"""Reverse against forward, which needs no step: <u, J v> and <Jᵀ u, v> are the same number."""

from __future__ import annotations

from os.path import basename
from typing import Any

import numpy as np

from autograd.cotangent import conform
from autograd.gradcheck.function import FAILURES, Recording, flat
from autograd.graph import Graph
from autograd.node import Constant, Node
from autograd.op import OUTPUT, Array
from autograd.transforms import has_own_jvp, push, push_through

__all__ = ["disagreeing", "one_formula", "slope"]

_ROUNDING = 2.0**14  # in machine epsilons, of the terms of both sums
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
    """Both numbers where they differ by more than rounding, for any directions."""
    inputs = [
        values[i] if type(i) is Node else i.value if type(i) is Constant else i for i in node.inputs
    ]
    out, parameters = values[node], node.parameters()
    shown = None
    for _ in range(1 + _DRAWS):
        tangents = [_drawn(x, rng) if type(i) is Node else None
                    for i, x in zip(node.inputs, inputs, strict=True)]  # fmt: skip
        several = isinstance(out, (tuple, list))
        g = tuple(_drawn(y, rng) for y in out) if several else _drawn(out, rng)
        try:
            pushed = push(node.op, inputs, parameters, out, tangents)
            pulled = _pulled(node, inputs, out, g)
        except FAILURES:
            return None  # the other legs say why
        forward = _products(zip(g, pushed, strict=True) if several else [(g, pushed)])
        reverse = _products(zip(pulled, tangents, strict=True))
        size = float(np.sum(np.abs(forward)) + np.sum(np.abs(reverse)))
        apart = abs(float(np.sum(forward)) - float(np.sum(reverse)))
        if not apart > _ROUNDING * _eps(out) * size:
            return None
        shown = f"<u, Jv> is {np.sum(forward):.6g}, <Jᵀu, v> is {np.sum(reverse):.6g}"
    return shown


def _pulled(node: Node, inputs: list[Any], out: Any, g: Any) -> list[Any]:
    op = node.op
    needs = tuple(type(i) is Node for i in node.inputs)
    saved = op.pack(needs, inputs, tuple(out) if isinstance(out, list) else out, node.params)
    if op.joint is not None:
        rule, slots = op.joint
        results = rule(g, *[saved[slot] for slot in slots])
    else:
        results = []
        for pull, slots in op.pulls:
            which = () if slots is None else (slots,) if isinstance(slots, int) else slots
            wanted = needs[len(results)]
            results.append(
                None if pull is None or not wanted else pull(g, *[saved[s] for s in which])
            )
    return [
        None if r is None or type(i) is not Node else conform(r, i)
        for r, i in zip(results, node.inputs, strict=True)
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


def _eps(out: Any) -> float:
    kinds = [y.dtype for y in (out if isinstance(out, (tuple, list)) else [out])]
    return max((float(np.finfo(k).eps) for k in kinds if k.kind in "fc"), default=1.0)


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
            pushed = push_through(graph, values, tangents)
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
