"""What became of a gradient, as `why` and `doctor` tell it, and how they name things."""

from __future__ import annotations

import html
from dataclasses import dataclass

from autograd.viz.model.numbers import one_line
from autograd.viz.words.remedies import remedy_of

__all__ = ["HUGE", "NAMELESS", "TINY", "Reason", "call_of", "capital", "grad_of"]

TINY, HUGE = 1e-6, 1e4  # rms of a gradient beside that of its values
NAMELESS = "this Tensor"


@dataclass(frozen=True, slots=True)
class Reason:
    """What became of a gradient, and why: one headline, and the findings below it."""

    state: str  # "none", "nan", "zero", "tiny", "huge", "partial", "dead" or "sound"
    headline: str
    findings: tuple[str, ...] = ()
    illness: str = ""  # in one word, such as "cancelled"; "" where nothing is wrong

    @property
    def where(self) -> str | None:
        """The source line of the first finding that has one."""
        places = (getattr(each, "where", None) for each in self.findings)
        return next(filter(None, places), None)

    @property
    def remedy(self) -> str:
        """What to do about it, in one line; "" where nothing is wrong."""
        return remedy_of(self.illness, [getattr(each, "kind", "") for each in self.findings])

    def __str__(self) -> str:
        return "\n".join(map(one_line, [self.headline, *(f"  {line}" for line in self.findings)]))

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(one_line(line))}</li>" for line in self.findings)
        return f"<p><b>{html.escape(one_line(self.headline))}</b></p><ul>{lines}</ul>"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:] if " " in text else text  # a variable keeps its letters


def grad_of(name: str) -> str:
    return f"The gradient of {name}" if name == NAMELESS else f"{name}.grad"


def call_of(name: str, method: str) -> str:
    """`w.retaingrad_of()`, or how to say that of what has no name that Python could read."""
    is_variable = name.replace(".", "").isidentifier()
    return f"{name}.{method}" if is_variable else f".{method} on it"
