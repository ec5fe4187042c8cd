"""Colours, fonts, and the runs of text in them: one colour has one meaning.

Geometry must be the same on every machine, so widths are computed here, on the safe side, and no
renderer measures text.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass

from autograd.viz.model.numbers import is_finite, magnitude_step, one_line

__all__ = [
    "BORDER",
    "DATA",
    "EDGE",
    "GRADIENT",
    "GRADIENT_TINT",
    "INK",
    "LINE",
    "LOCAL",
    "LOCAL_TINT",
    "MONO",
    "MUTED",
    "NAN",
    "NAN_TINT",
    "OP",
    "OP_MARK",
    "OP_NOTE",
    "PANEL",
    "PAPER",
    "PARAM",
    "RAMP",
    "SANS",
    "VALUE",
    "VALUE_TINT",
    "Text",
    "dark_rules",
    "escape",
    "gradient_look",
    "line_colour",
    "line_width",
    "ramp_ink",
    "role_colours",
    "text_width",
    "value_look",
]  # fmt: skip

VALUE, VALUE_TINT, LINE = "#1d4ed8", "#eff6ff", "#7aa2f7"
LOCAL, LOCAL_TINT = "#0f5a55", "#f0fdfa"
GRADIENT, GRADIENT_TINT = "#c2410c", "#fff7ed"
INK, MUTED, BORDER = "#0f172a", "#52607a", "#94a3b8"
PANEL, PAPER, PARAM = "#f8fafc", "#ffffff", "#334155"
OP, OP_MARK, OP_NOTE, DATA = "#1e293b", "#fdba74", "#cbd5e1", "#eef1f6"
EDGE = "#e2e8f0"  # of a panel
RAMP = (
    "#fffbf5", "#ffedd5", "#fed7aa", "#fdba74", "#fb923c",
    "#f2711c", "#c2410c", "#9a3412", "#7c2d12", "#431407",
)  # fmt: skip
NAN, NAN_TINT = "#86198f", "#fdf4ff"  # no number: never a colour of the ramp
SANS, MONO = "DejaVu Sans", "Courier New"

_SANS_WIDTHS = {0.30: "ijlI", 0.36: " .,:;'|!", 0.42: "()[]-/ftr1·", 0.84: "=+×−<>", 0.98: "mMwW%@"}


# What the colours are on dark paper: fills by the shapes that have them, then lines. The ramp's
# cells stay as they are.
_DARK = (
    ("rect.paper", "", "#0b1120"),
    ('[fill="{}"]:not(text):not(.paper):not(path)', PAPER, "#0b1120"),
    ('text[fill="{}"]', INK, "#e2e8f0"), ('rect[fill="{}"]', INK, "#020617"),
    ('[fill="{}"]', MUTED, "#a9b8cf"), ('[fill="{}"]', DATA, "#1a2539"),
    ('[fill="{}"]', VALUE, "#93c5fd"), ('[fill="{}"]', VALUE_TINT, "#10213f"),
    ('[fill="{}"]', LOCAL, "#5eead4"), ('[fill="{}"]', LOCAL_TINT, "#0b2b2a"),
    ('text[fill="{}"]', GRADIENT, "#fdba74"), ('[fill="{}"]', GRADIENT_TINT, "#331a0c"),
    ('[fill="{}"]', PANEL, "#111a2e"), ('[fill="{}"]', OP, "#33435c"),
    ('[fill="{}"]', PARAM, "#475975"), ('[fill="{}"]', NAN_TINT, "#2e0a33"),
    ('[fill="{}"]', NAN, "#f0abfc"), ('polygon[fill="{}"]', LINE, "#4f7fd6"),
    ('text[fill="{}"]', OP_NOTE, "#d5deea"),
)  # fmt: skip
_DARK_LINES = {
    EDGE: "#24324c", PARAM: "#475975", INK: "#475975", BORDER: "#64748b", LINE: "#4f7fd6",
    NAN: "#f0abfc", RAMP[6]: "#e0662a", RAMP[7]: "#ea7a3d", RAMP[8]: "#f4965c", RAMP[9]: "#fbb98d",
}  # fmt: skip
_ROLES = {  # the names that the page's style sheet has for them
    "paper": PAPER, "ink": INK, "muted": MUTED, "hair": OP_NOTE, "border": BORDER, "flow": LINE,
    "value": VALUE, "local": LOCAL, "gradient": GRADIENT, "gradient-tint": GRADIENT_TINT,
    "panel": PANEL, "op": OP, "nan": NAN,
}  # fmt: skip


def role_colours(is_dark: bool = False) -> str:
    """The colours as CSS variables: `--value:#1d4ed8;` and so on."""
    dark = {light: colour for _, light, colour in reversed(_DARK)} | {
        OP_NOTE: PARAM, BORDER: _DARK_LINES[BORDER], LINE: _DARK_LINES[LINE],
    }  # fmt: skip
    return "".join(
        f"--{role}:{dark[light] if is_dark else light};" for role, light in _ROLES.items()
    )


def dark_rules(scope: str) -> str:
    """CSS that gives a picture its colours on dark paper, for all inside of a selector."""
    rules = [f"{scope} {where.format(light)}{{fill:{dark}}}" for where, light, dark in _DARK]
    for light, dark in _DARK_LINES.items():
        rules.append(f'{scope} [stroke="{light}"]{{stroke:{dark}}}')
        if light in RAMP:
            rules.append(f'{scope} polygon[fill="{light}"]{{fill:{dark}}}')
    return "".join(rules)


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

    @property
    def needs(self) -> int:
        return text_width(self.text, self.size, self.font, self.bold)


def escape(text: str) -> str:
    """Text for a label or an XML document."""
    return html.escape(one_line(text))


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


def ramp_ink(step: int) -> str:
    """The ink that can be read on a step of the ramp."""
    return "#431407" if step <= 5 else "#ffffff"


def gradient_look(gradient: object) -> tuple[str, str]:
    """The ink and the ground of a gradient: a step of the ramp, or that of what is no number."""
    if not is_finite(gradient):
        return NAN, NAN_TINT
    step = magnitude_step(gradient)
    return ramp_ink(step), RAMP[step]


def value_look(value: object, ink: str = VALUE, tint: str = VALUE_TINT) -> tuple[str, str]:
    """The ink and the ground of a value."""
    return (ink, tint) if is_finite(value) else (NAN, NAN_TINT)


def line_colour(gradient: object) -> str:
    """The colour of a line that carries a gradient; never too pale to see."""
    if not is_finite(gradient):
        return NAN
    return RAMP[max(2, magnitude_step(gradient))]


def line_width(gradient: object) -> float:
    """The width of a line grows with the log of the magnitude that it carries."""
    return round(1.2 + 0.2 * magnitude_step(gradient), 2)
