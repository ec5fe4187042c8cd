"""Error against step, of one element: how far difference quotients are from either slope."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, isfinite, log10

from autograd.gradcheck.report.finding import Entry

__all__ = ["VARIABLES", "plot"]

_WIDTH, _HEIGHT = 340, 224
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 330, 28, 166
_FLOOR = 1e-17  # where a distance of 0 is drawn
_TICKS = 5
_SANS = "DejaVu Sans,Verdana,sans-serif"
_MONO = "ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace"

# Inks that stand on white and on black; a page says its own by these variables.
_VALUE, _GRADIENT = "var(--cg-value,#3b7ae0)", "var(--cg-gradient,#dd6b20)"
VARIABLES = {  # light, and dark
    "value": ("#1d4ed8", "#93c5fd"),
    "gradient": ("#c2410c", "#fdba74"),
    "ink": ("#0f172a", "#e2e8f0"),
    "paper": ("#ffffff", "#0b1120"),
    "bad": ("#b91c1c", "#fca5a5"),
    "unsure": ("#854d0e", "#fde047"),
    "kink": ("#0550ae", "#79c0ff"),
    "good": ("#166534", "#86efac"),
}


def plot(element: str, entry: Entry) -> str:
    """An SVG of the distances of an element's difference quotients from both slopes."""
    drawn = [(h, slope) for h, slope in entry.curve if isfinite(slope) and h > 0]
    if len(drawn) < 2 or not isfinite(abs(entry.numeric)):
        return ""
    curves = [
        (
            f"from the numeric slope (± {entry.error:.0e})".replace("e-", "e\N{MINUS SIGN}"),
            _VALUE,
            entry.numeric,
            "4 3",
        ),
        ("from the gradient", _GRADIENT, entry.analytic, ""),
    ]
    lines = [
        (what, ink, [(h, max(abs(slope - to), _FLOOR)) for h, slope in drawn], dash)
        for what, ink, to, dash in curves
        if isfinite(abs(to))
    ]
    heights = [y for _, _, points, _ in lines for _, y in points]
    across = _Scale(min(h for h, _ in drawn), max(h for h, _ in drawn), _LEFT, _RIGHT)
    up = _Scale(min(heights), max(heights), _BOTTOM, _TOP)
    parts = [_text(_LEFT, 14, f"{element}: distance of quotients", _SANS, 11, bold=True)]
    parts += [_tick(across.at(10.0**e), _BOTTOM, e, down=True) for e in across.ticks()]
    parts += [_tick(_LEFT, up.at(10.0**e), e) for e in up.ticks()]
    parts.append(
        f'<path d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.5"/>'
    )
    parts.append(_text(_RIGHT, _BOTTOM + 34, "step h", _SANS, 11, "end"))
    for row, (what, ink, points, dash) in enumerate(lines):
        parts += _curve([(across.at(h), up.at(y)) for h, y in points], ink, dash)
        parts += _key(_LEFT + 8, _BOTTOM + 34 + 15 * row, what, ink, dash)
    label = escape(f"{element}: error of difference quotients against their step", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'style="max-width:100%;height:auto">{"".join(parts)}</svg>'
    )


class _Scale:
    """A logarithmic axis, over whole decades."""

    def __init__(self, low: float, high: float, start: float, stop: float) -> None:
        self.low, self.high = floor(log10(low)), ceil(log10(high))
        self.high = max(self.high, self.low + 1)
        self.start, self.stop = start, stop

    def at(self, value: float) -> float:
        part = (log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.stop - self.start)

    def ticks(self) -> range:
        every = ceil((self.high - self.low) / _TICKS)
        return range(self.low, self.high + 1, every)


def _curve(points: Sequence[tuple[float, float]], ink: str, dash: str) -> list[str]:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>'
        if not dash
        else f'<rect x="{x - 2:.1f}" y="{y - 2:.1f}" width="4" height="4"/>'
        for x, y in points
    )
    style = f"stroke:{ink}" + (f";stroke-dasharray:{dash}" if dash else "")
    return [
        f'<path d="{path}" fill="none" stroke-width="1.6" style="{style}"/>',
        f'<g style="fill:{ink}">{dots}</g>',
    ]


def _key(x: float, y: float, what: str, ink: str, dash: str) -> list[str]:
    mark = _curve([(x - 10, y - 4), (x + 4, y - 4)], ink, dash)
    return [*mark, _text(x + 10, y, what, _SANS, 10)]


def _tick(x: float, y: float, exponent: int, down: bool = False) -> str:
    label = f"1e{exponent}".replace("-", "\N{MINUS SIGN}")
    if down:
        mark = f'<path d="M{x:.1f} {y}v4" stroke="currentColor" stroke-opacity="0.5"/>'
        return mark + _text(x, y + 15, label, _MONO, 10, "middle")
    mark = f'<path d="M{x} {y:.1f}h-4" stroke="currentColor" stroke-opacity="0.5"/>'
    return mark + _text(x - 7, y + 3.5, label, _MONO, 10, "end")


def _text(
    x: float, y: float, text: str, font: str, size: int, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{font}" font-size="{size}" '
        f'text-anchor="{anchor}" fill="currentColor"{weight}>{escape(text)}</text>'
    )
