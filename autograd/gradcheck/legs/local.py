"""One node of a recorded graph as a function of its own, at the values that it saw."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.row import OUTPUT
from autograd.gradcheck.numeric.function import as_before, flat
from autograd.gradcheck.numeric.ladder import noise_of
from autograd.graph.graph import Graph
from autograd.graph.interpret import apply, inputs_of, saved_of
from autograd.sweep.pull import pull

__all__ = ["AROUND", "OUTPUTS", "STEP", "Local", "used_outputs"]

STEP = 2.0**-20  # of the directional differences
AROUND = 2.0**-12  # how far the points around are away
OUTPUTS = 32  # of a node that are looked at
_POINTS = 16  # of those around
_FEWEST = 2
_WORK = 400_000  # numbers that they may have together
_MANY = 4096  # elements, of which halves are moved to see whether others stay,
_MASKS = 8  # so many
_ROUNDED = 1e-9  # of a value, that rounding changes it by at most


def used_outputs(graph: Graph) -> dict[Node, set[int]]:
    """Which of the outputs something is made of, for each node that has several."""
    used: dict[Node, set[int]] = {}
    for node in graph.nodes:
        if node.op is OUTPUT:
            used.setdefault(node.inputs[0], set()).add(node.params[0])
    return used


class Local:
    """One node as a function of the inputs that need a gradient, at the values it saw."""

    def __init__(
        self,
        node: Node,
        values: dict[Node, Any],
        rng: np.random.Generator,
        used: set[int] | None = None,
    ) -> None:
        self.node, self.rng, self.used = node, rng, used
        self.given = inputs_of(node, values)
        self.out = values[node]
        self.tracked = [p for p, source in enumerate(node.inputs) if type(source) is Node]
        self.likes = [np.asarray(self.given[p]) for p in self.tracked]
        self.x = np.concatenate([flat(a) for a in self.likes])
        self.unit = np.exp2(np.floor(np.log2(np.fmax(np.abs(self.x), 0.01))))
        self.start = self.at(self.x)
        # along the first all ties move alike, and their shares must sum to one
        self.drawn = [np.full_like(self.unit, np.max(self.unit, initial=0.0))]

    def directions(self, count: int) -> list[Array]:
        """The first few of them: most nodes are at no kink, and need no more."""
        while len(self.drawn) < count:
            d = self.unit * self.rng.uniform(0.5, 1.5, self.x.size)
            signed = len(self.drawn) % 2
            self.drawn.append(d * self.rng.choice([-1.0, 1.0], d.size) if signed else d)
        return self.drawn[:count]

    @cached_property
    def around(self) -> Array:
        """Points close by."""
        points = max(_FEWEST, min(_POINTS, _WORK // max(1, self.x.size)))
        shape = (points, self.x.size)
        return np.asarray(self.x + AROUND * self.unit * self.rng.uniform(-1, 1, shape))

    def at(self, x: Array) -> Array:
        given, start = list(self.given), 0
        for position, like in zip(self.tracked, self.likes, strict=True):
            wide = like.dtype.kind == "c"
            stop = start + like.size * (2 if wide else 1)
            part = np.ascontiguousarray(x[start:stop])
            part = (part.view(np.complex128) if wide else part).reshape(like.shape)
            given[position], start = part.astype(like.dtype)[()], stop
        return self.outputs(apply(self.node, given))

    def outputs(self, found: Any) -> Array:
        """All numbers of what the node gave, that something is made of."""
        parts = found if isinstance(found, (tuple, list)) else (found,)
        several = isinstance(self.out, (tuple, list))
        pairs = zip(parts, self.out if several else (self.out,), strict=True)
        kinds = [
            (p, np.asarray(like).dtype.kind)
            for n, (p, like) in enumerate(pairs)
            if self.used is None or n in self.used
        ]
        return np.concatenate([as_before(p, kind == "c") for p, kind in kinds if kind in "fc"])

    def inputs(self, values: dict[Node, Any]) -> Array:
        """All numbers of the inputs that need a gradient, in a run of the graph."""
        return np.concatenate([flat(values[self.node.inputs[p]]) for p in self.tracked])

    def is_diagonal(self) -> bool:
        """Whether each output hangs on one element alone; of many it is seen that they do."""
        if len(self.tracked) != 1:
            return False
        if self.node.op.elementwise:
            return True
        if self.x.size < _MANY or self.x.size != self.start.size:
            return False
        for _ in range(_MASKS):
            moves = self.rng.random(self.x.size) < 0.5
            found = self.at(self.x + np.where(moves, STEP * self.unit, 0.0))
            if not np.array_equal(found[~moves], self.start[~moves]):
                return False
        return True

    def sides(self, d: Array, step: float = STEP) -> tuple[Array, Array]:
        """The slopes of all outputs on the right and on the left."""
        return (
            (self.at(self.x + step * d) - self.start) / step,
            (self.start - self.at(self.x - step * d)) / step,
        )

    @cached_property
    def noise(self) -> Array:
        """Of the slopes: what values are rounded by, as is measured on one side, by the step."""
        own = np.full(self.start.shape, np.finfo(np.float64).eps)
        found = noise_of(lambda t: self.at(self.x + t * self.drawn[0]), own)
        found = np.where(found <= _ROUNDED * np.abs(self.start), found, 0.0)  # a jump is none
        return np.fmax(8 * found, 64 * own * np.abs(self.start)) / STEP

    def slopes(self, d: Array, points: Array, step: float = STEP * AROUND) -> Array:
        """The slopes along d at points around, which hardly ever are at a kink themselves."""
        pairs = [(self.at(p + step * d), self.at(p - step * d)) for p in points]
        return np.stack([(high - low) / (2 * step) for high, low in pairs])

    def rows(self, outputs: Array) -> Array:
        """What the rules give for a cotangent of one, at each of some outputs."""
        found = [self.pulled(np.eye(1, self.start.size, i)[0]) for i in outputs]
        rows = np.reshape(found, (len(outputs), self.x.size))
        lost = np.isnan(rows)
        if np.any(lost):  # 0 · inf, at a vertical tangent
            rows[lost & np.isinf(self.pulled(np.ones(self.start.size)))] = 0.0
        return rows

    def pulled(self, u: Array) -> Array:
        """What the rules give for a cotangent of the outputs that are used."""
        several = isinstance(self.out, (tuple, list))
        g, start = [], 0
        for number, p in enumerate(self.out if several else [self.out]):
            like = np.asarray(p)
            size = like.size * (2 if like.dtype.kind == "c" else 1)
            seed = np.zeros(size)
            if like.dtype.kind in "fc" and (self.used is None or number in self.used):
                seed, start = np.array(u[start : start + size], float), start + size
            seed = seed.view(np.complex128) if like.dtype.kind == "c" else seed
            g.append(seed.reshape(like.shape).astype(like.dtype)[()])
        saved = saved_of(self.node, self.given, self.out)
        found = pull(self.node, tuple(g) if several else g[0], saved)
        return np.concatenate(
            [
                flat(np.zeros(like.shape, like.dtype) if found[p] is None else found[p])
                for p, like in zip(self.tracked, self.likes, strict=True)
            ]
        )
