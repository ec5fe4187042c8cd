"""At a kink a rule chooses: each node's choice must be a gradient that the function has close by.

Judged along directions, not element by element: of two equal values each may get all of what their
maximum does, but not both. Along any direction the slope that a rule gives must lie between those
that the function has on either side and at points around (Clarke, Optimization and nonsmooth
analysis, 1983). A function made of such nodes may have any gradient that their choices make.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.row import OUTPUT
from autograd.gradcheck.legs.audit import place_of
from autograd.gradcheck.numeric.function import Recording, flat
from autograd.gradcheck.numeric.ladder import noise_of
from autograd.graph.graph import Graph
from autograd.graph.interpret import apply, inputs_of, saved_of
from autograd.sweep.pull import pull

__all__ = ["Choices", "choices"]

_STEP = 2.0**-20  # of the directional differences
_LEAST = 2.0**-36  # of those that a kink is still seen with
_AROUND = 2.0**-12  # how far the points around are away
_POINTS = 16  # of these
_FEWEST = 2
_WORK = 400_000  # numbers that they may have together
_MORE = 16  # times as many, before a choice is called none
_DIRECTIONS = 12  # half of them all of one sign, since equal values move together
_OUTPUTS = 32  # of a node that are looked at
_ROUNDED = 1e-9  # of a value, that rounding changes it by at most
_CLOSE = 1e-2  # of the slopes, that what bends may change them by
_SHARP = 1e-3  # the same, where the points around have been asked


class Choices(NamedTuple):
    """The nodes at a kink, and those whose rules give none of the gradients around it."""

    kinked: list[Node]
    wrong: list[tuple[str, str]]  # what, and where
    smooth: bool  # whether the rules of all other nodes are right at the very point


def choices(recording: Recording, rng: np.random.Generator) -> Choices:
    """Look at every node of a recorded function."""
    roots = [y for y in recording.outputs if y._node is not None]
    found = Choices([], [], True)
    if not roots:
        return found
    graph = Graph(*roots)
    smooth, others = True, []
    with np.errstate(all="ignore"):
        values = graph.values()
        used: dict[Node, set[int]] = {}  # of the outputs of nodes that have several
        for node in graph.nodes:
            if node.op is OUTPUT:
                used.setdefault(node.inputs[0], set()).add(node.params[0])
        for node in graph.nodes:
            if node.is_leaf or node.op is OUTPUT or not node.op.differentiable:
                continue
            try:
                local = _Local(node, values, rng, used.get(node))
                if not local.at_kink():
                    others.append(local)
                    continue
                found.kinked.append(node)
                what = local.violated()
            except Exception:  # noqa: BLE001 - next to a domain's edge there is nothing to compare
                smooth = False
                continue
            if what is not None:
                found.wrong.append((what, place_of(node)))
        if smooth and not found.wrong:  # else nobody asks
            smooth = all(local.is_right() for local in others)
    return found._replace(smooth=smooth)


class _Local:
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
        same = [self._direction(k) for k in range(_DIRECTIONS)]
        # along the first all ties move alike, and their shares must sum to one
        self.directions = [np.full_like(self.unit, np.max(self.unit, initial=0.0))]
        self.directions += [self.unit * d for d in same]
        points = max(_FEWEST, min(_POINTS, _WORK // max(1, self.x.size)))
        shape = (points, self.x.size)
        self.around = self.x + _AROUND * self.unit * rng.uniform(-1, 1, shape)

    def _direction(self, number: int) -> Array:
        d = self.rng.uniform(0.5, 1.5, self.x.size)
        return d if number % 2 else d * self.rng.choice([-1.0, 1.0], self.x.size)

    def at(self, x: Array) -> Array:
        given, start = list(self.given), 0
        for position, like in zip(self.tracked, self.likes, strict=True):
            wide = like.dtype.kind == "c"
            stop = start + like.size * (2 if wide else 1)
            part = np.ascontiguousarray(x[start:stop])
            part = (part.view(np.complex128) if wide else part).reshape(like.shape)
            given[position], start = part.astype(like.dtype)[()], stop
        found = apply(self.node, given)
        parts = found if isinstance(found, (tuple, list)) else (found,)
        parts = [p for n, p in enumerate(parts) if self.used is None or n in self.used]
        return np.concatenate([flat(p) for p in parts if np.asarray(p).dtype.kind in "fc"])

    def sides(self, d: Array, step: float = _STEP) -> tuple[Array, Array]:
        """The slopes of all outputs on the right and on the left."""
        return (
            (self.at(self.x + step * d) - self.start) / step,
            (self.start - self.at(self.x - step * d)) / step,
        )

    @cached_property
    def noise(self) -> Array:
        """Of the slopes: what values are rounded by, as is measured on one side, by the step."""
        own = np.full(self.start.shape, np.finfo(np.float64).eps)
        found = noise_of(lambda t: self.at(self.x + t * self.directions[0]), own)
        found = np.where(found <= _ROUNDED * np.abs(self.start), found, 0.0)  # a jump is none
        return np.fmax(8 * found, 64 * own * np.abs(self.start)) / _STEP

    def at_kink(self) -> bool:
        """Whether for some output the sides differ, and go on to differ as they shrink."""
        self.bent = np.zeros(self.start.size, bool)
        for d in self.directions[:4]:
            right, left = self.sides(d)
            near_right, near_left = self.sides(d, _STEP / 4)
            wide, narrow = np.abs(right - left), np.abs(near_right - near_left)
            clear = narrow > 1e-5 * (np.abs(right) + np.abs(left)) + 8 * self.noise
            bent = clear & (narrow > 0.5 * wide)
            if np.any(bent):  # what bends within short steps is a curve
                least_right, least_left = self.sides(d, _LEAST)
                noise = 8 * self.noise * _STEP / _LEAST
                gap, size = np.abs(least_right - least_left), np.abs(right) + np.abs(left)
                away = np.fmax(np.abs(least_right - right), np.abs(least_left - left))
                same = away <= 1e-2 * size + noise  # no jump, which has none
                bent &= (gap > np.fmax(0.5 * wide, noise)) & same
            self.bent |= bent
        if not np.any(self.bent):  # a middle one of equal values moves alike to both sides
            self.bent = self._differs_around()
        return bool(np.any(self.bent))

    def _differs_around(self) -> Array:
        bent = np.zeros(self.start.size, bool)
        for d in self.directions[:4]:
            right, left = self.sides(d)
            slopes = self.slopes(d, self.around)
            apart = np.fmax(np.max(slopes, axis=0) - right, right - np.min(slopes, axis=0))
            nearer = self.x + (self.around - self.x) / 16
            still = self.slopes(d, nearer)
            again = np.fmax(np.max(still, axis=0) - right, right - np.min(still, axis=0))
            size, least = np.abs(right) + np.abs(left), self.sides(d, _LEAST)[0]
            clear = again > 1e-3 * size + 8 * self.noise / _AROUND
            same = np.abs(least - right) <= 1e-2 * size + 8 * self.noise * _STEP / _LEAST
            bent |= clear & same & (again > 0.5 * apart)
        return bent

    def slopes(self, d: Array, points: Array) -> Array:
        """The slopes along d at points around, which hardly ever are at a kink themselves."""
        step = _STEP * _AROUND
        pairs = [(self.at(p + step * d), self.at(p - step * d)) for p in points]
        return np.stack([(high - low) / (2 * step) for high, low in pairs])

    def rows(self, outputs: Array) -> Array:
        """What the rules give for a cotangent of one, at each of some outputs."""
        several = isinstance(self.out, (tuple, list))
        parts = list(self.out) if several else [self.out]
        sizes = [np.size(p) * (2 if np.asarray(p).dtype.kind == "c" else 1) for p in parts]
        if several and self.used is not None:
            sizes = [size if n in self.used else 0 for n, size in enumerate(sizes)]
        stops = np.cumsum([0, *sizes])
        found = np.zeros((len(outputs), self.x.size))
        for row, output in enumerate(outputs):
            g = []
            for number, p in enumerate(parts):
                like = np.asarray(p)
                seed = np.zeros(like.size * (2 if like.dtype.kind == "c" else 1))
                if stops[number] <= output < stops[number + 1]:
                    seed[output - stops[number]] = 1.0
                seed = seed.view(np.complex128) if like.dtype.kind == "c" else seed
                g.append(seed.reshape(like.shape).astype(like.dtype)[()])
            saved = saved_of(self.node, self.given, self.out)
            pulled = pull(self.node, tuple(g) if several else g[0], saved)
            parts_of_row = [
                flat(np.zeros(like.shape, like.dtype) if pulled[p] is None else pulled[p])
                for p, like in zip(self.tracked, self.likes, strict=True)
            ]
            found[row] = np.concatenate(parts_of_row)
        return found

    def is_right(self) -> bool:
        """Whether the rules agree with differences, where there is no kink."""
        try:
            return self._agrees()
        except Exception:  # noqa: BLE001 - as above
            return False

    def _agrees(self) -> bool:
        outputs = np.arange(self.start.size)
        if outputs.size > _OUTPUTS:
            outputs = self.rng.choice(outputs, _OUTPUTS, replace=False)
        rows = self.rows(outputs)
        for d in self.directions[:2]:
            right, left = self.sides(d)
            slope, given = (right + left)[outputs] / 2, rows @ d
            allowed = _CLOSE * (np.abs(rows) @ np.abs(d)) + 8 * self.noise[outputs]
            if np.all(np.abs(given - slope) <= allowed):
                continue
            around = self.slopes(d, self.around)[:, outputs]  # beside a jump, or along a curve
            low, high = np.min(around, axis=0) - allowed, np.max(around, axis=0) + allowed
            if not np.all((low <= given) & (given <= high)):
                return False
        return True

    def violated(self) -> str | None:
        """Along which direction the slope is none that the function has; None: along none."""
        outputs = np.flatnonzero(self.bent)
        if outputs.size > _OUTPUTS:
            outputs = self.rng.choice(outputs, _OUTPUTS, replace=False)
        rows = self.rows(outputs)
        for d in self.directions:
            given = rows @ d
            low, high = self._between(d, self.around)
            noise = 8 * self.noise[outputs] / _AROUND
            slack = _SHARP * (np.abs(rows) @ np.abs(d)) + noise
            out = (given < low[outputs] - slack) | (given > high[outputs] + slack)
            if not np.any(out):
                continue
            shape = (_MORE * len(self.around), self.x.size)
            points = self.x + _AROUND * self.unit * self.rng.uniform(-1, 1, shape)
            low, high = self._between(d, np.concatenate([self.around, points]))
            out = (given < low[outputs] - slack) | (given > high[outputs] + slack)
            if np.any(out):
                i = int(np.flatnonzero(out)[0])
                low, high = low[outputs][i], high[outputs][i]
                return (
                    f"no gradient at this kink: along a direction the rule gives {given[i]:+.4g}, "
                    f"and the slopes around are {low:+.4g} to {high:+.4g}"
                )
        return None

    def _between(self, d: Array, points: Array) -> tuple[Array, Array]:
        slopes = np.concatenate([self.slopes(d, points), np.stack(self.sides(d))])
        return np.min(slopes, axis=0), np.max(slopes, axis=0)
