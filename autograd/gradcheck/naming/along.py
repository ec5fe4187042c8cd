"""Which node is off along a direction in which the function is: one walk, without any ladder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.row import OUTPUT
from autograd.gradcheck.legs.local import Local, used_outputs
from autograd.gradcheck.naming.nodes import place_of
from autograd.gradcheck.numeric.cells import Cell
from autograd.gradcheck.numeric.decisions import FAILS
from autograd.gradcheck.numeric.function import Function, Recording, flat
from autograd.gradcheck.numeric.ladder import unit_steps
from autograd.graph.graph import Graph

__all__ = ["direction_of", "off_along"]

_STEPS = (2.0**-10, 2.0**-12)
_OFF = 1e-3  # of the terms: a rule that is off by more is wrong,
_RIGHT = 1e-5  # by less than this right; anything between is for the ladders to tell
_NOISE = 64.0  # roundings that a value may have
_SAME = 1e-9  # of the largest output, that a graph run again may differ by from f


def direction_of(cells: Iterable[Cell], x: Array) -> Array | None:
    """The step of one element that fails by far, and at no kink."""
    plain = [
        (abs(cell.analytic - cell.numeric) / size, cell.coordinate)
        for cell in cells
        if cell.status == FAILS and cell.coordinate >= 0 and not cell.gap_ratio
        if np.isfinite(size := max(abs(cell.analytic), abs(cell.numeric))) and size > 0
    ]
    worst, coordinate = max(plain, default=(0.0, 0))
    if worst <= _OFF:
        return None
    d = np.zeros(x.size)
    d[coordinate] = unit_steps(x)[coordinate]
    return d


def off_along(
    function: Function, x: Array, graph: Graph, here: Recording, d: Array | None
) -> str | None:
    """The place of the first node whose rule is off by far where x moves along d.

    The change of each value is seen where the graph is run a little to either side: <u, dy> must be
    <rule(u), dx>. None is named where a node is neither clearly right nor clearly wrong.
    """
    if d is None:
        return None
    tape = graph.tape
    runs = []
    for t in (0.0, *(sign * h for h in _STEPS for sign in (1, -1))):
        parts = zip(here.leaves, function.parts(x + t * d), strict=True)
        values = tape.values({leaf: part for leaf, part in parts if leaf._node in graph.leaves})
        runs.append(values)
    if not _is_f(function, x + _STEPS[0] * d, here, runs[1]):
        return None
    used, rng = used_outputs(tape), np.random.default_rng(0)
    for number, node in enumerate(tape.nodes):
        if node.is_leaf or node.op is OUTPUT:
            continue
        off = _off(Local(node, runs[0], rng, used.get(node)), runs, rng, here.coarsest)
        if off is None or off:
            return place_of(number, node) if off else None
    return None


def _is_f(function: Function, x: Array, here: Recording, values: dict[Node, Any]) -> bool:
    expected = function(x)
    found = [flat(y._value if y._node is None else values[y._node]) for y in here.outputs]
    apart = np.abs(np.concatenate(found) - expected)
    return bool(np.all(apart <= _SAME * np.max(np.abs(expected), initial=0.0)))


def _off(
    local: Local, runs: list[dict[Node, Any]], rng: np.random.Generator, eps: float
) -> bool | None:
    """Whether a node is off along what moves it; None where that is not clear."""
    inputs = np.stack([local.inputs(values) for values in runs])
    outputs = np.stack([local.outputs(values[local.node]) for values in runs])
    if np.array_equal(outputs[0], outputs[1]) and np.array_equal(inputs[0], inputs[1]):
        return False  # what does not move is not why
    u = rng.uniform(0.5, 1.5, outputs.shape[1]) * rng.choice([-1.0, 1.0], outputs.shape[1])
    u = np.where(np.any(outputs != outputs[0], axis=0), u, 0.0)
    g = local.pulled(u)
    g = np.where(np.any(inputs != inputs[0], axis=0), g, 0.0)
    dy, bends, rounds = _slopes(outputs, u * _signs(runs[0][local.node], local.used), eps)
    dx, _, rounded = _slopes(inputs, g * _signs(local.likes), eps)
    apart, noise = abs(np.sum(dy) - np.sum(dx)), rounds + rounded
    terms = float(np.sum(np.abs(dy)) + np.sum(np.abs(dx)))
    if not (np.isfinite(apart) and noise <= _RIGHT * terms and bends <= _RIGHT * terms):
        return None
    return False if apart <= _RIGHT * terms else True if apart > _OFF * terms else None


def _signs(value: Any, used: set[int] | None = None) -> Array:
    """Of Re(u · dy), where rules run: they give the conjugates of gradients."""
    parts = value if isinstance(value, (tuple, list)) else (value,)
    kept = [np.asarray(p) for n, p in enumerate(parts) if used is None or n in used]
    signs = [np.full(p.shape, 1 - 1j if p.dtype.kind == "c" else 1.0) for p in kept]
    kinds = [p.dtype.kind for p in kept]
    return np.concatenate([flat(s) for s, k in zip(signs, kinds, strict=True) if k in "fc"])


def _slopes(values: Array, weights: Array, eps: float) -> tuple[Array, float, float]:
    """The weighted slopes of values, what of them bends at the point, and how far they round."""
    start, high, low, near_high, near_low = (run * weights for run in values)
    wide, short = _STEPS
    slope, near = (high - low) / (2 * wide), (near_high - near_low) / (2 * short)
    gap = float(np.sum(np.abs(high + low - 2 * start))) / wide
    near_gap = float(np.sum(np.abs(near_high + near_low - 2 * start))) / short
    rounding = _NOISE * eps * float(np.sum(np.abs(start))) / short
    bends = near_gap if near_gap > 0.5 * gap and near_gap > rounding else 0.0
    return (16 * near - slope) / 15, bends, rounding
