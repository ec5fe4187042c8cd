"""The tables of a record: times, and ratios to PyTorch and to the best peer, with their aims."""

from __future__ import annotations

from statistics import median, quantiles
from typing import Any

import numpy as np
from columns import COLUMNS, COMPILED, PEERS, REFERENCE
from workloads import WORKLOADS

Record = dict[str, Any]  # what `run.py` writes as JSON
NOTHING = "–"
AIMED = ("fast", "chaingrad")  # the columns that `Workload.aims` speaks of


def spread(numbers: list[float]) -> float:
    """Between the quartiles."""
    if len(numbers) < 2:
        return 0.0
    low, _, high = quantiles(numbers, n=4, method="inclusive")
    return high - low


def ratios(found: dict[str, list[float]], column: str, reference: str = REFERENCE) -> list[float]:
    """Round by round, what the column took divided by what the other took just before or after."""
    pairs = zip(found.get(column, []), found.get(reference, []), strict=False)
    return [mine / reference for mine, reference in pairs if reference]


def shown(number: float, digits: int = 3) -> str:
    """The number with so many digits that count, never as a power of ten."""
    rounded = float(f"{number:.{digits}g}")
    return f"{rounded:,.0f}" if rounded >= 1000 else np.format_float_positional(rounded, trim="-")


def cell(numbers: list[float]) -> str:
    """The median, and the spread in brackets."""
    if not numbers:
        return NOTHING
    around = f" ({shown(spread(numbers), 1)})" if len(numbers) > 1 else ""
    return shown(median(numbers)) + around


def verdict(found: list[float], aim: float | None) -> str:
    """The aim, and whether the median met it."""
    if aim is None or not found:
        return NOTHING if aim is None else f"≤ {aim:.3g}"
    return f"≤ {aim:.3g} {'met' if median(found) <= aim else '**missed**'}"


def title(record: Record, name: str) -> str:
    """With the dimensions, unless they were tiny."""
    return WORKLOADS[name].name if record["tiny"] else WORKLOADS[name].title


def markdown(rows: list[list[str]], left: int) -> str:
    """The rows, of which the first is the head; the first `left` columns are words."""
    width = len(rows[0])
    lines = [rows[0], ["---"] * left + ["---:"] * (width - left), *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def times(record: Record) -> str:
    """Every column, and footnotes for what could not run."""
    columns = list(record["columns"])
    rows = [["workload", "unit", *(COLUMNS[key].title for key in columns)]]
    notes: list[str] = []
    for name, measured in record["workloads"].items():
        row = [title(record, name), WORKLOADS[name].unit]
        for key in columns:
            text, reason = cell(measured["numbers"].get(key, [])), measured["reasons"].get(key)
            if reason is not None:
                notes += [reason] if reason not in notes else []
                text += f" [{notes.index(reason) + 1}]"
            row.append(text)
        rows.append(row)
    footnotes = [f"[{number}] {reason}" for number, reason in enumerate(notes, 1)]
    return "\n\n".join([markdown(rows, 2), *footnotes])


def compared(record: Record, aims: bool) -> str:
    """Every column over PyTorch's, where both ran; with `aims`, what chaingrad's should reach."""
    columns = [key for key in record["columns"] if key != REFERENCE]
    rows = [["÷ PyTorch"]]
    for key in columns:
        rows[0] += [COLUMNS[key].title, *(["aim"] if aims and key in AIMED else [])]
    for name, measured in record["workloads"].items():
        if not any(ratios(measured["numbers"], key) for key in columns):
            continue
        row = [title(record, name)]
        for key in columns:
            found = ratios(measured["numbers"], key)
            row.append(cell(found))
            if aims and key in AIMED:
                row.append(verdict(found, WORKLOADS[name].aims[AIMED.index(key)]))
        rows.append(row)
    return markdown(rows, 1) if len(rows) > 1 else ""


def beside_peers(record: Record, aims: bool) -> str:
    """Compiled steps over the best of the peers that ran, or over those that an aim names."""
    rows = [["÷ peer", COLUMNS[COMPILED].title, "peer", "its time", "ratio"]]
    rows[0] += ["aim"] if aims else []
    for name, measured in record["workloads"].items():
        found = measured["numbers"]
        known = {key: median(found[key]) for key in PEERS if found.get(key)}
        if not found.get(COMPILED) or not known:
            continue
        best = min(known, key=known.__getitem__)
        for peer, aim in (WORKLOADS[name].beside or {"best": None}).items():
            against = best if peer == "best" else peer
            row = [title(record, name), cell(found[COMPILED]), COLUMNS[against].title]
            taken = ratios(found, COMPILED, against)
            row += [cell(found.get(against, [])), cell(taken)]
            rows.append([*row, verdict(taken, aim)] if aims else row)
    return markdown(rows, 1) if len(rows) > 1 else ""


def report(record: Record, aims: bool = False) -> str:
    """All as Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    threads = "1 thread" if record["threads"] == 1 else f"{record['threads']} threads"
    dimensions = ", tiny dimensions" if record["tiny"] else ""
    head = (
        f"Measured on {record['date']}: {record['machine']}, {threads}; "
        f"{versions}; median of {record['rounds']} rounds (spread between the quartiles)"
        f"{dimensions}. Lower is better."
    )
    aims = aims and not record["tiny"]
    parts = [head, times(record), compared(record, aims), beside_peers(record, aims)]
    return "\n\n".join(part for part in parts if part) + "\n"
