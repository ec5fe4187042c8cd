"""What the doctor found: a diagnosis of every parameter, as objects, as text and as a table."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.errors import UnknownNameError
from autograd.viz.model.numbers import clip, number, one_line, shape_text
from autograd.viz.words.why import Reason

__all__ = ["Checkup", "Diagnosis", "severity"]

_WIDTH, _NAME, _NOTHING = 100, 38, "–"
_ORDER = (
    "NaN", "infinite", "exploding", "none", "zero", "cancelled", "dead", "huge", "tiny", "partial",
)  # fmt: skip
_WELL = {"", "level", "frozen"}
_WORDS = 2  # columns
_TABLE = 'cellpadding="6" style="border-collapse:collapse;font:14px/1.4 system-ui,sans-serif"'
_ROW = 'style="border-bottom:1px solid #94a3b8;vertical-align:top;text-align:left"'
_LEFT, _RIGHT = ' style="text-align:left"', ' style="text-align:right"'
_COLUMNS = ("parameter", "illness", "gradient", "weight", "ratio", "update")


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """One parameter: how ill its gradient is, and why."""

    name: str
    parameter: Any
    illness: str  # one of the table's words, "level" at a minimum, "frozen", or "" where healthy
    gradient: float | None  # the root of the mean square; None where there is no gradient
    weight: float  # the same of its values
    reason: Reason  # what `autograd.why` says
    update: float | None = None  # the last step of training, beside the weight, where it is known

    @property
    def is_ill(self) -> bool:
        """Whether something is wrong: a minimum or a frozen parameter is no illness."""
        return self.illness not in _WELL

    @property
    def ratio(self) -> float | None:
        """The gradient's size beside that of the weight; None where there is no such number."""
        return self.gradient / self.weight if self.gradient is not None and self.weight else None

    @property
    def where(self) -> str | None:
        """The source line that is to blame, where it is known."""
        return self.reason.where

    @property
    def remedy(self) -> str:
        """What to do about it, in one line."""
        return self.reason.remedy

    def _row(self) -> list[str]:
        sizes = (self.gradient, self.weight, self.ratio, self.update)
        shown = [_NOTHING if size is None else number(size, 2) for size in sizes]
        return [clip(one_line(self.name), _NAME), self.illness or "healthy", *shown]


@dataclass(frozen=True, slots=True, eq=False)
class Checkup(Sequence[Diagnosis]):
    """The diagnoses of all parameters, the worst first; true where none is ill.

    It prints as a table, is one in a notebook, and finds a diagnosis by place or name.
    """

    diagnoses: tuple[Diagnosis, ...]

    @property
    def ill(self) -> tuple[Diagnosis, ...]:
        """Those that need something, the worst first."""
        return tuple(each for each in self.diagnoses if each.is_ill)

    def __len__(self) -> int:
        return len(self.diagnoses)

    def __bool__(self) -> bool:
        return not self.ill

    def __iter__(self) -> Iterator[Diagnosis]:
        return iter(self.diagnoses)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return self.diagnoses[key]
        found = {each.name: each for each in self.diagnoses}
        if key not in found:
            raise UnknownNameError(f"no parameter is named {key!r}; there are {', '.join(found)}")
        return found[key]

    def __str__(self) -> str:
        lines = [self._headline()]
        columns = self._columns()
        widths = [max(map(len, column)) for column in columns]
        head, *rows = zip(*columns, strict=True)
        if rows:
            lines.append(_aligned(head, widths))
        before: Reason | None = None
        for each, row in zip(self.ill, rows, strict=True):
            lines += [_aligned(row, widths), *_story(each.reason, before)]
            before = each.reason
        return "\n".join([*lines, *self._rest()])

    def _columns(self) -> list[tuple[str, ...]]:
        """The table of those that are ill; a column without a number is left out."""
        rows = [each._row() for each in self.ill]
        columns = list(zip(_COLUMNS, *rows, strict=True))
        return [each for each in columns if not rows or set(each[1:]) != {_NOTHING}]

    def __repr__(self) -> str:
        return f"<Checkup: {self._headline()}>"

    def to_html(self) -> str:
        """A table, a row a parameter that is ill."""
        names, *cells = zip(*self._columns(), strict=True)
        head = "".join(f"<th>{name}</th>" for name in (*names, "why", "remedy"))
        rows = "".join(map(_html_row, self.ill, cells))
        rest = "".join(f"<p>{html.escape(line)}</p>" for line in self._rest())
        table = f"<table {_TABLE}><tr {_ROW}>{head}</tr>{rows}</table>" if rows else ""
        return f"<div><p><b>{html.escape(self._headline())}</b></p>{table}{rest}</div>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def _headline(self) -> str:
        count = len(self.diagnoses)
        whole = f"{count} parameter{'s' * (count != 1)}"
        if not self.ill:
            return f"none of {whole} is ill"
        return f"{len(self.ill)} of {whole} {'is' if len(self.ill) == 1 else 'are'} ill"

    def _rest(self) -> list[str]:
        """The others, in a line a kind."""
        ratios = [each.ratio for each in self if not each.illness and each.ratio is not None]
        healthy = sum(not each.illness for each in self)
        lines = []
        if healthy:
            low, high = (number(f(ratios), 2) for f in (min, max)) if ratios else ("", "")
            span = f": gradient / weight from {low} to {high}" if ratios else ""
            lines.append(f"{healthy} healthy{span}")
        for illness, words in (("level", "at a minimum or level point"), ("frozen", "frozen")):
            names = [clip(one_line(each.name), _NAME) for each in self if each.illness == illness]
            if names:
                shown = ", ".join(names[:3]) + ", …" * (len(names) > 3)
                lines += textwrap.wrap(f"{len(names)} {words}: {shown}", _WIDTH)
        return lines


def severity(each: Diagnosis) -> tuple[int, float]:
    """Worst first: by illness; of tiny gradients the least first, of others the largest."""
    place = _ORDER.index(each.illness) if each.illness in _ORDER else len(_ORDER)
    size = each.ratio or 0.0
    return place, size if each.illness in ("tiny", "dead") else -np.nan_to_num(size)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    cells = [text.ljust(w) if i < _WORDS else text.rjust(w)
             for i, (text, w) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
    return "  ".join(cells).rstrip()


def _story(reason: Reason, before: Reason | None) -> list[str]:
    if before is not None and (reason.illness, reason.findings) == (
        before.illness,
        before.findings,
    ):
        return ["    as above"]
    told = [reason.headline] if reason.illness == "partial" else []
    told += [*map(str, reason.findings), *([f"→ {reason.remedy}"] if reason.remedy else [])]
    return [
        line for text in told
        for line in textwrap.wrap(one_line(text), _WIDTH, initial_indent="    ",
                                  subsequent_indent="      ", break_on_hyphens=False)
    ]  # fmt: skip


def _html_row(each: Diagnosis, row: tuple[str, ...]) -> str:
    texts = [*([each.reason.headline] if each.illness == "partial" else []), *each.reason.findings]
    told = "<br>".join(html.escape(one_line(text)) for text in texts)
    title = html.escape(one_line(f"{each.name} {shape_text(np.shape(each.parameter))}"))
    cells = "".join(
        f"<td{'' if i < _WORDS else _RIGHT}>{html.escape(text)}</td>" for i, text in enumerate(row)
    )
    remedy = html.escape(each.remedy)
    return f'<tr title="{title}" {_ROW}>{cells}<td{_LEFT}>{told}</td><td{_LEFT}>{remedy}</td></tr>'
