"""Several reports as one: of the modes of a model, of the nodes of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.gradcheck.report.finding import Finding
from autograd.gradcheck.report.report import Report

__all__ = ["merged", "shown"]


def merged(
    reports: Sequence[tuple[str, Report]], notes: Sequence[str] = (), repro: str = ""
) -> Report:
    """One report with the findings of all, each under the name of the place that it comes from.

    `notes` come first, then those of each, once; `repro` is the line that reproduces it all.
    """

    def placed(name: str) -> list[Finding]:
        return [
            finding._replace(function=place, repro=repro)
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
        undefined=placed("undefined"),
    )


def shown(options: Mapping[str, Any]) -> str:
    """Keyword arguments as they are written in a call."""
    return ", ".join(f"{name}={value!r}" for name, value in options.items())
