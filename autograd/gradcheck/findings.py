"""From judged elements to findings: grouped by input, ranked, with the pattern of the mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import GradcheckError
from autograd.gradcheck.function import FAILURES, Function, Recording
from autograd.gradcheck.judge import AGREES, FAILS, KINK, UNKNOWN
from autograd.gradcheck.kinks import kind_of
from autograd.gradcheck.patterns import describe
from autograd.gradcheck.probes import Cell, Outcome
from autograd.gradcheck.report import Entry, Finding
from autograd.op import Array

__all__ = ["Case", "advice_of", "findings"]


class Case:
    """What all findings of one comparison share: the function, its names, how to run it again."""

    def __init__(self, function: Function, x: Array, name: str, order: int, seed: str) -> None:
        self.function = function
        self.x = x
        self.name = name
        self.order = order
        self.seed = seed
        self.recording: Recording = function.record(x)
        self.place: Callable[[], str | None] = lambda: None
        self.repro = ""

    def finding(self, leg: str, number: int | None = None, **more: Any) -> Finding:
        """A finding about one checked input, or about the function."""
        dtypes = [a.dtype for a in self.function.checked]
        dtype = str(dtypes[number] if number is not None else dtypes[0])
        title = self.function.names[number] if number is not None else ""
        repro = self.repro
        if number is not None and len(self.function.names) > 1 and self.order == 1:
            repro = repro.replace(", rng=", f", wrt={self.function.positions[number]}, rng=")
        made = {"dtype": dtype, "function": self.name, "seed": self.seed, "repro": repro}
        return Finding(leg, title, self._output(), self.order, **(made | more))

    def _output(self) -> str:
        names = [y.name for y in self.recording.outputs]
        return names[0] if len(names) == 1 and names[0] else "out" if self.order == 1 else "grad"

    def output_name(self, i: int) -> str:
        """`out[1, 2]`, of the flat output number i; nothing where there is only one."""
        outputs = self.recording.outputs
        if self.recording.value.size == 1:
            return ""
        for number, y in enumerate(outputs):
            width = 2 if y.dtype.kind == "c" else 1
            if i < y.size * width:
                index = np.unravel_index(i // width, y.shape)
                inner = ", ".join(str(int(k)) for k in index)
                title = self._output() + (str(number) if len(outputs) > 1 else "")
                part = (".imag" if i % 2 else ".real") if width == 2 else ""
                return title + (f"[{inner}]" if inner else "") + part
            i -= y.size * width
        return ""


def findings(case: Case, outcome: Outcome, status: int, leg: str) -> list[Finding]:
    """One finding for each input that has elements of the given status."""
    cells = [cell for cell in outcome.cells if cell.status == status]
    found = []
    function = case.function
    if any(cell.coordinate < 0 for cell in cells):  # probes: no single element is to blame
        outputs = {cell.output for cell in cells}
        more = _extra(case, outcome, cells, status, None)
        found.append(case.finding(leg, None, wrong=len(outputs), total=_outputs(case), **more))
        return found
    for number in range(len(function.positions)):
        start, stop = function.stops[number : number + 2]
        mine = [cell for cell in cells if start <= cell.coordinate < stop]
        if mine:
            entries = _entries(case, number, mine)
            more = _extra(case, outcome, mine, status, number)
            like = function.checked[number]
            columns = len(_columns(case, outcome, number)) // (2 if like.dtype.kind == "c" else 1)
            more["looked"] = columns if columns < like.size else 0
            total = like.size
            found.append(
                case.finding(leg, number, entries=entries, wrong=len(entries), total=total, **more)
            )
    return found


def _outputs(case: Case) -> int:
    return int(case.recording.value.size)


def _entries(case: Case, number: int, cells: list[Cell]) -> tuple[Entry, ...]:
    """The worst judgement of each element, the worst element first."""
    like = case.function.checked[number]
    width = 2 if like.dtype.kind == "c" else 1
    start = int(case.function.stops[number])
    worst: dict[int, tuple[float, Entry]] = {}
    for cell in cells:
        place = cell.coordinate - start
        index = tuple(int(i) for i in np.unravel_index(place // width, like.shape))
        output = "" if case.recording.value.size == 1 else case.output_name(cell.output)
        if width == 2:
            output = f"{output} (by the {'imaginary' if place % 2 else 'real'} part)".strip()
        apart = abs(cell.analytic - cell.numeric)
        excess = apart / cell.error if cell.error else np.inf
        excess = np.inf if np.isnan(excess) else float(excess)
        old = worst.get(place // width)
        if old is None or excess > old[0]:
            entry = Entry(index, cell.analytic, cell.numeric, cell.error, output)
            worst[place // width] = (excess, entry)
    return tuple(entry for _, entry in sorted(worst.values(), key=lambda pair: -pair[0]))


def _extra(
    case: Case, outcome: Outcome, cells: list[Cell], status: int, number: int | None
) -> dict[str, Any]:
    if status == UNKNOWN:
        return {"advice": advice_of(cells)}
    if status == KINK:
        kinds = sorted({kind_of(cell.gap_ratio) for cell in cells})
        return {"pattern": f"{' and '.join(kinds)} at these inputs"}
    if number is None or status != FAILS:
        return {}
    more = {"agreement": _agreement(case, outcome, number), "where": case.place()}
    return more | {"pattern": _pattern(case, outcome, number)}


def advice_of(cells: list[Cell]) -> str:
    """What to do where the numeric slope says too little."""
    if any(not np.isfinite(cell.error) for cell in cells):
        return "f is not finite, or raises, next to this point: move it from the domain's edge"
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
        return None
    a, n = outcome.analytic[:, columns][:, fine], outcome.numeric[:, columns][:, fine]
    size = np.max(np.abs(n), initial=0.0)
    apart = float(np.max(np.abs(a - n), initial=0.0) / size) if size else 0.0
    return max(apart, outcome.agreement, 2.0**-52)


def _pattern(case: Case, outcome: Outcome, number: int) -> str | None:
    """The mistake, from one random weighting of the outputs that were looked at."""
    function = case.function
    columns = _columns(case, outcome, number)
    like = function.checked[number]
    start, stop = (int(s) for s in function.stops[number : number + 2])
    wrong = np.any(outcome.status[:, columns] == FAILS, axis=0)
    u = np.random.default_rng(0).uniform(0.5, 1.5, len(outcome.rows))
    u *= np.where(np.arange(u.size) % 3 == 1, -1.0, 1.0)
    a, n = u @ outcome.analytic[:, columns], u @ outcome.numeric[:, columns]
    if np.all(outcome.analytic[:, columns] == 0):
        case.recording.vjp(np.ones(_outputs(case)))
        if number in case.recording.unused:
            return "missing path: the output does not depend on this input in the graph"
    x = case.x[start:stop]
    sizes = _sizes(case, like)
    contributions = None
    if like.dtype.kind == "c" or len(columns) != stop - start:
        a_all = outcome.gradient
        if a_all is not None and not np.any(a_all[start:stop]):
            return "all zero"
        x = x[outcome.coordinates[columns] - start]
    else:
        a, n, wrong, x = (v.reshape(like.shape) for v in (a, n, wrong, x))
        contributions = _contributions(case, outcome, u, columns, like)
    scaled = describe(a, n, wrong, x, sizes, contributions, function.names[number])
    if scaled == "all zero" and outcome.gradient is not None:
        scaled = "all zero" if not np.any(outcome.gradient[start:stop]) else "block of zeros"
    if scaled is None:
        return _stale(case) or scaled
    return scaled


def _sizes(case: Case, like: Array) -> list[int]:
    """Lengths that a mean may have divided by."""
    found = [*like.shape, like.size]
    shapes = [y.shape for y in case.recording.outputs] + [a.shape for a in case.function.checked]
    for shape in shapes:
        found += [*shape, int(np.prod(shape))]
    return list(dict.fromkeys(int(n) for n in found))


def _contributions(
    case: Case, outcome: Outcome, u: Array, columns: Array, like: Array
) -> Array | None:
    outputs = case.recording.outputs
    whole = len(outcome.rows) == _outputs(case) and not outcome.mixed
    if not whole or len(outputs) != 1 or outputs[0].dtype.kind == "c":
        return None
    weighted = u[:, None] * outcome.numeric[:, columns]
    return np.reshape(weighted, (*outputs[0].shape, *like.shape))


def _stale(case: Case) -> str | None:
    """Whether the gradient at another point is the same to the last bit."""
    u = np.random.default_rng(1).uniform(0.5, 1.5, _outputs(case))
    here = case.function.record(case.x).vjp(u)
    try:
        there = case.function.record(case.x * 1.03 + 0.01).vjp(u)
    except (*FAILURES, GradcheckError):
        return None
    if np.array_equal(here, there):
        return "stale value? the gradient is the same at other inputs"
    return None
