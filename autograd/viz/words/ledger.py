"""The ledger of the chain rule, and how it reads: as text, as LaTeX, as a table in HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import amount, clip, number, one_line, rms, symbol
from autograd.viz.model.paths import (
    conjugates,
    cut,
    formulas_along,
    names_along,
    numbers_along,
    symbols_along,
)

__all__ = ["Explanation", "Path"]

_TEX = {
    "−": "-", "∞": r"\infty ", "…": r"\cdots ", "NaN": r"\mathrm{NaN}",
    "Re(": r"\operatorname{Re}(",
}  # fmt: skip
_INDICES = "₀₁₂₃₄₅₆₇₈₉"
_LONGEST = 40  # characters of a name


@dataclass(frozen=True, slots=True)
class Path:
    """One path from the output down to the tensor, and what the gradient gets along it."""

    edges: tuple[Edge, ...]  # the one next to the output first
    contribution: Any  # of the tensor's shape

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors on the way, the output first."""
        return names_along(self.edges)

    @property
    def factors(self) -> tuple[Any, ...] | None:
        """What is multiplied along the path, or None where it is no product of numbers."""
        found = tuple(edge.local for edge in self.edges)
        return tuple(map(np.conj, found)) if self.numbers else None

    @property
    def numbers(self) -> str:
        """The product in numbers, `(−6)(1)(3)`; nothing where it is none."""
        return numbers_along(self.edges, self.contribution)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a gradient is what it is: the paths, what they give, and what the others give."""

    output: str
    name: str
    gradient: Any
    paths: tuple[Path, ...]  # the strongest first
    count: int  # of all the paths, listed or not
    rest: Any  # what the paths that are not listed add up to; None where all are listed
    note: str = ""  # what was changed since the recording

    def text(self) -> str:
        """For the terminal: symbols first, then numbers."""
        return as_text(self)

    def latex(self) -> str:
        """An `aligned` environment, a line a path."""
        return as_latex(self)

    def html(self) -> str:
        """A table, a row a path."""
        return as_html(self)

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Explanation of ∂{self.output}/∂{self.name}: {self.count:,} paths>"


def as_text(ledger: Explanation) -> str:
    lines = [_headline(ledger)]
    for place, path in enumerate(ledger.paths, start=1):
        lines.append(f"{place:3}. {_way(path) or clip(ledger.name, _LONGEST)}")
        lines += [f"     {line}" for line in _lines(path)]
        lines.append(f"     = {amount(path.contribution)}{_share(path, ledger)}")
    if ledger.rest is not None:
        others = ledger.count - len(ledger.paths)
        lines.append(f"     and {others:,} other paths: {amount(ledger.rest)}")
    if ledger.note:
        lines.append(f"     ({ledger.note})")
    return "\n".join(map(one_line, lines))


def _headline(ledger: Explanation) -> str:
    paths = f"{ledger.count:,} path{'s' * (ledger.count != 1)}"
    name, output = (symbol(clip(each, _LONGEST)) for each in (ledger.name, ledger.output))
    return f"∂{output}/∂{name} = {amount(ledger.gradient)}, the sum over {paths}"


def _way(path: Path) -> str:
    """`L ← p ← w`."""
    return " ← ".join(cut([clip(name, _LONGEST) for name in path.names], "…"))


def _lines(path: Path) -> list[str]:
    """The product in symbols; with formulas; in numbers."""
    if not path.edges:
        return ["the output itself"]
    product = symbols_along(path.edges)
    numbers = path.numbers
    if not numbers:
        return [product, *_rules(path)]
    return [product, f"= {formulas_along(path.edges)}", f"= {numbers}"]


def _rules(path: Path) -> list[str]:
    rules = [f"{edge.source.name}: G ↦ {edge.rule}" for edge in path.edges]
    return cut([rule for rule in rules if len(rule) <= 76], "…")


def _share(path: Path, ledger: Explanation) -> str:
    """How large a part is beside the whole, where there are several."""
    whole = rms(ledger.gradient)
    if ledger.count == 1 or not whole or not np.isfinite(whole):
        return ""
    return f"   ({number(100 * rms(path.contribution) / whole, 3)} % of the gradient's size)"


# ---- LaTeX ---------------------------------------------------------------------------------------


def as_latex(ledger: Explanation) -> str:
    left = _tex_derivative(ledger.output, ledger.name)
    lines = []
    for place, path in enumerate(ledger.paths):
        sign = f"{left} &= " if place == 0 else "&+ "
        lines.append(sign + _tex_symbols(path) + _tex_numbers(path))
    if ledger.rest is not None:
        others = ledger.count - len(ledger.paths)
        lines.append(rf"&+ \text{{{others} other paths: {_plain(ledger.rest)}}}")
    lines.append(rf"&= {_tex_of(amount(ledger.gradient))}" if np.size(ledger.gradient) == 1 else
                 rf"&\text{{ of size {_plain(ledger.gradient)}}}")  # fmt: skip
    if ledger.note:
        lines.append(rf"&\text{{({_plain_text(ledger.note)})}}")
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _tex_derivative(out: str, source: str) -> str:
    return rf"\frac{{\partial {_tex(out)}}}{{\partial {_tex(source)}}}"


def _tex_symbols(path: Path) -> str:
    """The derivatives along a path, the complex ones conjugated."""
    factors: list[str] = []
    for edge, (out, source) in zip(path.edges, pairwise(path.names), strict=True):
        text = _tex_derivative(out, source)
        factors.append(rf"\overline{{{text}}}" if conjugates(edge) else text)
        if edge.derivation is not None and edge.derivation.is_real:
            factors = [_TEX["Re("] + r"\,".join(cut(factors, r"\cdots")) + ")"]
    return r"\,".join(cut(factors, r"\cdots"))


def _tex_numbers(path: Path) -> str:
    numbers = path.numbers
    if not numbers:
        return rf"\quad\text{{({_plain(path.contribution)})}}"
    return rf" = {_tex_of(numbers)} = {_tex_of(number(path.contribution))}"


def _tex(name: str) -> str:
    """A name as LaTeX: one letter in italics, others upright; `₂` as an index."""
    stem = name.rstrip(_INDICES) or name
    index = name[len(stem) :].translate(str.maketrans(_INDICES, "0123456789"))
    shown = clip(stem, _LONGEST)
    escaped = _plain_text(symbol(shown) if name.isdecimal() else shown)
    letter = escaped if len(stem) == 1 and stem.isalpha() else rf"\mathrm{{{escaped}}}"
    return f"{letter}_{{{index}}}" if index else letter


def _plain_text(text: str) -> str:
    """Text with what is special in LaTeX escaped."""
    special = {
        "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", "−": "-", "→": r"$\to$",
        "∞": r"$\infty$",
    }  # fmt: skip
    return "".join(special.get(c, f"\\{c}" if c in "#$%&_{}" else c) for c in one_line(text))


def _tex_of(text: str) -> str:
    """Numbers and products of them."""
    text = re.sub("((?:.\u0305)+)", lambda m: rf"\overline{{{m[1].replace(chr(0x305), '')}}}", text)
    text = re.sub(r"(\d)e(−?\d+)", r"\1\\times 10^{\2}", text)
    for sign, tex in _TEX.items():
        text = text.replace(sign, tex)
    return text


def _plain(value: Any) -> str:
    """Inside of \\text{}, or a number by itself."""
    return amount(value).replace("−", "-").replace("×", "x").replace("∞", r"$\infty$")


# ---- HTML ----------------------------------------------------------------------------------------


def as_html(ledger: Explanation) -> str:
    rows = "".join(
        "<tr>"
        f"<td>{_safe(_way(path))}</td>"
        f'<td style="color:#0f5a55">{"<br>".join(map(_safe, _lines(path)))}</td>'
        f'<td style="color:#c2410c"><b>{_safe(amount(path.contribution))}</b>'
        f"{_safe(_share(path, ledger))}</td></tr>"
        for path in ledger.paths
    )
    if ledger.rest is not None:
        others = f"{ledger.count - len(ledger.paths):,} other paths"
        rows += f"<tr><td>{others}</td><td></td><td>{_safe(amount(ledger.rest))}</td></tr>"
    if ledger.note:
        rows += f'<tr><td colspan="3">{_safe(ledger.note)}</td></tr>'
    head = "<tr><th>path</th><th>local derivatives</th><th>adds</th></tr>"
    return f"<table><caption>{_safe(_headline(ledger))}</caption>{head}{rows}</table>"


def _safe(text: str) -> str:
    return html.escape(one_line(text))
