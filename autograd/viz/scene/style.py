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
    "ILL",
    "ILL_TINT",
    "INK",
    "LINE",
    "LOCAL",
    "LOCAL_TINT",
    "MONO",
    "MUTED",
    "NAN",
    "NAN_TINT",
    "NEGATIVE",
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
    "dark_ground",
    "dark_rules",
    "dark_text",
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
ILL, ILL_TINT = "#422006", "#fde047"  # a badge: the same on light and on dark paper
NAN, NAN_TINT = "#86198f", "#fdf4ff"  # no number: never a colour of the ramp
NEGATIVE, _NEGATIVE_DARK = "#7c3aed", "#a78bfa"  # numbers below zero in a heat map
SANS, MONO = "DejaVu Sans", "Courier New"

# What letters take of their size in a sans of the wide kind; others by what they are.
_SANS_WIDTHS = {
    0.34: " ',./IJijl|\\", 0.42: "!()-:;[]f·", 0.48: "rt\"", 0.78: "DGHNU&", 0.80: "OQ",
    0.84: "w#+<=>^~×−ωϖ", 0.92: "MΜΉΎŵ", 1.0: "mW@%æœщŴ", 1.1: "ÆŒ½¼¾©®",
}  # fmt: skip
_SANS_KINDS = {"Lu": 0.80, "Ll": 0.70, "Sm": 0.88, "So": 0.95, "Po": 1.0, "Pd": 1.0}


# What the colours are on dark paper: fills by the shapes that have them, then lines. The ramp's
# cells stay as they are; those of a bar of shares get an outline where the paper is as dark.
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
    ('text[fill="{}"]', OP_NOTE, "#d5deea"), ('text[fill="{}"]', NEGATIVE, "#c4b5fd"),
    ('rect[fill="{}"]', NEGATIVE, _NEGATIVE_DARK),
)  # fmt: skip
_OF_TEXTS = ('[fill="{}"]', 'text[fill="{}"]')
_DARK_LINES = {
    EDGE: "#24324c", PARAM: "#475975", INK: "#475975", BORDER: "#64748b", LINE: "#4f7fd6",
    NAN: "#f0abfc", PAPER: "#0b1120", RAMP[6]: "#e0662a", RAMP[7]: "#ea7a3d", RAMP[8]: "#f4965c",
    RAMP[9]: "#fbb98d",
}  # fmt: skip
_ROLES = {  # the names that the page's style sheet has for them
    "paper": PAPER, "ink": INK, "muted": MUTED, "hair": OP_NOTE, "border": BORDER, "flow": LINE,
    "value": VALUE, "local": LOCAL, "gradient": GRADIENT, "gradient-tint": GRADIENT_TINT,
    "panel": PANEL, "op": OP, "nan": NAN, "nan-tint": NAN_TINT, "negative": NEGATIVE,
}  # fmt: skip


def role_colours(is_dark: bool = False) -> str:
    """The colours as CSS variables: `--value:#1d4ed8;` and so on."""
    dark = {light: colour for _, light, colour in reversed(_DARK)} | {
        OP_NOTE: PARAM, BORDER: _DARK_LINES[BORDER], LINE: _DARK_LINES[LINE],
        NEGATIVE: _NEGATIVE_DARK,
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
            rules.append(f'{scope} .share rect[fill="{light}"]{{stroke:{dark}}}')
    return "".join(rules)


def dark_ground(colour: str) -> str:
    """That of a cell filled with a colour, on dark paper."""
    found = [
        dark for where, light, dark in _DARK if light == colour and not where.startswith("text")
    ]
    return found[0] if found else colour


def dark_text(colour: str) -> str:
    """That of texts of a colour, on dark paper; nothing where it is the same."""
    found = [dark for where, light, dark in _DARK if light == colour and where in _OF_TEXTS]
    return found[0] if found else ""


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
    units = sum(_units(c, font) for c in one_line(text)) * (1.12 if bold and font != MONO else 1)
    return int(units * size) + 3


def _units(char: str, font: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.21 if font == MONO else 1.1  # two cells
    if char > "\U0001d3ff":  # letters of mathematics, and what else comes from another font
        return 1.1
    if font == MONO:
        if "\u2600" <= char < "\u27c0":  # signs
            return 0.95
        return 0.602 if char < "\u0100" else 0.68  # other signs may come from another font
    return _sans_units(char)


def _sans_units(char: str) -> float:
    for width, members in _SANS_WIDTHS.items():
        if char in members:
            return width
    if char < "\u0080":
        return 0.72 if char.isupper() else 0.64
    if "\u2070" <= char < "\u20a0" or char in "¹²³":
        return 0.62  # above and below the line
    if "\u0400" <= char < "\u0530":  # Cyrillic
        return 1.1 if char.isupper() else 0.92
    if "\u0600" <= char < "\u0700":  # Arabic
        return 0.95
    return _SANS_KINDS.get(unicodedata.category(char), 0.70) if char != "\ufffd" else 1.04


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
