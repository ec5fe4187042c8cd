"""From judged elements to findings: grouped by input, ranked, with the pattern of the mistake."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.naming.case import Case
from autograd.gradcheck.naming.name import forward_line, pattern
from autograd.gradcheck.numeric.cells import Cell, Outcome
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, KINK, UNDEFINED, UNKNOWN, VAGUE
from autograd.gradcheck.numeric.function import FAILURES
from autograd.gradcheck.numeric.kinks import kind_of
from autograd.gradcheck.numeric.ladder import unit_steps
from autograd.gradcheck.report.finding import Entry, Finding

__all__ = ["advice_of", "findings"]

_DRAWN = 3  # elements of a finding of which a picture is made
_STEPS = tuple(4.0**-rung for rung in range(1, 15))


def findings(case: Case, outcome: Outcome, status: int, leg: str) -> list[Finding]:
    """One finding for each input that has elements of the given status, and one of directions."""
    cells = [cell for cell in outcome.cells if cell.status == status]
    function = case.function
    found = []
    for number in range(len(function.positions)):
        start, stop = function.stops[number : number + 2]
        mine = [cell for cell in cells if start <= cell.coordinate < stop]
        if mine:
            found.append(_of_input(case, outcome, status, leg, number, mine))
    along = {cell.output for cell in cells if cell.coordinate < 0}
    if along and not found:  # probes, and no single element to blame
        more: dict[str, Any] = {"pattern": "along random directions; no single element is to blame"}
        if status == UNKNOWN:
            more["advice"] = advice_of(cells, case.raised)
        elif status == FAILS:
            more["where"] = case.blamed.text
        total = int(case.recording.value.size)
        found.append(case.finding(leg, None, wrong=len(along), total=total, unit="outputs", **more))
    return found


def _of_input(
    case: Case, outcome: Outcome, status: int, leg: str, number: int, cells: list[Cell]
) -> Finding:
    like = case.function.checked[number]
    columns = _columns(case, outcome, number)
    looked = len(columns) // (2 if like.dtype.kind == "c" else 1)
    entries = _entries(case, number, cells, outcome.mixed)
    more: dict[str, Any] = {"entries": entries, "wrong": len(entries), "total": like.size}
    more["least"] = not outcome.complete
    more["looked"] = looked if more["least"] and status == FAILS else 0
    if status == UNKNOWN:
        more["advice"] = advice_of(cells, case.raised)
    elif status == KINK:
        kinds = sorted({kind_of(cell.gap_ratio) for cell in cells})
        more["pattern"] = f"{' and '.join(kinds)} at these inputs"
    elif status == UNDEFINED:
        more["pattern"] = f"no derivative here, and the gradient is NaN: {case.without}"
    elif not case.quick:
        more["agreement"] = _agreement(case, outcome, number)
        more["pattern"] = pattern(case, outcome, cells, number, columns)
        more["forward"] = None if outcome.mixed else forward_line(case, cells)
        more["where"] = case.blamed.text
    return case.finding(leg, number, **more)


def _entries(case: Case, number: int, cells: list[Cell], mixed: bool) -> tuple[Entry, ...]:
    """The worst judgement of each element, the worst element first."""
    like = case.function.checked[number]
    width = 2 if like.dtype.kind == "c" else 1
    start = int(case.function.stops[number])
    worst: dict[int, tuple[tuple[float, float], Entry, Cell]] = {}
    for cell in cells:
        place = cell.coordinate - start
        index = tuple(int(i) for i in np.unravel_index(place // width, like.shape))
        output = f"weighting {cell.output}" if mixed else case.output_name(cell.output)
        if width == 2:
            output = f"{output} (by the {'imaginary' if place % 2 else 'real'} part)".strip()
        apart = abs(cell.analytic - cell.numeric)
        ratio = apart / cell.error if cell.error else np.inf
        excess = (np.inf if np.isnan(ratio) else float(ratio), abs(cell.analytic))
        old = worst.get(place // width)
        if old is None or excess > old[0]:
            sides = (cell.left, cell.right) if cell.gap_ratio else None
            sides = sides and (min(sides), max(sides))
            entry = Entry(index, cell.analytic, cell.numeric, cell.error, output, sides)
            worst[place // width] = (excess, entry, cell)
    ranked = sorted(worst.values(), key=lambda found: found[0], reverse=True)
    return tuple(
        entry._replace(curve=() if mixed or n >= _DRAWN else _curve(case, cell))
        for n, (_, entry, cell) in enumerate(ranked)
    )


def _curve(case: Case, cell: Cell) -> tuple[tuple[float, float], ...]:
    """The difference quotients of an element at the steps of a ladder, for a picture."""
    if case.quick or cell.status not in (FAILS, UNKNOWN) or cell.gap_ratio:
        return ()
    d = np.zeros(case.x.size)
    d[cell.coordinate] = unit_steps(case.x)[cell.coordinate]
    found = []
    for h in _STEPS:
        try:
            high, low = case.function(case.x + h * d), case.function(case.x - h * d)
        except FAILURES:
            continue
        unit = h * d[cell.coordinate]
        found.append((float(unit), float((high - low)[cell.output] / (2 * unit))))
    return tuple(found)


def advice_of(cells: list[Cell], raised: Exception | None = None) -> str:
    """What to do where the numeric slope says too little."""
    lost = [cell for cell in cells if not np.isfinite(cell.error)]
    if lost and all(np.isfinite(cell.numeric) for cell in lost):
        return "f varies faster than the shortest steps: its slope there is beyond double precision"
    if lost:
        if raised is not None:
            what = f"{type(raised).__name__}: {raised}".splitlines()[0]
            return f"f raised {what} next to this point: move it from the domain's edge"
        return "f is not finite, or raises, next to this point: move it from the domain's edge"
    known = [c for c in cells if c.error <= VAGUE * max(abs(c.analytic), abs(c.numeric))]
    if len(known) == len(cells):
        if all(abs(cell.numeric) < abs(cell.analytic) for cell in cells):
            return (
                "f stays the same within short steps, where it is constant or rounded on its way: "
                "take away what is added to f, or compute it in higher precision"
            )
        return "f is rough at short steps, and wide ones do not bear out the difference"
    return (
        "the numeric slope is not known to 1 %: scale the inputs, move the point, or take away "
        "what is added to f"
    )


def _columns(case: Case, outcome: Outcome, number: int) -> Array:
    start, stop = case.function.stops[number : number + 2]
    inside = (start <= outcome.coordinates) & (outcome.coordinates < stop)
    return np.flatnonzero(inside)


def _agreement(case: Case, outcome: Outcome, number: int) -> float | None:
    columns = _columns(case, outcome, number)
    fine = np.all(outcome.status[:, columns] == AGREES, axis=0)
    if not np.any(fine):
        return max(outcome.agreement, 2.0**-52) if outcome.probes and outcome.complete else None
    a, n = outcome.analytic[:, columns][:, fine], outcome.numeric[:, columns][:, fine]
    size = np.max(np.abs(n), initial=0.0)
    apart = float(np.max(np.abs(a - n), initial=0.0) / size) if size else 0.0
    return max(apart, outcome.agreement, 2.0**-52)
