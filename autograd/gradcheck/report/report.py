"""What gradcheck found: truthy if nothing is wrong, readable when something is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.errors import GradcheckError
from autograd.gradcheck.report.finding import Finding, fitted

__all__ = ["Report"]


class Report:
    """The result of a gradcheck: true if nothing failed; `str` says what did, and how it looks."""

    __slots__ = (
        "cause", "checked", "failures", "inconclusive", "kinks", "notes", "probes", "undefined",
    )  # fmt: skip

    def __init__(
        self,
        failures: Sequence[Finding] = (),
        inconclusive: Sequence[Finding] = (),
        kinks: Sequence[Finding] = (),
        notes: Sequence[str] = (),
        checked: int = 0,
        probes: int = 0,
        cause: Exception | None = None,
        undefined: Sequence[Finding] = (),
    ) -> None:
        self.failures = tuple(failures)
        self.inconclusive = tuple(inconclusive)
        self.kinks = tuple(kinks)
        self.undefined = tuple(undefined)
        self.notes = tuple(notes)
        self.checked = checked  # input elements, over all orders
        self.cause = cause  # the error that ended the check, of f's or of a rule's
        self.probes = probes  # random directions that stood for them; 0 where each was compared

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what is undecided, or has no derivative, is no failure."""
        return not self.failures

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"<Report: {self.summary()}>"

    def summary(self) -> str:
        """How many elements agree, in one line."""
        wrong, undecided, without = (
            sum(finding.wrong for finding in found if finding.unit == "elements")
            for found in (self.failures, self.inconclusive, self.undefined)
        )
        if wrong and any(finding.least for finding in self.failures):
            return f"at least {wrong:,} of {self.checked:,} elements disagree"
        agreeing = max(self.checked - wrong - undecided - without, 0)
        what = f"{agreeing:,} of {self.checked:,} elements agree"
        if self.failures and self.probes and not wrong:
            what = f"{self.checked:,} elements checked"
        if self.probes and not self.failures:
            what += f" in {self.probes} random direction{'s' if self.probes > 1 else ''}"
        if self.failures and not wrong:
            what += f", {len(self.failures)} finding{'s' if len(self.failures) > 1 else ''}"
        if wrong:
            what += f", {wrong:,} disagree"
        what += f", {undecided:,} undecided" if undecided else ""
        return what + (f", {without:,} without a derivative" if without else "")

    def __str__(self) -> str:
        blocks = [f"gradcheck: {self.summary()}"]
        for verdict, findings in self.groups():
            blocks += [finding.text(verdict) for finding in findings]
        return "\n".join([*blocks, *(fitted(f"  note: {note}") for note in self.notes)])

    def explain(self) -> str:
        """How the verdicts came about, in plain sentences.

        >>> import autograd as ag
        >>> print(ag.gradcheck(ag.relu, ag.Tensor([0.0], name="x")).explain())
        1 of 1 elements agree.
        <BLANKLINE>
        KINK, relu  d out / d x (reverse):
          x[0]: no single slope (one-sided slopes +0 to +1); the gradient gives +0, one that may be
              chosen.
          What it looks like: kink at these inputs.
        <BLANKLINE>
        Each of 1 elements was moved alone, and compared at every output.
        """
        from autograd.gradcheck.report.explained import explained  # late: few ask

        return explained(self.summary(), self.groups(), self.checked, self.probes)

    def groups(self) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
        return (
            ("FAIL", self.failures),
            ("INCONCLUSIVE", self.inconclusive),
            ("UNDEFINED", self.undefined),
            ("KINK", self.kinks),
        )

    def _repr_html_(self) -> str:
        from autograd.gradcheck.report.page import page  # late: only notebooks need it

        return page(self.summary(), self.groups(), self.notes)

    def to_html(self) -> str:
        """A page with all of it, with a plot of error against step for the worst elements.

        >>> Report(checked=3).to_html()[:15]
        '<!doctype html>'
        """
        from autograd.gradcheck.report.page import document  # late, too

        return document(self._repr_html_())

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
                "undefined": listed(self.undefined),
                "notes": list(self.notes),
            }
        )

    def raise_(self) -> Report:
        """Raise GradcheckError with this text if anything failed; else the report itself."""
        if not self:
            raise GradcheckError(str(self)) from self.cause
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
