"""How arrays are gone through: broadcast, their axes in memory's order, joined where they can be.

An axis of the loop has for each operand a stride in bytes, 0 where the operand is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Layout", "layout_of"]


class Layout(NamedTuple):
    """The axes of a loop, the innermost last."""

    shape: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]  # of each operand

    def steps(self, sizes: Sequence[int]) -> list[str]:
        """How each operand lies along the innermost axis (see native/nest.py)."""
        return [
            "none" if s[-1] == 0 else "one" if s[-1] == size else "any"
            for s, size in zip(self.strides, sizes, strict=True)
        ]

    def part(self, axis: int, begin: int, end: int) -> tuple[Layout, list[int]]:
        """A part of one axis, and how far into each operand it begins."""
        shape = (*self.shape[:axis], end - begin, *self.shape[axis + 1 :])
        return Layout(shape, self.strides), [s[axis] * begin for s in self.strides]


def layout_of(
    shape: tuple[int, ...], strides: Sequence[tuple[int, ...]], sizes: Sequence[int]
) -> Layout:
    """The axes without those of length 1, in the order of their strides, joined; one at least.

    `sizes` are the bytes of a number of each operand.

    >>> layout_of((2, 3), [(12, 4), (12, 4)], [4, 4])
    Layout(shape=(6,), strides=((4,), (4,)))
    >>> layout_of((2, 3), [(12, 4), (0, 4)], [4, 4])
    Layout(shape=(2, 3), strides=((12, 4), (0, 4)))
    >>> layout_of((), [(), ()], [4, 8])
    Layout(shape=(1,), strides=((4,), (8,)))
    """
    axes = [(n, tuple(s[a] for s in strides)) for a, n in enumerate(shape) if n != 1]
    axes.sort(key=lambda axis: _size(axis[1]), reverse=True)
    axes = axes or [(1, tuple(sizes))]
    joined: list[tuple[int, tuple[int, ...]]] = []
    for n, steps in axes:
        if joined:
            before, outer = joined[-1]
            if all(o == n * s for o, s in zip(outer, steps, strict=True)):
                joined[-1] = (before * n, steps)
                continue
        joined.append((n, steps))
    return Layout(
        tuple(n for n, _ in joined),
        tuple(tuple(steps[k] for _, steps in joined) for k in range(len(strides))),
    )


def _size(steps: tuple[int, ...]) -> tuple[int, int]:
    """Strides of operands that are not repeated come first: the most of them should be small."""
    sizes = [abs(s) for s in steps if s]
    return (max(sizes, default=0), sum(sizes))
