"""Colourings of a sparsity pattern: which columns of a sparse matrix one product gives together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Places", "columns_apart", "star"]

Ints = np.ndarray[tuple[int], np.dtype[np.intp]]
_FEW = 64
_MOST = 1 << 23  # steps of Python that a colouring may take


class Places(NamedTuple):
    """Where a matrix of this shape may have other numbers than 0, row by row."""

    rows: Ints
    columns: Ints
    shape: tuple[int, int]

    @property
    def turned(self) -> Places:
        """Those of the transpose."""
        order = np.lexsort((self.rows, self.columns))
        return Places(self.columns[order], self.rows[order], self.shape[::-1])

    def lists(self) -> list[list[int]]:
        """For each row its columns."""
        ends = np.searchsorted(self.rows, np.arange(1, self.shape[0]))
        return [part.tolist() for part in np.split(self.columns, ends)]


def columns_apart(places: Places) -> Ints:
    """A colour for each column, so that no two of a colour share a row (Curtis et al., 1974).

    Greedy, those with the most elements first (Coleman and Moré, 1983). Each has a colour of its
    own where rows are so full that little could be won.
    """
    of_row, of_column = places.lists(), places.turned.lists()
    most = max(map(len, of_row), default=0)
    if 2 * most > places.shape[1] > _FEW or sum(len(row) ** 2 for row in of_row) > _MOST:
        return np.arange(places.shape[1])
    taken: list[set[int]] = [set() for _ in of_row]  # the colours that a row has
    colors = np.zeros(places.shape[1], dtype=np.intp)
    for column in sorted(range(len(colors)), key=lambda c: -len(of_column[c])):
        rows = of_column[column]
        colors[column] = color = _least(set().union(*[taken[row] for row in rows]))
        for row in rows:
            taken[row].add(color)
    return colors


def star(places: Places) -> Ints | None:
    """A colour for each column of a symmetric matrix: neighbours differ, and each path of four
    columns has three colours, so that every element or its mirror image stands alone in a product
    (Coleman and Moré, 1984). Greedy; None where it would take too long.
    """
    near = [[w for w in row if w != v] for v, row in enumerate(places.lists())]
    if sum(len(row) ** 2 for row in near) > _MOST:
        return None
    colors = [-1] * len(near)
    # how often a column has each colour among its neighbours
    counts: list[dict[int, int]] = [{} for _ in near]
    for v in sorted(range(len(near)), key=lambda v: -len(near[v])):
        colors[v] = color = _least(_forbidden(v, near, colors, counts))
        for w in near[v]:
            counts[w][color] = counts[w].get(color, 0) + 1
    return np.array(colors, dtype=np.intp)


def _forbidden(
    v: int, near: list[list[int]], colors: list[int], counts: list[dict[int, int]]
) -> set[int]:
    """The colours by which a neighbour has the same, or a path of four columns has two."""
    found = set(counts[v])
    for w in near[v]:
        own = colors[w]
        if own < 0:
            continue
        if counts[v][own] > 1:  # u - v - w - x, where u has w's colour
            found.update(counts[w])
            continue
        for x in near[w]:  # v - w - x - y, where y has w's colour
            if colors[x] >= 0 and counts[x][own] > 1:
                found.add(colors[x])
    return found


def _least(taken: set[int]) -> int:
    color = 0
    while color in taken:
        color += 1
    return color
