"""The pattern of the mistake in one input's gradient: the surest name first."""

from __future__ import annotations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.legs.forward import one_formula, slope
from autograd.gradcheck.naming.case import Case
from autograd.gradcheck.naming.hypotheses import hypothesis, of_a_part, slopes_of
from autograd.gradcheck.naming.patterns import describe, factor, place, place_of_some
from autograd.gradcheck.naming.structure import structure
from autograd.gradcheck.numeric.cells import Cell, Outcome
from autograd.gradcheck.numeric.decisions import FAILS, SLACK, VAGUE
from autograd.gradcheck.numeric.function import FAILURES
from autograd.graph.graph import Graph

__all__ = ["forward_line", "pattern"]

_MOVE = 2.0**-8  # how far a graph is replayed, in units of a coordinate
_SAME = 1e-6  # relative difference of two formulas for one number, in any precision
_OUTSIDE = 1e-6  # of the change of f: what its graph may leave unexplained


def pattern(
    case: Case, outcome: Outcome, cells: list[Cell], number: int, columns: Array
) -> str | None:
    """What the wrong elements of one input's gradient look like, if they look like anything.

    `cells` are the wrong ones, `columns` the columns of the outcome that belong to the input.
    """
    if all(cell.gap_ratio for cell in cells) and not any(np.isnan(c.analytic) for c in cells):
        return "outside the one-sided slopes of a kink"
    if _unused(case, outcome, columns, number):
        return "missing path: the output does not depend on this input in the graph"
    if not any(np.isnan(cell.analytic) for cell in cells):
        if _outside(case, number):
            return "missing path: f depends on this input outside its graph as well"
        if what := _forgotten_output(case, outcome, columns):
            return what
    outcome = _with_zeros(outcome, cells)
    blur = max((c.error / abs(c.numeric) for c in cells if c.numeric), default=0.0)
    found = _described(case, outcome, number, columns, blur)
    is_complex = case.function.checked[number].dtype.kind == "c"
    if is_complex and (what := _lost_part(case, outcome, number, columns)):
        return what
    if found is not None and not found.startswith("wrong "):
        return found
    with np.errstate(all="ignore"):
        named = hypothesis(case, number)
        named = named or _of_the_whole(case, outcome, number, columns)
        named = named or of_a_part(case, number, cells) or _stale(case, number)
        named = named or case.blamed.pattern()
    if named is None or named.startswith("wrong "):
        return found or named
    return f"{named}, {found.removeprefix('wrong ')}" if found else named


def _with_zeros(outcome: Outcome, cells: list[Cell]) -> Outcome:
    """With 0 for the numeric slopes of wrong elements that are no larger than their errors."""
    zeros = [cell for cell in cells if abs(cell.numeric) <= 2 * cell.error]
    if not zeros:
        return outcome
    numeric = outcome.numeric.copy()
    rows = np.searchsorted(outcome.rows, [cell.output for cell in zeros])
    columns = np.searchsorted(outcome.coordinates, [cell.coordinate for cell in zeros])
    numeric[rows, columns] = 0.0
    return outcome._replace(numeric=numeric)


def _unused(case: Case, outcome: Outcome, columns: Array, number: int) -> bool:
    if np.any(outcome.analytic[:, columns]):
        return False
    case.recording.vjp(np.ones(case.recording.value.size))
    return number in case.recording.unused


def _outside(case: Case, number: int) -> bool:
    """Whether f moves with this input where its graph, replayed, does not."""
    recording, function = case.recording, case.function
    roots = [y for y in recording.outputs if y._node is not None]
    leaf = recording.leaves[number]
    moved = case.x.copy()
    span = slice(*(int(s) for s in function.stops[number : number + 2]))
    signs = np.random.default_rng(4).choice([-1.0, 1.0], moved[span].size)
    moved[span] += _MOVE * np.maximum(np.abs(moved[span]), 0.01) * signs
    try:
        graph = Graph(*roots)
        given = {leaf: function.part(number, moved)} if leaf._node in graph.leaves else {}
        values = graph.values(given)
        there = function.record(moved)
    except FAILURES:
        return False
    pairs = [
        (np.asarray(y._value), np.asarray(values[o._node] if o._node is not None else o._value), o)
        for y, o in zip(there.outputs, recording.outputs, strict=True)
    ]
    change = max((np.max(np.abs(y - o.numpy()), initial=0.0) for y, _, o in pairs), default=0.0)
    apart = max((np.max(np.abs(y - r), initial=0.0) for y, r, _ in pairs), default=0.0)
    size = max((np.max(np.abs(y), initial=0.0) for y, _, _ in pairs), default=0.0)
    return bool(apart > _OUTSIDE * change + recording.rounding * size)


def _forgotten_output(case: Case, outcome: Outcome, columns: Array) -> str | None:
    """One of several outputs from which nothing comes back, while the others are right."""
    outputs = case.recording.outputs
    if len(outputs) < 2 or outcome.mixed:
        return None
    widths = [y.size * (2 if y.dtype.kind == "c" else 1) for y in outputs]
    owner = np.repeat(np.arange(len(outputs)), widths)[outcome.rows]
    a, wrong = outcome.analytic[:, columns], outcome.status[:, columns] == FAILS
    bad = np.unique(owner[np.any(wrong, axis=1)])
    if len(bad) == 1 and not np.any(a[owner == bad[0]]) and np.any(a):
        return f"missing path: no gradient comes back from output {bad[0]}"
    return None


def _described(
    case: Case, outcome: Outcome, number: int, columns: Array, blur: float
) -> str | None:
    """From one random weighting of the outputs that were looked at."""
    like, start = case.function.checked[number], int(case.function.stops[number])
    failing = outcome.status[:, columns] == FAILS
    chosen, shape = outcome.coordinates[columns] - start, like.shape
    pairs = like.dtype.kind == "c" and _are_pairs(chosen)
    if pairs:
        failing = _of_whole_numbers(case, outcome.rows, failing)
    u = np.random.default_rng(0).uniform(0.5, 1.5, len(outcome.rows))
    u *= np.where(np.arange(u.size) % 3 == 1, -1.0, 1.0)
    both = outcome.analytic[:, columns], outcome.numeric[:, columns]
    # of the outputs that are wrong alone, too: others have their part in the sums
    a, n, *off = (u @ m for m in (*both, *(np.where(failing, m, 0) for m in both)))
    wrong, telling = np.any(failing, axis=0), np.any(both[1] != 0, axis=0)
    x = case.x[start : int(case.function.stops[number + 1])]
    gradient = None if outcome.gradient is None else outcome.gradient[start : start + x.size]
    if gradient is not None and not np.any(a[wrong]) and np.any(gradient[chosen[wrong]]):
        return None  # zero at these outputs, but not at others
    if pairs:
        a, n, x, *off = (np.ascontiguousarray(v).view(complex) for v in (a, n, x, *off))
        chosen, wrong = chosen[::2] // 2, wrong[::2]
        telling = np.any(telling.reshape(-1, 2), axis=1)
    elif like.dtype.kind == "c":
        shape = x.shape
    what = factor(off[0][wrong], off[1][wrong], _sizes(case, like), blur)
    x, name, contributions = x.reshape(shape), case.function.names[number], None
    mask = np.zeros(x.size, bool)
    mask[chosen] = wrong
    if len(chosen) == x.size:
        a, n, wrong = (v.reshape(shape) for v in (a, n, wrong))
        contributions = None if pairs else _contributions(case, outcome, u, columns, like)
    if len(chosen) == x.size or (outcome.complete and (pairs or like.dtype.kind != "c")):
        where = place(mask.reshape(shape), x, name)
    else:
        where = place_of_some(chosen, wrong, telling, shape, x.reshape(-1)[chosen], name)
    found = describe(a, n, wrong, what, where, contributions)
    return "block of zeros" if found == "all zero" and np.any(gradient) else found


def _are_pairs(coordinates: Array) -> bool:
    """Whether of each number both parts are among the coordinates, side by side."""
    real, imaginary = coordinates[::2], coordinates[1::2]
    whole = len(real) == len(imaginary) and np.all(real % 2 == 0)
    return bool(whole and np.all(imaginary == real + 1))


def _of_whole_numbers(case: Case, rows: Array, failing: Array) -> Array:
    """What fails, or has another part that does, of the output or of the input."""
    kinds = [(y.dtype.kind == "c", y.size) for y in case.recording.outputs]
    number, count = [], 0
    for wide, size in kinds:
        number.append(count + np.repeat(np.arange(size), 1 + wide))
        count += size
    owner = np.concatenate(number)[rows]
    found = np.zeros((count, failing.shape[1] // 2), bool)
    np.logical_or.at(found, owner, failing[:, ::2] | failing[:, 1::2])
    return np.repeat(found[owner], 2, axis=1)


def _sizes(case: Case, like: Array) -> list[int]:
    """Lengths that a mean may have divided by."""
    found = [*like.shape, like.size]
    shapes = [y.shape for y in case.recording.outputs] + [a.shape for a in case.function.checked]
    for shape in shapes:
        found += [*shape, int(np.prod(shape))]
    return list(dict.fromkeys(int(n) for n in found))


def _is_whole(case: Case, outcome: Outcome) -> bool:
    """Whether every element was compared, of a single real output."""
    outputs = case.recording.outputs
    whole = len(outcome.rows) == case.recording.value.size and not outcome.mixed
    return whole and len(outputs) == 1 and outputs[0].dtype.kind != "c"


def _contributions(
    case: Case, outcome: Outcome, u: Array, columns: Array, like: Array
) -> Array | None:
    if not _is_whole(case, outcome):
        return None
    weighted = u[:, None] * outcome.numeric[:, columns]
    return np.reshape(weighted, (*case.recording.outputs[0].shape, *like.shape))


def _of_the_whole(case: Case, outcome: Outcome, number: int, columns: Array) -> str | None:
    like, outputs = case.function.checked[number], case.recording.outputs
    whole = len(outcome.rows) == case.recording.value.size and not outcome.mixed
    width = 2 if like.dtype.kind == "c" else 1
    if not whole or len(outputs) != 1 or len(columns) != width * like.size:
        return None
    a, n = outcome.analytic[:, columns], outcome.numeric[:, columns]
    out = outputs[0]
    if width == 2 and out.dtype.kind == "c" and (what := _of_complex(a, n)):
        return what
    if width == 2:
        a, n = (m[:, ::2] + 1j * m[:, 1::2] for m in (a, n))
    parts = [slice(0, None, 2), slice(1, None, 2)] if out.dtype.kind == "c" else [slice(None)]
    names = {structure(a[part], n[part], out.shape, like.shape) for part in parts}
    return names.pop() if len(names) == 1 else None


def _lost_part(case: Case, outcome: Outcome, number: int, columns: Array) -> str | None:
    """Whether the gradient is right but for its imaginary parts (or real ones), which are zero."""
    wrong = outcome.status[:, columns] == FAILS
    zero = (outcome.analytic[:, columns] == 0).all(axis=0)
    odd = (outcome.coordinates[columns] - case.function.stops[number]) % 2 == 1
    for lost, what in ((odd, "imaginary"), (~odd, "real")):
        if np.any(lost) and np.all(zero[lost]) and not np.any(wrong[:, ~lost]):
            return f"{what} part of the gradient lost"
    return None


def _of_complex(analytic: Array, numeric: Array) -> str | None:
    """What became of the imaginary part: pairs of columns are a real and an imaginary part."""
    shape = (len(analytic) // 2, 2, analytic.shape[1] // 2, 2)
    a, n = analytic.reshape(shape), numeric.reshape(shape)
    across = np.array([[False, True], [True, False]])[None, :, None, :]
    size = 1e-4 * np.max(np.abs(n), initial=0.0)
    if np.all(np.abs(a - np.where(across, 0.0, n)) <= size):
        return "imaginary part of the slope lost"
    if np.all(np.abs(a - np.where(across, -n, n)) <= size):
        return "conjugate missing, or one too many"
    return None


def _stale(case: Case, number: int) -> str | None:
    """Whether the gradient is the same to the last bit at another point, where f's slope is not."""
    size = case.recording.value.size
    u = np.random.default_rng(1).uniform(0.5, 1.5, size)
    span = slice(*(int(s) for s in case.function.stops[number : number + 2]))
    direction = np.zeros(case.x.size)
    signs = np.random.default_rng(1).choice([-1.0, 1.0], direction[span].size)
    direction[span] = signs * np.maximum(np.abs(case.x[span]), 0.01)
    other = case.x * 1.03 + 0.01
    here = case.function.record(case.x).vjp(u)
    try:
        there = case.function.record(other).vjp(u)
        if not np.array_equal(here, there):
            return None
        slopes = [slopes_of(case, x, u, direction[None]) for x in (case.x, other)]
    except FAILURES:
        return None
    (mine, near), (theirs, far) = slopes
    if abs(mine[0] - theirs[0]) > SLACK * (near[0] + far[0]) + VAGUE * 1e-3 * abs(mine[0]):
        return "stale value: the gradient is the same at other inputs, where the slope is another"
    return None


def forward_line(case: Case, cells: list[Cell]) -> str | None:
    """Which of the two numbers forward mode agrees with, at the worst element."""
    cell = max(cells, key=lambda c: abs(c.analytic - c.numeric) / (c.error or 1e-300))
    if cell.gap_ratio or not np.isfinite(cell.analytic) or cell.coordinate < 0:
        return None
    d = np.zeros(case.x.size)
    d[cell.coordinate] = 1.0
    pushed = slope(case.recording, case.function.parts(d))
    if pushed is None or cell.output >= pushed.size:
        return None
    forward = float(pushed[cell.output])
    back = case.recording.vjp(np.eye(1, case.recording.value.size, cell.output)[0])
    if abs(back[cell.coordinate] - cell.analytic) > _SAME * abs(cell.analytic):
        return None  # it was judged in many digits, and both are far from that by rounding
    slack = SLACK * cell.error + 1e-9 * abs(cell.numeric)
    if abs(forward - cell.numeric) <= slack:
        return "agrees with the numeric slopes: the vjp is wrong, not the function"
    if abs(forward - cell.analytic) > _SAME * abs(cell.analytic) + slack:
        return f"disagrees with both: {forward:+.8g}"
    if one_formula(case.recording):
        return None  # forward and backward share a formula, and its mistake
    return "agrees with the gradient: the function is not what its graph says"
