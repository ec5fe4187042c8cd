"""What gradcheck found: truthy if nothing is wrong, readable when something is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.errors import GradcheckError

__all__ = ["Entry", "Finding", "Report", "cells_of_row"]

_SHOWN = 20  # entries of a finding that str() lists


class Entry(NamedTuple):
    """One element of one input, by which it was judged: both slopes, and the numeric one's error.

    `output` is the element of the output, where there are several. At a kink `sides` are the slopes
    from the left and from the right, in order of size, between which the analytic one must lie.
    """

    index: tuple[int, ...]  # type: ignore[assignment]  # a tuple has a method of this name
    analytic: complex
    numeric: complex
    error: float
    output: str = ""
    sides: tuple[float, float] | None = None

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
        return "\n".join(lines)

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
        word = {"FAIL": "wrong", "KINK": "at a kink"}.get(verdict, "undecided")
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


class Report:
    """The result of a gradcheck: true if nothing failed; `str` says what did, and how it looks."""

    __slots__ = ("checked", "failures", "inconclusive", "kinks", "notes", "probes")

    def __init__(
        self,
        failures: Sequence[Finding] = (),
        inconclusive: Sequence[Finding] = (),
        kinks: Sequence[Finding] = (),
        notes: Sequence[str] = (),
        checked: int = 0,
        probes: int = 0,
    ) -> None:
        self.failures = tuple(failures)
        self.inconclusive = tuple(inconclusive)
        self.kinks = tuple(kinks)
        self.notes = tuple(notes)
        self.checked = checked  # input elements, over all orders
        self.probes = probes  # random directions that stood for them; 0 where each was compared

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what could not be decided is no failure."""
        return not self.failures

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"<Report: {self.summary()}>"

    def summary(self) -> str:
        """How many elements agree, in one line."""
        wrong, undecided = (
            sum(finding.wrong for finding in found if finding.unit == "elements")
            for found in (self.failures, self.inconclusive)
        )
        if wrong and any(finding.least for finding in self.failures):
            return f"at least {wrong:,} of {self.checked:,} elements disagree"
        agreeing = max(self.checked - wrong - undecided, 0)
        what = f"{agreeing:,} of {self.checked:,} elements agree"
        if self.failures and self.probes and not wrong:
            what = f"{self.checked:,} elements checked"
        if self.probes and not self.failures:
            what += f" in {self.probes} random directions"
        if self.failures and not wrong:
            what += f", {len(self.failures)} finding{'s' if len(self.failures) > 1 else ''}"
        if wrong:
            what += f", {wrong:,} disagree"
        return what + (f", {undecided:,} undecided" if undecided else "")

    def __str__(self) -> str:
        blocks = [f"gradcheck: {self.summary()}"]
        for verdict, findings in self.groups():
            blocks += [finding.text(verdict) for finding in findings]
        return "\n".join([*blocks, *(f"  note: {note}" for note in self.notes)])

    def groups(self) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
        return (
            ("FAIL", self.failures),
            ("INCONCLUSIVE", self.inconclusive),
            ("KINK", self.kinks),
        )

    def _repr_html_(self) -> str:
        from autograd.gradcheck.report.page import page  # late: only notebooks need it

        return page(self)

    def to_json(self) -> str:
        """Everything as JSON text; complex numbers are pairs, NaN and infinities are strings."""
        import json  # late: few need it

        def listed(findings: Sequence[Finding]) -> list[Any]:
            return [
                _plain(f._asdict() | {"entries": [e._asdict() for e in f.entries]})
                for f in findings
            ]

        return json.dumps(
            {
                "passed": self.passed,
                "checked": self.checked,
                "probes": self.probes,
                "failures": listed(self.failures),
                "inconclusive": listed(self.inconclusive),
                "kinks": listed(self.kinks),
                "notes": list(self.notes),
            }
        )

    def raise_(self) -> Report:
        """Raise GradcheckError with this text if anything failed; else the report itself."""
        if not self:
            raise GradcheckError(str(self))
        return self


def _plain(value: Any) -> Any:
    """Values that JSON has."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, complex):
        return [_plain(value.real), _plain(value.imag)]
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value


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
