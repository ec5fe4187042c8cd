"""The free space between two rows: at which height each link that changes its x runs across."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.viz.layout.parts import GAUGE, PITCH

__all__ = ["Run", "levels"]

_NEAR = PITCH * 0.8  # beside each other
_IN_LINE = GAUGE + 2.0  # below each other


@dataclass(eq=False, slots=True)
class Run:
    """A link from x at the upper side of a channel to x at its lower side."""

    key: int
    above: float
    below: float
    level: int = 0

    @property
    def is_straight(self) -> bool:
        return abs(self.above - self.below) < 0.01

    def meets(self, other: Run) -> bool:
        """Whether both need the same place, were they at one height."""
        a, b = sorted((self.above, self.below)), sorted((other.above, other.below))
        return a[0] < b[1] + _NEAR and b[0] < a[1] + _NEAR

    def is_over(self, other: Run) -> bool:
        """Whether it must run above another, which goes on below where this one came from."""
        return abs(self.above - other.below) < _IN_LINE


def levels(runs: list[Run]) -> int:
    """Set the level of each, from 0; returns how many there are.

    Links that go the same way are nested, so that they do not cross, and no two lie on each other.
    """
    left = sorted((run for run in runs if not run.is_straight), key=_order)
    placed: list[Run] = []
    while left:
        run = next((r for r in left if not any(o is not r and o.is_over(r) for o in left)), left[0])
        left.remove(run)
        run.level = max((o.level + 1 for o in placed if o.meets(run)), default=0)
        placed.append(run)
    return 1 + max((run.level for run in placed), default=-1)


def _order(run: Run) -> tuple[bool, float]:
    """Of those to the right the rightmost first, of those to the left the leftmost."""
    goes_right = run.below > run.above
    return goes_right, -run.above if goes_right else run.above
