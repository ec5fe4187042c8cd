"""What gradcheck found, element by element: truthy if all agree, readable when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Entry", "Report"]

SLACK = 10.0  # how many times its estimated error a difference may be
VAGUE = 0.1  # a numeric derivative with a larger relative error decides nothing
_SHOWN = 20  # failures that str() lists


class Entry(NamedTuple):
    """One element of one input: both derivatives, and how well the numeric one is known."""

    element: str  # `x[1, 2]`
    order: int
    analytic: complex
    numeric: complex
    error: float  # of the numeric derivative: truncation and round-off together

    @property
    def tolerance(self) -> float:
        """The largest difference that the errors explain."""
        return SLACK * self.error

    @property
    def difference(self) -> float:
        return abs(self.analytic - self.numeric)

    @property
    def agrees(self) -> bool:
        return self.difference <= self.tolerance  # False for NaN on either side

    @property
    def is_vague(self) -> bool:
        """Whether it agrees only because the numeric derivative is hardly known."""
        size = max(abs(self.analytic), abs(self.numeric))
        return self.agrees and self.error > VAGUE * size and self.error > 1e-6

    @property
    def ratio(self) -> complex:
        """Analytic over numeric: 2 or 0.5 or −1 often tell what is wrong."""
        return self.analytic / self.numeric if self.numeric else complex("nan")

    @property
    def excess(self) -> float:
        """How many tolerances the derivatives are apart; infinite for NaN."""
        if self.agrees:
            return 0.0
        far = self.difference / self.tolerance if self.tolerance else float("inf")
        return far if far == far else float("inf")


class Report:
    """The result of a gradcheck: true if every element agrees; `str` shows those that do not."""

    __slots__ = ("entries", "notes")

    def __init__(self, entries: tuple[Entry, ...], notes: tuple[str, ...] = ()) -> None:
        self.entries = entries
        self.notes = notes

    def __repr__(self) -> str:
        return f"<Report: {len(self.entries) - len(self.failures)} of {len(self.entries)} agree>"

    def __bool__(self) -> bool:
        return not self.failures

    @property
    def failures(self) -> tuple[Entry, ...]:
        """The elements that disagree, the worst first."""
        failed = [entry for entry in self.entries if not entry.agrees]
        return tuple(sorted(failed, key=lambda entry: -entry.excess))

    @property
    def vague(self) -> tuple[Entry, ...]:
        """Elements that agree within an error so large that it proves nothing."""
        return tuple(entry for entry in self.entries if entry.is_vague)

    def __str__(self) -> str:
        failures, total = self.failures, len(self.entries)
        lines = [f"gradcheck: {total - len(failures)} of {total} elements agree"]
        if failures:
            lines[0] += f", {len(failures)} disagree (the worst first)"
            lines += _table(failures[:_SHOWN])
            if len(failures) > _SHOWN:
                lines.append(f"  ... and {len(failures) - _SHOWN} more")
        if self.vague:
            example = self.vague[0]
            lines.append(
                f"  {len(self.vague)} agree, but the numeric derivative is too vague to tell: "
                f"{example.element} is {_number(example.numeric)} ± {example.error:.1g}"
            )
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def _table(entries: Sequence[Entry]) -> list[str]:
    rows = [("order", "element", "analytic", "numeric ± error", "ratio")]
    rows += [
        (
            str(entry.order),
            entry.element,
            _number(entry.analytic),
            f"{_number(entry.numeric)} ± {entry.error:.1g}",
            _number(entry.ratio, 4),
        )
        for entry in entries
    ]
    if all(entry.order == 1 for entry in entries):
        rows = [row[1:] for row in rows]  # type: ignore[misc]
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
    return ["  " + line.rstrip() for line in lines]


def _number(value: complex, digits: int = 9) -> str:
    if isinstance(value, complex) and value.imag == 0:
        value = value.real
    return f"{value:.{digits}g}"
