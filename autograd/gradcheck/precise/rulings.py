"""What the referee says of each element, in the outcome and in words."""

from __future__ import annotations

from typing import NamedTuple

from autograd.gradcheck.numeric.cells import Cell, Outcome
from autograd.gradcheck.numeric.decisions import AGREES, FAILS

__all__ = ["EPS", "TAIL", "Ruling", "in_words", "right_but_rounded", "with_rulings"]

EPS = 2.0**-52
TAIL = 0.05  # of a slope below 1e-16, as 1 + erf(x) leaves it of the tail: so far may rounding go
_CLOSE = 1e-3  # of a slope: so far may rounding take a right rule, and not fail


class Ruling(NamedTuple):
    """What the referee says of one element."""

    status: int
    analytic: float
    numeric: float
    error: float
    rounding: float  # of the gradient in double precision
    formula: bool  # whether the rule is right in many digits
    named: bool = False  # or else may be so, if its constants were exact

    @property
    def close(self) -> bool:
        """Whether the gradient in double precision is right to many digits, or wrong."""
        apart = abs(self.analytic - self.numeric)
        part = _CLOSE if abs(self.numeric) > EPS else TAIL
        return self.status == FAILS or apart <= part * abs(self.numeric)


def with_rulings(outcome: Outcome, rulings: dict[tuple[int, int], Ruling]) -> Outcome:
    """The outcome with what was ruled in the place of what was found before."""
    cells = [cell for cell in outcome.cells if (cell.coordinate, cell.output) not in rulings]
    row = {int(i): k for k, i in enumerate(outcome.rows)}
    column = {int(j): k for k, j in enumerate(outcome.coordinates)}
    # copies: failures that stand are told by the numbers that were there before
    outcome = outcome._replace(
        analytic=outcome.analytic.copy(),
        numeric=outcome.numeric.copy(),
        status=outcome.status.copy(),
    )
    for (coordinate, output), ruling in rulings.items():
        if ruling.status != AGREES:
            n = ruling.numeric
            cells.append(
                Cell(coordinate, output, ruling.analytic, n, ruling.error, ruling.status, 0, n, n)
            )
        if output in row and coordinate in column:
            place = row[output], column[coordinate]
            outcome.analytic[place] = ruling.analytic
            outcome.numeric[place] = ruling.numeric
            outcome.status[place] = ruling.status
    return outcome._replace(cells=cells)


def right_but_rounded(count: int) -> str:
    return f"in {count} digits the rule is right: it is wrong in double precision alone"


def in_words(rulings: dict[tuple[int, int], Ruling], count: int) -> list[str]:
    if not rulings:
        return []
    wrong = [r for r in rulings.values() if r.status == FAILS]
    agree = sum(r.status == AGREES for r in rulings.values())
    counts = ((agree, "agrees", "agree"), (len(wrong), "disagrees", "disagree"))
    verdicts = [f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n]
    lines = [f"decided in {count} digits: {', '.join(verdicts)}"] if verdicts else []
    if any(r.formula for r in wrong):
        lines.append(right_but_rounded(count))
    far = max((r.rounding / abs(r.numeric) for r in rulings.values()
               if r.status == AGREES and r.numeric), default=0.0)  # fmt: skip
    if far > 1e-8:
        lines.append(
            f"the gradient in double precision is up to {far:.1g} of itself away from the exact "
            "one: that is rounding, not the formula"
        )
    return lines
