"""A report as HTML, for notebooks: the same words as its text, in tables."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograd.gradcheck.report.finding import Finding, cells_of_row
from autograd.gradcheck.report.plot import VARIABLES, plot

__all__ = ["document", "page"]

# Colours that stand on white and on black; everything else is the notebook's own.
_COLOURS = {
    "FAIL": "var(--cg-bad,#d1242f)",
    "INCONCLUSIVE": "var(--cg-unsure,#9a6700)",
    "UNDEFINED": "var(--cg-unsure,#9a6700)",
    "KINK": "var(--cg-kink,#0969da)",
}
_GOOD = "var(--cg-good,#1a7f37)"
_SHOWN = 20
_CELL = "padding:1px 14px 1px 0;text-align:left;border:none;white-space:nowrap"
_MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:90%"


def document(body: str) -> str:
    """A page of its own, light or dark as its reader has it."""

    def inks(which: int) -> str:
        return "".join(f"--cg-{name}:{pair[which]};" for name, pair in VARIABLES.items())

    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>gradcheck</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><style>'
        f":root{{color-scheme:light dark;{inks(0)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{inks(1)}}}}}"
        "body{background:var(--cg-paper);color:var(--cg-ink);max-width:1100px;margin:24px auto;"
        "padding:0 16px;font:14px/1.5 DejaVu Sans,Verdana,sans-serif;overflow-wrap:anywhere}"
        f"</style></head><body>{body}</body></html>"
    )


def page(
    summary: str, groups: Sequence[tuple[str, Sequence[Finding]]], notes: Sequence[str]
) -> str:
    """The whole report: its summary, the findings by verdict, and its notes."""
    verdicts = {verdict for verdict, findings in groups if findings}
    mark, colour = "✓", _GOOD
    if "FAIL" in verdicts:
        mark, colour = "✗", _COLOURS["FAIL"]
    elif verdicts & {"INCONCLUSIVE", "UNDEFINED"}:
        mark, colour = "?", _COLOURS["INCONCLUSIVE"]
    head = (
        f'<div style="margin-bottom:4px"><b style="color:{colour}">{mark} gradcheck</b> '
        f"{escape(summary)}</div>"
    )
    cards = [_card(verdict, finding) for verdict, findings in groups for finding in findings]
    said = "".join(f"<div>note: {escape(note)}</div>" for note in notes)
    said = said and f'<div style="opacity:0.7;margin-top:4px">{said}</div>'
    return f'<div style="line-height:1.5">{head}{"".join(cards)}{said}</div>'


def _card(verdict: str, finding: Finding) -> str:
    colour = _COLOURS[verdict]
    title = escape(finding.title()).replace("  ", "&ensp;")
    parts = [
        f'<div><b style="color:{colour}">{verdict}</b> <b>{title}</b> '
        f'<span style="opacity:0.7">{escape(finding.context())}</span></div>'
    ]
    if finding.wrong:
        parts.append(f"<div>{escape(finding.counts(verdict))}</div>")
    if finding.entries:
        parts.append(_table(finding))
        drawn = (plot(cells_of_row(finding.input, e)[0], e) for e in finding.entries[:_SHOWN])
        parts.append(
            f'<div style="display:flex;flex-wrap:wrap;gap:8px 10px">{"".join(drawn)}</div>'
        )
    rows = "".join(
        f'<tr style="background:none"><td style="{_CELL};opacity:0.7;vertical-align:top">'
        f'{escape(label)}</td><td style="{_CELL};white-space:normal">{escape(value)}</td></tr>'
        for label, value in finding.lines(verdict)
    )
    parts.append(f'<table style="border:none;margin:2px 0">{rows}</table>' if rows else "")
    return (
        f'<div style="border-left:3px solid {colour};padding:2px 0 2px 10px;margin:8px 0">'
        f"{''.join(parts)}</div>"
    )


def _table(finding: Finding) -> str:
    heads = ("element", "analytic", "numeric", "ratio", "at")
    rows = [cells_of_row(finding.input, entry) for entry in finding.entries[:_SHOWN]]
    used = [c for c in range(len(heads)) if any(row[c] for row in rows)]
    cells = "".join(f'<th style="{_CELL};opacity:0.7">{heads[c]}</th>' for c in used)
    body = [f'<tr style="background:none">{cells}</tr>']
    for row in rows:
        cells = "".join(f'<td style="{_CELL};{_MONO}">{escape(row[c])}</td>' for c in used)
        body.append(f'<tr style="background:none">{cells}</tr>')
    more = len(finding.entries) - _SHOWN
    rest = f"<div>... and {more:,} more</div>" if more > 0 else ""
    table = f'<table style="border:none;margin:2px 0">{"".join(body)}</table>'
    return f'<div style="overflow-x:auto">{table}</div>{rest}'
