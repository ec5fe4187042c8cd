"""One thing that gradcheck found: about which derivative, which elements, and how it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Entry", "Finding", "cells_of_row", "fitted"]

_WIDTH = 100  # columns
_SHOWN = 20  # entries of a finding that str() lists


class Entry(NamedTuple):
    """One element of one input, by which it was judged: both slopes, and the numeric one's error.

    `output` is the element of the output, where there are several. At a kink `sides` are the slopes
    from the left and from the right, in order of size, between which the analytic one must lie.
    `curve` has the difference quotients of the worst elements: pairs of a step and a slope.
    """

    index: tuple[int, ...]  # type: ignore[assignment]  # a tuple has a method of this name
    analytic: complex
    numeric: complex
    error: float
    output: str = ""
    sides: tuple[float, float] | None = None
    curve: tuple[tuple[float, float], ...] = ()

    @property
    def ratio(self) -> complex:
        """Analytic over numeric: 2 or 0.5 or −1 often tell what is wrong."""
        if self.numeric:
            return self.analytic / self.numeric
        return float("nan") if self.analytic == 0 else float("inf")


class Finding(NamedTuple):
    """One thing to report: about which derivative, which elements, and what it looks like."""

    leg: str  # "reverse", "contract", "layout", "float32", "second order", ...
    input: str
    output: str
    order: int
    dtype: str
    entries: tuple[Entry, ...] = ()  # the worst first
    wrong: int = 0
    total: int = 0
    unit: str = "elements"  # or "outputs", where directions were judged that no element explains
    looked: int = 0  # how many of them were looked at one by one, if not all
    least: bool = False  # the search for them was cut short: there may be more
    agreement: float | None = None  # largest relative difference of the other elements
    pattern: str | None = None
    forward: str | None = None  # what forward mode says
    where: str | None = None  # first bad node, with its source line
    repro: str = ""  # the line that reproduces the case
    function: str = "f"
    seed: str = "0"
    advice: str | None = None

    def text(self, verdict: str = "FAIL") -> str:
        """The finding as lines of text."""
        lines = [f"{verdict}  {self.title()}   {self.context()}"]
        if self.wrong:
            lines.append(f"  {self.counts(verdict)}")
        lines += _table(self.input, self.entries[:_SHOWN])
        if len(self.entries) > _SHOWN:
            lines.append(f"  ... and {len(self.entries) - _SHOWN:,} more")
        lines += [f"  {label}: {value}" for label, value in self.lines(verdict)]
        return "\n".join(map(fitted, lines))

    def title(self) -> str:
        """Which derivative of which function: `gate  d out / d weight`."""
        return self.function + (f"  d {self.output} / d {self.input}" if self.input else "")

    def context(self) -> str:
        """The leg, in brackets, with what it was run on."""
        return f"({self.leg}, order {self.order}, {self.dtype}, seed {self.seed})"

    def lines(self, verdict: str) -> list[tuple[str, str]]:
        """What is said below the elements, by label."""
        said = (
            ("pattern", self.pattern),
            ("forward mode", self.forward),
            ("advice", self.advice),
            ("first bad node", self.where),
            ("repro", self.repro if verdict == "FAIL" else ""),
        )
        return [(label, value) for label, value in said if value]

    def counts(self, verdict: str) -> str:
        """How many are wrong, of how many, and how closely the others agree."""
        words = {"FAIL": "wrong", "KINK": "at a kink", "UNDEFINED": "without a derivative"}
        word = words.get(verdict, "undecided")
        line = f"{self.wrong:,} of {self.total:,} {self.unit} {word}"
        others = "the others"
        if self.least:
            line = f"at least {line}"
        if self.looked:
            line += f"; {self.looked:,} were looked at one by one"
            others = "the others of these"
        if self.agreement is not None and self.wrong < (self.looked or self.total):
            line += f"; {others} agree to {self.agreement:.0e}"
        return line


def fitted(line: str) -> str:
    """A line as it stands, or broken between words where it is wider than a screen."""
    if len(line) <= _WIDTH:
        return line
    import textwrap  # late: few lines are as long

    own = len(line) - len(line.lstrip())
    return textwrap.fill(
        line,
        _WIDTH,
        subsequent_indent=" " * (own + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(name: str, entries: Sequence[Entry]) -> list[str]:
    labels = ("", "analytic ", "numeric ", "ratio ", "at ")
    rows = []
    for entry in entries:
        cells = cells_of_row(name, entry)
        own = ("", labels[1], "", "", labels[4]) if entry.sides else labels
        rows.append(
            [f"{label}{cell}" if cell else "" for label, cell in zip(own, cells, strict=True)]
        )
    used = [c for c in range(len(labels)) if any(row[c] for row in rows)]
    widths = [max(len(row[c]) for row in rows) for c in used]
    lines = ("   ".join(row[c].ljust(w) for c, w in zip(used, widths, strict=True)) for row in rows)
    return ["  " + line.rstrip() for line in lines]


def cells_of_row(name: str, entry: Entry) -> tuple[str, ...]:
    """An element as text: its name, analytic and numeric slope, their ratio, the output."""
    element = name + (f"[{', '.join(map(str, entry.index))}]" if entry.index else "")
    ratio = "" if entry.sides else _ratio(entry.ratio)
    return element, _number(entry.analytic), _numeric(entry), ratio, entry.output


def _numeric(entry: Entry) -> str:
    if entry.sides:
        low, high = entry.sides
        if high - low == float("inf"):
            return "no finite slope"
        return f"one-sided slopes {_number(low)} to {_number(high)}"
    return f"{_number(entry.numeric)} ± {entry.error:.0e}"


def _ratio(value: complex) -> str:
    plain = isinstance(value, float) and 1e-3 <= abs(value) < 1e4 and abs(value - 1) > 1e-3
    return f"{value:+.3f}" if plain else _number(value)


def _number(value: complex, digits: int = 8) -> str:
    if isinstance(value, complex) and value.imag == 0:
        value = value.real
    return f"{value:+.{digits}g}"
