"""The ledger of the chain rule, and how it reads: as text, as LaTeX, as a table in HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import number, one_line, rms, shape_text
from autograd.viz.model.printed import tidy, tidy_arrays

__all__ = ["Explanation", "Path"]

_LONGEST = 12  # factors that are written out; of more, the first and the last


@dataclass(frozen=True, slots=True)
class Path:
    """One path from the output down to the tensor, and what the gradient gets along it."""

    edges: tuple[Edge, ...]  # the one next to the output first
    contribution: Any  # of the tensor's shape

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors on the way, the output first."""
        outs = [edge.target.outputs[0].name for edge in self.edges]
        return (*outs, self.edges[-1].source.name) if self.edges else ()

    @property
    def factors(self) -> tuple[Any, ...] | None:
        """The local derivatives as numbers, or None where they are no numbers."""
        found = tuple(edge.local for edge in self.edges)
        return None if any(local is None for local in found) else found


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a gradient is what it is: the paths, what they give, and what the others give."""

    output: str
    name: str
    gradient: Any
    paths: tuple[Path, ...]  # the strongest first
    count: int  # of all the paths, listed or not
    rest: Any  # what the paths that are not listed add up to; None where all are listed

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
        lines.append(f"{place:3}. {' ← '.join(_cut(list(path.names), '…'))}")
        lines += [f"     {line}" for line in _lines(path)]
        lines.append(f"     = {_amount(path.contribution)}{_share(path, ledger)}")
    if ledger.rest is not None:
        others = ledger.count - len(ledger.paths)
        lines.append(f"     and {others:,} other paths: {_amount(ledger.rest)}")
    return "\n".join(map(one_line, lines))


def _headline(ledger: Explanation) -> str:
    paths = f"{ledger.count:,} path{'s' * (ledger.count != 1)}"
    return f"∂{ledger.output}/∂{ledger.name} = {_amount(ledger.gradient)}, the sum over {paths}"


def _lines(path: Path) -> list[str]:
    """The product in symbols; with formulas; in numbers."""
    if not path.edges:
        return ["the output itself"]
    product = " · ".join(_cut([_symbol(edge) for edge in path.edges], "…"))
    if path.factors is None:
        return [product, *_rules(path)]
    formulas = " · ".join(_cut([_formula(edge) for edge in path.edges], "…"))
    numbers = "".join(_cut([f"({number(factor)})" for factor in path.factors], "…"))
    return [product, f"= {formulas}", f"= {numbers}"]


def _rules(path: Path) -> list[str]:
    rules = [f"{edge.source.name}: G ↦ {tidy_arrays(edge.rule)}" for edge in path.edges]
    return _cut([rule for rule in rules if len(rule) <= 76], "…")


def _cut(parts: list[str], dots: str) -> list[str]:
    if len(parts) <= _LONGEST:
        return parts
    return [*parts[: _LONGEST // 2], dots, *parts[-_LONGEST // 2 :]]


def _symbol(edge: Edge) -> str:
    return f"∂{edge.target.outputs[0].name}/∂{edge.source.name}"


def _formula(edge: Edge) -> str:
    text = tidy(edge.derivative)
    return f"({text})" if " + " in text or " − " in text or text.startswith("−") else text


def _amount(value: Any) -> str:
    if np.size(value) == 1:
        return number(np.asarray(value).reshape(-1)[0])
    return f"{shape_text(np.shape(value))}, rms {number(rms(value), 3)}"


def _share(path: Path, ledger: Explanation) -> str:
    """How large a part is beside the whole, where there are several."""
    whole = rms(ledger.gradient)
    if ledger.count == 1 or not whole or not np.isfinite(whole):
        return ""
    return f"   ({number(100 * rms(path.contribution) / whole, 3)} % of the gradient's size)"


# ---- LaTeX ---------------------------------------------------------------------------------------


def as_latex(ledger: Explanation) -> str:
    left = rf"\frac{{\partial {_tex(ledger.output)}}}{{\partial {_tex(ledger.name)}}}"
    lines = []
    for place, path in enumerate(ledger.paths):
        sign = f"{left} &= " if place == 0 else "&+ "
        factors = [
            rf"\frac{{\partial {_tex(e.target.outputs[0].name)}}}{{\partial {_tex(e.source.name)}}}"
            for e in path.edges
        ]
        lines.append(sign + r"\,".join(_cut(factors, r"\cdots")) + _tex_numbers(path))
    if ledger.rest is not None:
        others = ledger.count - len(ledger.paths)
        lines.append(rf"&+ \text{{{others} other paths: {_plain(ledger.rest)}}}")
    lines.append(rf"&= {_plain(ledger.gradient)}" if np.size(ledger.gradient) == 1 else
                 rf"&\text{{ of size {_plain(ledger.gradient)}}}")  # fmt: skip
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _tex_numbers(path: Path) -> str:
    if path.factors is None:
        return rf"\quad\text{{({_plain(path.contribution)})}}"
    factors = _cut([rf"({_minus(number(f))})" for f in path.factors], r"\cdots")
    return rf" = {''.join(factors)} = {_minus(number(path.contribution))}"


def _tex(name: str) -> str:
    """A name as LaTeX: one letter in italics, others upright, with what is special escaped."""
    special = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
    escaped = "".join(special.get(c, f"\\{c}" if c in "#$%&_{}" else c) for c in one_line(name))
    return escaped if len(name) == 1 else rf"\mathrm{{{escaped}}}"


def _minus(text: str) -> str:
    return text.replace("−", "-").replace("∞", r"\infty").replace("×", r"\times")


def _plain(value: Any) -> str:
    return _amount(value).replace("−", "-").replace("×", "x")


# ---- HTML ----------------------------------------------------------------------------------------


def as_html(ledger: Explanation) -> str:
    rows = "".join(
        "<tr>"
        f"<td>{_safe(' ← '.join(_cut(list(path.names), '…')))}</td>"
        f'<td style="color:#0f5a55">{"<br>".join(map(_safe, _lines(path)))}</td>'
        f'<td style="color:#c2410c"><b>{_safe(_amount(path.contribution))}</b>'
        f"{_safe(_share(path, ledger))}</td></tr>"
        for path in ledger.paths
    )
    if ledger.rest is not None:
        others = f"{ledger.count - len(ledger.paths):,} other paths"
        rows += f"<tr><td>{others}</td><td></td><td>{_safe(_amount(ledger.rest))}</td></tr>"
    head = "<tr><th>path</th><th>local derivatives</th><th>adds</th></tr>"
    return f"<table><caption>{_safe(_headline(ledger))}</caption>{head}{rows}</table>"


def _safe(text: str) -> str:
    return html.escape(one_line(text))
