"""Several reports as one: of the modes of a model, of the nodes of a graph."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.gradcheck.report import Finding, Report

__all__ = ["merged"]


def merged(reports: Sequence[tuple[str, Report]], notes: Sequence[str] = ()) -> Report:
    """One report with the findings of all; `notes` come first, then those of each, once."""

    def placed(name: str) -> list[Finding]:
        return [
            finding._replace(function=place)
            for place, report in reports
            for finding in getattr(report, name)
        ]

    own = [note for _, report in reports for note in report.notes]
    return Report(
        placed("failures"),
        placed("inconclusive"),
        placed("kinks"),
        tuple(dict.fromkeys([*notes, *own])),
        sum(report.checked for _, report in reports),
        max((report.probes for _, report in reports), default=0),
    )
