"""A report in plain sentences: how each verdict came about, for those who doubt it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from autograd.gradcheck.report.finding import Entry, Finding, cells_of_row, fitted

__all__ = ["explained"]

_FEW = 3  # elements of a finding that are told of
_LEGS = {
    "contract": "This was seen by calling the rules alone, without differences.",
    "forward": "Both are computed, so that no step and no error of differences comes in.",
    "layout": "The same numbers in another memory layout gave another gradient.",
    "as it ran": "The training's own result was held against the rule, run again in float64.",
    "float32": "The gradient in the inputs' own dtype was held against the one in float64.",
}


def explained(
    summary: str,
    groups: Sequence[tuple[str, Sequence[Finding]]],
    checked: int,
    probes: int,
) -> str:
    """The summary, a paragraph for each finding, and what was looked at."""
    lines = [f"{summary}."]
    for verdict, findings in groups:
        for finding in findings:
            lines += ["", f"{verdict}, {finding.title()} ({finding.leg}):"]
            lines += [f"  {sentence}" for sentence in _sentences(verdict, finding)]
    return "\n".join(map(fitted, [*lines, "", _looked_at(checked, probes)]))


def _sentences(verdict: str, finding: Finding) -> Iterator[str]:
    for entry in finding.entries[:_FEW]:
        yield _of_entry(verdict, finding, entry)
        if said := _of_steps(entry):
            yield said
    if len(finding.entries) > _FEW:
        yield f"{len(finding.entries) - _FEW:,} more elements are so."
    if finding.unit == "outputs":
        yield "Steps along random directions disagree, though no step of one element alone does."
    if verdict == "FAIL" and finding.entries and not finding.entries[0].sides:
        yield "More than ten errors are no rounding; ladders of other steps found the same."
    if finding.pattern:
        yield f"What it looks like: {finding.pattern}."
    if finding.leg in _LEGS:
        yield _LEGS[finding.leg]
    if finding.advice:
        yield f"What would help: {finding.advice}."


def _of_entry(verdict: str, finding: Finding, entry: Entry) -> str:
    element, analytic, numeric, _, output = cells_of_row(finding.input, entry)
    place = f"{element} at {output}" if output else element
    if entry.sides:
        where = "outside of these" if verdict == "FAIL" else "one that may be chosen"
        return f"{place}: no single slope ({numeric}); the gradient gives {analytic}, {where}."
    said = f"{place}: the gradient gives {analytic}, differences {numeric}"
    apart = abs(entry.analytic - entry.numeric)
    if not entry.error or apart != apart or entry.error == float("inf"):
        return f"{said}."
    return f"{said}, which is {apart / entry.error:.2g} times that error apart."


def _of_steps(entry: Entry) -> str:
    """How near the difference quotients of single steps come to either number."""
    drawn = [(h, slope) for h, slope in entry.curve if isfinite(slope)]
    if len(drawn) < 2 or not isfinite(abs(entry.numeric)):
        return ""
    steps = f"{len(drawn)} steps from {drawn[0][0]:.1g} to {drawn[-1][0]:.1g}"
    near, h = min((abs(slope - entry.numeric), h) for h, slope in drawn)
    said = f"Of {steps}, that of {h:.1g} gives the numeric slope to {near:.1g}"
    if not isfinite(abs(entry.analytic)):
        return f"{said}."
    other = min(abs(slope - entry.analytic) for _, slope in drawn)
    return f"{said}; none gives what the gradient does to better than {other:.1g}."


def _looked_at(checked: int, probes: int) -> str:
    if probes:
        return (
            f"{checked:,} elements were moved together in {probes} random directions; one wrong "
            f"element is missed by all of these with a probability of 2^-{probes} at most."
        )
    return f"Each of {checked:,} elements was moved alone, and compared at every output."
