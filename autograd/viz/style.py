"""Colours, fonts and HTML-like cells: one colour has one meaning, one shape is one kind.

Geometry must be the same on every machine, so every cell has a fixed size that is computed here,
and one run of one font.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass

from autograd.viz.numbers import magnitude_step

__all__ = [
    "BORDER", "GRADIENT", "GRADIENT_TINT", "HAIRLINE", "INK", "LINE", "LOCAL", "LOCAL_TINT", "MONO",
    "MUTED", "OP", "OP_MARK", "PANEL", "PAPER", "PARAM", "RAMP", "SANS", "VALUE", "VALUE_TINT",
    "Text", "clip", "escape", "line_colour", "line_width", "one_line", "ramp_ink", "row", "table",
    "text_width",
]  # fmt: skip

VALUE, VALUE_TINT, LINE = "#1d4ed8", "#eff6ff", "#7aa2f7"
LOCAL, LOCAL_TINT = "#115e59", "#f0fdfa"
GRADIENT, GRADIENT_TINT = "#c2410c", "#fff7ed"
INK, MUTED, BORDER, HAIRLINE = "#0f172a", "#52607a", "#94a3b8", "#cbd5e1"
PANEL, PAPER, PARAM, OP, OP_MARK = "#f8fafc", "#ffffff", "#334155", "#1e293b", "#fdba74"
RAMP = (
    "#fffbf5", "#ffedd5", "#fed7aa", "#fdba74", "#fb923c",
    "#f2711c", "#c2410c", "#9a3412", "#7c2d12", "#431407",
)  # fmt: skip
SANS, MONO = "DejaVu Sans", "Courier New"

_SANS_WIDTHS = {0.30: "ijlI", 0.36: " .,:;'|!", 0.42: "()[]-/ftr1·", 0.84: "=+×−<>", 0.98: "mMwW%@"}


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text in one cell of a row."""

    text: str
    size: int = 12
    colour: str = INK
    font: str = MONO
    bold: bool = False
    italic: bool = False
    align: str = "LEFT"
    width: int = 0  # of the cell; 0: what the others leave
    port: str = ""

    @property
    def needs(self) -> int:
        return text_width(self.text, self.size, self.font, self.bold)


def escape(text: str) -> str:
    """Text for a label or an XML document."""
    return html.escape(one_line(text))


def one_line(text: str) -> str:
    """Line breaks as blanks; what cannot be printed, and XML could not hold, as �."""
    return "".join(c if c.isprintable() else " " if c in "\n\t" else "�" for c in text)


def clip(text: str, most: int) -> str:
    """At most so many characters, the last an ellipsis where some are missing."""
    return text if len(text) <= most else text[: most - 1] + "…"


def text_width(text: str, size: float, font: str = MONO, bold: bool = False) -> int:
    """The width in points that a text may need, on the safe side."""
    units = sum(_units(c, font) for c in text) * (1.12 if bold and font != MONO else 1)
    return int(units * size) + 3


def _units(char: str, font: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.1
    if font == MONO:
        return 0.602 if char < "\u0100" else 0.68  # other signs may come from another font
    for width, members in _SANS_WIDTHS.items():
        if char in members:
            return width
    return 0.70 if char.isupper() or ord(char) > 127 else 0.62


def row(*texts: Text, width: int, height: int, fill: str = "", port: str = "", pad: int = 6) -> str:
    """One row of a table: a cell of fixed size, in it the texts side by side.

    The last text without a width takes what is left.
    """
    texts = tuple(text for text in texts if text.text or text.port)
    free = max(1, width - 2 * pad - sum(t.width for t in texts))
    cells = [_space(pad, height)]
    cells += [_cell(text, text.width or free, height) for text in texts]
    spare = free if all(text.width for text in texts) else 0
    cells.append(_space(pad + spare, height))
    inside = table("".join(cells).join(("<TR>", "</TR>")))
    paint = f' BGCOLOR="{fill}"' if fill else ""
    anchor = f' PORT="{port}"' if port else ""
    return f'<TR><TD{anchor}{paint} WIDTH="{width}" HEIGHT="{height}">{inside}</TD></TR>'


def _space(width: int, height: int) -> str:
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"></TD>'


def _cell(text: Text, width: int, height: int) -> str:
    shown = escape(text.text)
    size = f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"'
    size += f' PORT="{text.port}"' if text.port else ""
    if not shown:
        return f"<TD {size}></TD>"
    shown = f"<B>{shown}</B>" if text.bold else f"<I>{shown}</I>" if text.italic else shown
    font = f'<FONT FACE="{text.font}" POINT-SIZE="{text.size}" COLOR="{text.colour}">{shown}</FONT>'
    return f'<TD ALIGN="TEXT" {size}>{font}<BR ALIGN="{text.align}"/></TD>'


def table(rows: str, *, border: int = 0, colour: str = "", style: str = "", fill: str = "") -> str:
    """An HTML-like table without gaps."""
    look = f' COLOR="{colour}"' if colour else ""
    look += f' STYLE="{style}"' if style else ""
    look += f' BGCOLOR="{fill}"' if fill else ""
    none = 'CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
    return f'<TABLE BORDER="{border}" {none}{look}>{rows}</TABLE>'


def ramp_ink(step: int) -> str:
    """The ink that can be read on a step of the ramp."""
    return "#431407" if step <= 5 else "#ffffff"


def line_colour(gradient: object) -> str:
    """The colour of a line that carries a gradient; never too pale to see."""
    return RAMP[max(2, magnitude_step(gradient))]


def line_width(gradient: object) -> str:
    """The width of a line grows with the log of the magnitude that it carries."""
    return f"{1.2 + 0.2 * magnitude_step(gradient):.2f}"
