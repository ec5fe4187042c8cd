"""A long flow in columns side by side, as on the pages of a book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograd.viz.layout.arms import as_u
from autograd.viz.layout.chains import Net
from autograd.viz.layout.flow import Flow
from autograd.viz.layout.parts import PITCH, Laid, Part, Point

__all__ = ["ASPECT", "Page", "arranged"]

ASPECT = 1.5  # height by width, at most
_MOST = 12  # columns
_LARGE, _FEW, _SPARED = 6e6, 4, 0.8  # of an area: then so few columns are tried, to spare some
_SHORT = 0.3  # of a column's share of the height is no column, such as the loss alone
_AIR = 10.0  # beside and below the links from column to column


@dataclass(frozen=True, slots=True)
class Page:
    """What a module is laid out for."""

    low: float  # a module that is no higher stays one column
    room: float = 0.0  # the width that is there in any case
    rest: float = 0.0  # the height of what else is there


def arranged(
    count: int, nets: list[Net], part: Callable[[int, bool], Part], page: Page, up: bool
) -> Laid:
    """The parts of a module: as they flow; as a U; or in as few columns as make it no tower."""
    parts = [part(number, up) for number in range(count)]
    flow = Flow(parts, nets)
    if not up and (laid := as_u(flow, part)) is not None:
        return laid
    best = flow.laid()
    if best.height <= page.low:
        return best
    most = min(_MOST, flow.rows)
    for columns in range(2, most + 1):
        if best.height + page.rest <= ASPECT * max(best.width, page.room):
            break
        cuts = _cuts(flow, columns)
        if len(cuts) == 1:
            break
        best = _in_columns(flow, cuts)
    if best.width * best.height > _LARGE:  # parts may lie from corner to corner, and leave it empty
        for columns in range(2, min(most, _FEW) + 1):
            cuts = _cuts(flow, columns)
            if len(cuts) == 1:
                break
            other = _in_columns(flow, cuts)
            fits = other.height + page.rest <= ASPECT * max(other.width, page.room)
            if fits and other.width * other.height < _SPARED * best.width * best.height:
                best = other
    return best


def _cuts(flow: Flow, columns: int) -> list[int]:
    """The rows with which columns begin: about equally high, few links from one to the next."""
    tops, _, height = flow.heights()
    crossing = [0] * (flow.rows + 1)
    for net in flow.nets:
        first = 0 if net.source is None else flow.row[net.source]
        last = flow.rows if net.target is None else flow.row[net.target]
        for row in range(first + 1, last + 1):
            crossing[row] += 1
    least = _SHORT * height / columns
    full = [row for row in range(flow.rows) if least <= tops[row] <= height - least]
    cuts = [0]
    for number in range(1, columns):
        end = flow.rows - (columns - number)
        free = full if number == 1 else range(cuts[-1] + 1, end + 1)
        if not free:
            break
        wanted = number / columns

        def cost(row: int, wanted: float = wanted) -> float:
            return abs(tops[row] / height - wanted) * columns + 0.6 * crossing[row]

        cuts.append(min(free, key=cost))
    while len(cuts) > 2 and height - tops[cuts[-1]] < least:
        cuts.pop()
    return cuts


def _in_columns(flow: Flow, cuts: list[int]) -> Laid:
    """Each column laid out for itself, and links around from its lower end to the next one."""
    of_part = [sum(row >= cut for cut in cuts) - 1 for row in flow.row]
    columns = [_column(flow, of_part, number, len(cuts)) for number in range(len(cuts))]
    across = [sorted(each.outs, key=each.outs.__getitem__, reverse=True) for each in columns]
    top = PITCH * max(map(len, across[:-1])) + _AIR
    found = Laid(0.0, 0.0)
    x = right = low = 0.0
    for number, column in enumerate(columns):
        placed = column.moved(x, top)
        found.places |= placed.places
        if number == 0:
            found.ins, found.main = placed.ins, placed.main
            for key in placed.ins:
                placed.paths[key].insert(0, (placed.ins[key], 0.0))
        else:
            for rank, key in enumerate(across[number - 1]):
                start = found.paths[key][-1][0]
                found.paths[key] += _around(rank, start, right, low, placed.ins[key], top)
        for key, path in placed.paths.items():
            found.paths[key] = found.paths.get(key, []) + path
        right, low, x = placed.width, placed.height, placed.width + 2 * _AIR
        found.width, found.outs = right, placed.outs
        if number < len(columns) - 1:
            x += PITCH * len(across[number])
            low += _AIR + PITCH * len(across[number])
        found.height = max(found.height, low)
        low = placed.height
    return _returned(found)


def _around(rank: int, start: float, right: float, low: float, x: float, top: float) -> list[Point]:
    """From the lower end of a column up beside it, and into the next."""
    lane, under = right + _AIR + (rank + 0.5) * PITCH, low + _AIR + (rank + 0.5) * PITCH
    over = (rank + 0.5) * PITCH
    return [(start, under), (lane, under), (lane, over), (x, over), (x, top)]


def _returned(found: Laid) -> Laid:
    """What leaves the last column goes on in line with what came into the first."""
    line = None if found.main is None else found.ins[found.main]
    for rank, (key, x) in enumerate(sorted(found.outs.items(), key=lambda out: out[1])):
        if line is not None:
            y = found.height + _AIR + (rank + 0.5) * PITCH
            found.outs[key] = line + rank * PITCH
            found.paths[key] += [(x, y), (found.outs[key], y)]
    found.height += _AIR + (PITCH * len(found.outs) if line is not None else 0.0)
    for key, x in found.outs.items():
        found.paths[key].append((x, found.height))
    return found


def _column(flow: Flow, of_part: list[int], number: int, count: int) -> Laid:
    members = [part for part, column in enumerate(of_part) if column == number]
    place = {part: at for at, part in enumerate(members)}
    nets = []
    for net in flow.nets:
        first = 0 if net.source is None else of_part[net.source]
        last = count - 1 if net.target is None else of_part[net.target]
        if first <= number <= last:
            source = place.get(net.source) if net.source is not None else None
            target = place.get(net.target) if net.target is not None else None
            nets.append(Net(net.key, source, target))
    return Flow([flow.parts[part] for part in members], nets).laid()
