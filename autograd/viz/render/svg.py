"""A Scene as an `<svg>` element that needs no program, no font file and no style sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd.viz.scene.folding import Folding
from autograd.viz.scene.scene import Box, Line, Mark, Panel, Row, Scene
from autograd.viz.scene.style import (
    EDGE,
    INK,
    MONO,
    NAN,
    NAN_TINT,
    PANEL,
    PAPER,
    Text,
    dark_rules,
    escape,
)

__all__ = ["elements", "render"]

_FONTS = {
    False: "DejaVu Sans,Verdana,Segoe UI,sans-serif",
    True: "ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace",
}
_HATCH = (
    '<defs><pattern id="{prefix}hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    f'patternTransform="rotate(45)"><path d="M0 0V6" stroke="{NAN}" stroke-opacity=".28" '
    'stroke-width="3"/></pattern></defs>'
)
_BARS = "▁▂▃▄▅▆▇█"


def render(scene: Scene, prefix: str = "", adapts: bool = True, fold: Folding | None = None) -> str:
    """The element; ids begin with `prefix`, so that a page can hold several pictures.

    Where it `adapts`, it is dark for readers whose system is. What is in `fold` has the class
    `away`.
    """
    size = f"{_n(scene.width)} {_n(scene.height)}"
    dark = f"<style>@media (prefers-color-scheme:dark){{{dark_rules('.chaingrad')}}}</style>"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{_n(scene.width)}" height="{_n(scene.height)}" role="img" class="chaingrad" '
        f'font-family="{_FONTS[False]}">',
        f"<title>{escape(scene.label)}</title>",
        *([dark] if adapts else ()),
        f'<rect class="paper" width="100%" height="100%" fill="{PAPER}"/>',
    ]
    away = fold or Folding()
    if any(each.fill == NAN_TINT for box in (*scene.boxes, *away.boxes) for each in box.rows):
        parts.append(_HATCH.format(prefix=prefix))
    parts += [text for _, text in elements(scene, prefix)]
    parts += [text for _, text in elements(away, prefix, "away ")]
    return "\n".join([*parts, "</svg>"]) + "\n"


def elements(scene: Scene | Folding, prefix: str = "", mark: str = "") -> Iterator[tuple[str, str]]:
    """(key, text) of all that the picture is made of, from back to front."""
    for panel in scene.panels:
        yield panel.key, _panel(panel, prefix, mark)
    for line in scene.lines:
        yield line.key, _line(line, prefix, mark)
    for box in scene.boxes:
        yield box.key, _box(box, prefix, mark)


def _n(value: float) -> str:
    """A coordinate, with no more digits than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _panel(panel: Panel, prefix: str, mark: str) -> str:
    ground = (
        f'<rect x="{_n(panel.x)}" y="{_n(panel.y)}" width="{_n(panel.width)}" '
        f'height="{_n(panel.height)}" rx="12" fill="{PANEL}" stroke="{EDGE}"/>'
    )
    inside = "".join(_rows(panel.rows, panel.x + 6, panel.y + 4, panel.width, prefix))
    return f'<g id="{prefix}{panel.key}" class="{mark}panel">{ground}{inside}</g>'


def _box(box: Box, prefix: str, mark: str) -> str:
    shape = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"' + (
        ' rx="10"' if box.rounded else ""
    )
    parts = [f'<g id="{prefix}{box.key}" class="{mark}{box.kind}">']
    if box.tooltip:
        parts.append(f"<title>{escape(box.tooltip)}</title>")
    if box.fill:
        parts.append(f'<rect {shape} fill="{box.fill}"/>')
    parts += _rows(box.rows, box.x, box.y, box.width, prefix)
    if box.border:
        dashes = ' stroke-dasharray="5 3"' if box.dashed else ""
        parts.append(
            f'<rect {shape} fill="none" stroke="{box.colour}" stroke-width="{_n(box.border)}"'
            f"{dashes}/>"
        )
    return "".join([*parts, "</g>"])


def _rows(rows: tuple[Row, ...], x: float, y: float, width: float, prefix: str) -> Iterator[str]:
    for each in rows:
        part = f' class="{each.part}"' if each.part else ""
        yield f"<g{part}>"
        if each.fill:
            yield _rect(x, y, width, each.height, each.fill)
        if each.fill == NAN_TINT:
            yield _rect(x, y, width, each.height, f"url(#{prefix}hatch)")
        for number, (text, left, own) in enumerate(each.cells(width)):
            if each.fills and each.fills[number]:
                yield _rect(x + left, y, own, each.height, each.fills[number])
            yield from _text(text, x + left, y, own, each.height)
        if each.marks:
            yield _reach(each.marks, x, y)
        yield from (_mark(mark, x, y) for mark in each.marks)
        yield "</g>"
        y += each.height


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"/>'
    )


def _reach(marks: tuple[Mark, ...], x: float, y: float) -> str:
    """What of a chart can be clicked: all of it, between its strokes too."""
    xs, ys = zip(*(point for mark in marks for point in mark.points), strict=True)
    return (
        f'<rect x="{_n(x + min(xs))}" y="{_n(y + min(ys))}" width="{_n(max(xs) - min(xs))}" '
        f'height="{_n(max(ys) - min(ys))}" fill="none" pointer-events="all"/>'
    )


def _mark(mark: Mark, x: float, y: float) -> str:
    path = "L".join(f"{_n(x + a)} {_n(y + b)}" for a, b in mark.points)
    return (
        f'<path d="M{path}" fill="none" stroke="{mark.colour}" stroke-width="{_n(mark.width)}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _text(text: Text, x: float, y: float, width: float, height: float) -> Iterator[str]:
    """A run of text; a sparkline is drawn, as fonts disagree about its signs."""
    if not text.text:
        return
    words, bars = text.text, ""
    if words[-1] in _BARS:
        words, _, bars = words.rpartition(" ")
    base = y + height / 2 + 0.36 * text.size
    anchor, at = {
        "LEFT": ("", x),
        "CENTER": (' text-anchor="middle"', x + width / 2),
        "RIGHT": (' text-anchor="end"', x + width),
    }[text.align]
    if words:
        look = f' font-family="{_FONTS[True]}"' if text.font == MONO else ""
        look += ' font-weight="bold"' if text.bold else ""
        look += ' font-style="italic"' if text.italic else ""
        yield (
            f'<text x="{_n(at)}" y="{_n(base)}" font-size="{text.size}" fill="{text.colour}"'
            f"{anchor}{look}>{escape(words)}</text>"
        )
    if bars:
        left = x + (0.62 * text.size * (len(words) + 1) if words else 0)
        yield _sparkline(bars, left, y + height - 5, text.colour)


def _sparkline(bars: str, x: float, base: float, colour: str) -> str:
    """Eight bars, 9 wide and up to 14 high, as one path."""
    heights = [max(1, 2 * _BARS.index(bar)) for bar in bars]
    path = f"M{_n(x)} {_n(base)}" + "".join(f"v-{high}h8v{high}h1" for high in heights)
    return f'<path d="{path}" fill="{colour}"/>'


def _line(line: Line, prefix: str, mark: str) -> str:
    points = line.body()
    curve = f"M{_n(points[0][0])} {_n(points[0][1])}" + "".join(
        _segment(points[i : i + 4]) for i in range(0, len(points) - 1, 3)
    )
    identity = f' id="{prefix}{line.key}"' if line.key else ""
    head = ""
    if line.arrow:
        corners = " ".join(f"{_n(a)},{_n(b)}" for a, b in line.head())
        head = f'<polygon points="{corners}" fill="{line.colour}"/>'
    dashes = ' stroke-dasharray="6 4"' if line.dashed or line.is_cut else ""
    return (
        f'<g{identity} class="{mark}line {line.kind}"><path d="{curve}" fill="none" '
        f'stroke="{line.colour}" stroke-width="{_n(line.width)}"{dashes}/>{head}'
        f"{_scissors(line)}</g>"
    )


def _segment(points: Sequence[tuple[float, float]]) -> str:
    """A cubic from the first point; where it is level or upright, that."""
    (x, y), *_, (right, below) = points
    if all(abs(b - y) < 0.01 for _, b in points):
        return f"H{_n(right)}"
    if all(abs(a - x) < 0.01 for a, _ in points):
        return f"V{_n(below)}"
    return "C" + " ".join(f"{_n(a)} {_n(b)}" for a, b in points[1:])


def _scissors(line: Line) -> str:
    """On a line that was cut, clear of it."""
    if not line.is_cut:
        return ""
    x, y = line.middle
    return (
        f'<text x="{_n(x)}" y="{_n(y + 6)}" font-size="17" fill="{INK}" text-anchor="middle" '
        f'stroke="{PAPER}" stroke-width="5" paint-order="stroke">✂</text>'
    )
