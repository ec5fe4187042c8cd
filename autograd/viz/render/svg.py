"""A Scene as an `<svg>` element that needs no program, no font file and no style sheet."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.viz.scene.scene import Box, Line, Panel, Row, Scene
from autograd.viz.scene.style import (
    EDGE,
    MONO,
    NAN,
    NAN_TINT,
    PANEL,
    PAPER,
    Text,
    dark_rules,
    escape,
)

__all__ = ["render"]

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


def render(scene: Scene, prefix: str = "", adapts: bool = True) -> str:
    """The element; ids begin with `prefix`, so that a page can hold several pictures.

    Where it `adapts`, it is dark for readers whose system is.
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
    if any(each.fill == NAN_TINT for box in scene.boxes for each in box.rows):
        parts.append(_HATCH.format(prefix=prefix))
    parts += [_panel(panel, prefix) for panel in scene.panels]
    parts += [_line(line, prefix) for line in scene.lines]
    parts += [_box(box, prefix) for box in scene.boxes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _n(value: float) -> str:
    """A coordinate, with no more digits than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _panel(panel: Panel, prefix: str) -> str:
    ground = (
        f'<rect x="{_n(panel.x)}" y="{_n(panel.y)}" width="{_n(panel.width)}" '
        f'height="{_n(panel.height)}" rx="12" fill="{PANEL}" stroke="{EDGE}"/>'
    )
    inside = "".join(_rows(panel.rows, panel.x + 6, panel.y + 4, panel.width, prefix))
    return f'<g id="{prefix}{panel.key}" class="panel">{ground}{inside}</g>'


def _box(box: Box, prefix: str) -> str:
    shape = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"' + (
        ' rx="10"' if box.rounded else ""
    )
    parts = [f'<g id="{prefix}{box.key}" class="{box.kind}">']
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
        yield "</g>"
        y += each.height


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"/>'
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
    path = "".join(
        f"M{_n(x + 9 * i)} {_n(base)}v{_n(-1.5 - 1.75 * _BARS.index(bar))}h8V{_n(base)}z"
        for i, bar in enumerate(bars)
    )
    return f'<path d="{path}" fill="{colour}"/>'


def _line(line: Line, prefix: str) -> str:
    (x, y), *rest = line.body()
    curve = f"M{_n(x)} {_n(y)}" + "".join(
        "C" + " ".join(f"{_n(a)} {_n(b)}" for a, b in rest[i : i + 3])
        for i in range(0, len(rest), 3)
    )
    identity = f' id="{prefix}{line.key}"' if line.key else ""
    head = ""
    if line.arrow:
        corners = " ".join(f"{_n(a)},{_n(b)}" for a, b in line.head())
        head = f'<polygon points="{corners}" fill="{line.colour}"/>'
    return (
        f'<g{identity} class="line {line.kind}"><path d="{curve}" fill="none" '
        f'stroke="{line.colour}" stroke-width="{_n(line.width)}"/>{head}</g>'
    )
