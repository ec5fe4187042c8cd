"""At a kink a rule chooses: each node's choice must be a gradient that the function has close by.

Judged along directions, not element by element: of two equal values each may get all of what their
maximum does, but not both. Along any direction the slope that a rule gives must lie between those
that the function has on either side and at points around (Clarke, Optimization and nonsmooth
analysis, 1983). A function made of such nodes may have any gradient that their choices make.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.row import OUTPUT
from autograd.gradcheck.legs.audit import place_of
from autograd.gradcheck.legs.local import AROUND, OUTPUTS, STEP, Local, used_outputs
from autograd.gradcheck.numeric.function import Recording
from autograd.gradcheck.numeric.sides import CUSP, JUMP
from autograd.graph.graph import Graph

__all__ = ["Choices", "choices"]

_LEAST = 2.0**-36  # of those that a kink is still seen with
_SHORTEST = 2.0**-46  # of steps that tell where rounding lets them, as at 0
_DEEP = 2.0**-200  # of those that tell whether a tangent is vertical at the point, or close to it
_ALIKE = 0.1  # of the power of a step: what a slope that grows without bound may stray from it
_MORE = 16  # times as many, before a choice is called none
_DIRECTIONS = 12  # half of them all of one sign, since equal values move together
_OWN = 4  # outputs whose own signs are a direction, too
_CLOSE = 1e-4  # of the slopes, that what bends may change them by
_SHARP = 1e-3  # the same, where the points around have been asked
_SHARPER = 4e-6  # and where these have few slopes, each known to the second order
_FEW = 4  # points more than there are pieces, at least twice over
_SECOND = 2.0**-4  # of how far the slope of a piece moves on half of the way: what is left of it


class Choices:
    """The nodes at a kink, and those whose rules give none of the gradients around it.

    At a vertical tangent no finite slope exists, and a rule chooses as well.
    """

    def __init__(self) -> None:
        self.kinked: list[Node] = []
        self.wrong: list[tuple[str, str]] = []  # what, and where
        self.others: list[_Choice] = []
        self.unknown = False  # whether there is a node of which nothing is known
        self.vertical = False  # whether there is one with a vertical tangent

    @cached_property
    def smooth(self) -> bool:
        """Whether the rules of all other nodes are right at the very point."""
        return not self.unknown and not self.suspect

    @cached_property
    def suspect(self) -> bool:
        """Whether the rule of some other node looks wrong."""
        with np.errstate(all="ignore"):
            return not all(local.is_right() for local in self.others)


def choices(recording: Recording, rng: np.random.Generator) -> Choices:
    """Look at every node of a recorded function."""
    roots = [y for y in recording.outputs if y._node is not None]
    found = Choices()
    if not roots:
        return found
    graph = Graph(*roots)
    with np.errstate(all="ignore"):
        values = graph.values()
        used = used_outputs(graph)
        for node in graph.nodes:
            if node.is_leaf or node.op is OUTPUT or not node.op.differentiable:
                continue
            try:
                local = _Choice(node, values, rng, used.get(node))
                if not local.at_kink():
                    found.others.append(local)
                    if np.any(local.vertical):
                        found.kinked.append(node)
                        found.vertical = True
                    continue
                found.kinked.append(node)
                what = local.violated()
            except Exception:  # noqa: BLE001 - next to a domain's edge there is nothing to compare
                found.unknown = True
                continue
            if what is not None:
                found.wrong.append((what, place_of(node)))
    return found


class _Choice(Local):
    """A node that may be at a kink, and what its rules choose there."""

    def at_kink(self) -> bool:
        """Whether for some output the sides differ, and go on to differ as they shrink."""
        self.bent = np.zeros(self.start.size, bool)
        self.vertical = np.zeros(self.start.size, bool)
        self.seen: list[tuple[Array, Array]] = []
        if self.node.op.linear:
            return False
        for d in self.directions(4):
            right, left = self.sides(d)
            self.seen.append((right, left))
            near_right, near_left = self.sides(d, STEP / 4)
            for side, (wide, near) in enumerate(((right, near_right), (left, near_left))):
                self.vertical |= self._grows(d, side, wide, near)
            wide, narrow = np.abs(right - left), np.abs(near_right - near_left)
            clear = narrow > 1e-5 * (np.abs(right) + np.abs(left)) + 8 * self.noise
            bent = clear & (narrow > 0.5 * wide)
            if np.any(bent):  # what bends within short steps is a curve
                least_right, least_left = self.sides(d, _LEAST)
                gap = np.abs(least_right - least_left)
                clear = gap > np.fmax(0.5 * wide, 8 * self.noise * STEP / _LEAST)
                bent &= clear & self._stays(d, right, left)  # no jump, which has none
            self.bent |= bent
        # a middle one of equals moves alike to both sides
        if not np.any(self.bent) and not self.is_diagonal():
            self.bent = self._differs_around()
        return bool(np.any(self.bent))

    def _grows(self, d: Array, side: int, wide: Array, near: Array) -> Array:
        """Where a slope grows as a power of the step, however short that is."""
        power = np.log2(np.abs(near / wide)) / 2
        growth = 4**power
        grows = (growth > CUSP) & (growth <= JUMP)
        if not np.any(grows):
            return grows
        tiny = np.any((self.x != 0) & (np.abs(self.x) < _LEAST * self.unit))
        for step in (_LEAST, _SHORTEST, _DEEP):
            slope = self.sides(d, step)[side]
            expected = power * np.log2(STEP / step)
            alike = np.abs(np.log2(np.abs(slope / wide)) - expected) <= _ALIKE * expected
            grows &= alike | (
                (step == _DEEP) & (slope == 0) & ~tiny
            )  # beside 1 no step is so short
        return grows

    def _differs_around(self) -> Array:
        bent = np.zeros(self.start.size, bool)
        for d, (right, left) in zip(self.directions(4), self.seen, strict=True):
            slopes = self.slopes(d, self.around)
            apart = np.fmax(np.max(slopes, axis=0) - right, right - np.min(slopes, axis=0))
            nearer = self.x + (self.around - self.x) / 16
            still = self.slopes(d, nearer)
            again = np.fmax(np.max(still, axis=0) - right, right - np.min(still, axis=0))
            clear = again > 1e-3 * (np.abs(right) + np.abs(left)) + 8 * self.noise / AROUND
            clear &= again > 0.5 * apart
            if np.any(clear):
                bent |= clear & self._stays(d, right, left)
        return bent

    def _stays(self, d: Array, right: Array, left: Array) -> Array:
        """Whether shorter steps have the same sides: else a kink is near, but not at the point."""
        found = np.ones(self.start.size, bool)
        for step in (_LEAST, _SHORTEST):
            near_right, near_left = self.sides(d, step)
            away = np.fmax(np.abs(near_right - right), np.abs(near_left - left))
            noise = 8 * self.noise * STEP / step
            found &= away <= 1e-2 * (np.abs(right) + np.abs(left)) + noise
        return found

    def is_right(self) -> bool:
        """Whether the rules agree with differences, where there is no kink."""
        try:
            return self._agrees()
        except Exception:  # noqa: BLE001 - as above
            return False

    def _agrees(self) -> bool:
        outputs = np.flatnonzero(~self.vertical)
        if outputs.size > OUTPUTS:
            outputs = self.rng.choice(outputs, OUTPUTS, replace=False)
        rows = self.rows(outputs)
        for d in self.directions(2):
            right, left = self.sides(d)
            slope, given = (right + left)[outputs] / 2, rows @ d
            allowed = _CLOSE * (np.abs(rows) @ np.abs(d)) + 8 * self.noise[outputs]
            if np.all(np.abs(given - slope) <= allowed):
                continue
            right, left = self.sides(d, STEP / 4)
            nearer = (right + left)[outputs] / 2
            bends = np.abs(slope - nearer)  # all there is of the slope of a cube at 0
            allowed += np.where(bends < np.abs(slope), 2 * bends, 0.0)
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
        if outputs.size > OUTPUTS:
            outputs = self.rng.choice(outputs, OUTPUTS, replace=False)
        rows = self.rows(outputs)
        # along its own signs a rule gives the most that it ever does
        own = [self.unit * np.sign(row) for row in rows[:_OWN]]
        for d in [*self.directions(_DIRECTIONS + 1), *own]:
            given, size = rows @ d, np.abs(rows) @ np.abs(d)
            if not np.any(self._outside(d, self.around, outputs, given, size)[0]):
                continue
            shape = (_MORE * len(self.around), self.x.size)
            points = self.x + AROUND * self.unit * self.rng.uniform(-1, 1, shape)
            points = np.concatenate([self.around, points, self.chosen(rows)])
            out, low, high = self._outside(d, points, outputs, given, size)
            if np.any(out):
                i = int(np.flatnonzero(out)[0])
                digits = 4 if _is_far(given[i], low[i], high[i], size[i]) else 7
                return (
                    f"no gradient at this kink: along a direction the rule gives "
                    f"{given[i]:+.{digits}g}, and the slopes around are {low[i]:+.{digits}g} to "
                    f"{high[i]:+.{digits}g}"
                )
        return None

    def chosen(self, rows: Array) -> Array:
        """Points where the function has the very slopes that the rules give, if it does anywhere.

        Such is the order of singular values: the gradient of a lesser one shows where all others
        keep theirs, which few points around 0 do.
        """
        size = np.max(np.abs(rows), axis=1, keepdims=True)
        weights = np.arange(1.0, len(rows) + 1) / len(rows)
        ways = np.stack([weights, weights[::-1], -weights, -weights[::-1]])
        along = ways @ (rows / np.where(size > 0, size, 1.0))
        size = np.max(np.abs(along), axis=1, keepdims=True)
        return np.asarray(self.x + AROUND * self.unit * along / np.where(size > 0, size, 1.0))

    def _outside(
        self, d: Array, points: Array, outputs: Array, given: Array, size: Array
    ) -> tuple[Array, Array, Array]:
        """Which slopes are none of those around, and the least and the greatest of these.

        Where f is made of a few pieces each has a slope at the very point: what those nearby tend
        to. A step across a kink gives a mean of two slopes, which lies between them.
        """
        step = self._within(d)
        slopes, moved = self._at_the_point(d, points, step)
        slopes, moved = slopes[:, outputs], moved[:, outputs]
        sides = np.stack(self.sides(d))[:, outputs]
        noise = 8 * self.noise[outputs] * STEP / step
        apart = np.diff(np.sort(slopes, axis=0), axis=0) > _SHARPER * size + noise
        few = 2 * np.count_nonzero(apart, axis=0) < len(points) - _FEW
        rest = _SECOND * np.max(np.where(np.isfinite(moved), moved, np.inf), axis=0)
        slack = np.where(few, np.fmin(_SHARPER * size + rest, _SHARP * size), _SHARP * size) + noise
        every = np.concatenate([slopes, sides])
        low, high = np.min(every, axis=0), np.max(every, axis=0)
        return (given < low - slack) | (given > high + slack), low, high

    def _within(self, d: Array) -> float:
        """A step that moves no element by much of how far the points around are away."""
        most = float(np.max(np.abs(d) / self.unit, initial=1.0))
        return max(STEP / most, STEP * AROUND)

    def _at_the_point(self, d: Array, points: Array, step: float) -> tuple[Array, Array]:
        """The slopes along d that those at points around tend to, and how far they moved."""
        wide = self.slopes(d, points, step)
        near = self.slopes(d, self.x + (points - self.x) / 2, step)
        return 2 * near - wide, np.abs(near - wide)


def _is_far(given: float, low: float, high: float, size: float) -> bool:
    return bool(min(abs(given - low), abs(given - high)) > _SHARP * size)
