"""What is written in finished artefacts, read back as numbers: `(−6) × 3 = −18`, bars, LaTeX."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

__all__ = ["from_latex", "holds", "number_in", "value_of"]

BARRED = re.compile("((?:.\u0305)+)")
NUMBER = r"(?:NaN|∞|\d+(?:\.\d+)?(?:e−?\d+)?)"
_MARKS = {"×": "*", "−": "-", ")(": ")*(", "NaN": "nan", "∞": "inf", "i": "j"}


def _python(text: str) -> str:
    text = BARRED.sub(lambda m: f"conj({m[1].replace(chr(0x305), '')})", text)
    # ∞i and NaNi are imaginary too
    text = re.sub(rf"({NUMBER})i(?!\w)", r"imaginary(\1)", text)
    text = text.replace(")Re(", ")*Re(").replace(")conj(", ")*conj(")
    for mark, python in list(_MARKS.items())[:5]:
        text = text.replace(mark, python)
    return text


def value_of(text: str) -> Any:
    """The number that a product or sum of written numbers is, and how large its terms are."""
    names = {
        "nan": np.float64(np.nan), "inf": np.float64(np.inf), "conj": np.conj, "Re": np.real,
        "imaginary": lambda x: complex(0, x), "__builtins__": {},
    }  # fmt: skip
    numbers = re.sub(r"(?<![\w.])(\d[\d.]*(?:e-?\d+)?)", r"np64(\1)", _python(text))
    with np.errstate(all="ignore"):
        return eval(numbers, {**names, "np64": np.float64})  # noqa: S307


def number_in(text: str) -> Any:
    """A number as it is written."""
    return value_of(text)


def holds(left: str, right: str) -> bool:
    """Whether both sides of an equation are the same, to the digits that are shown."""
    a, b = value_of(left), value_of(right)
    count = 1 + len(re.findall(NUMBER, left))
    scale = max(abs(a), abs(b)) if np.isfinite(a) and np.isfinite(b) else 0.0
    return bool(np.isclose(a, b, rtol=0, atol=1e-3 * count * scale, equal_nan=True)) or a == b


def from_latex(text: str) -> str:
    """A product in LaTeX, as the text has it."""
    text = re.sub(r"\\overline\{([^}]*)\}", lambda m: "".join(f"{c}\u0305" for c in m[1]), text)
    text = re.sub(r"\\times 10\^\{(-?\d+)\}", r"e\1", text)
    for tex, mark in {
        r"\operatorname{Re}": "Re", r"\mathrm{NaN}": "NaN", r"\infty ": "∞", "-": "−",
    }.items():  # fmt: skip
        text = text.replace(tex, mark)
    return text.strip()
