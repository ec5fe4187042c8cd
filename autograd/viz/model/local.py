"""The derivative of a number by a number, as every artefact shows it: one source for all.

The gradient of a real loss by z = x + iy is ∂L/∂x + i ∂L/∂y. An op w = f(z) makes it out of its
own one, G, as G × (the conjugate of ∂w/∂z) + (the conjugate of G) × ∂w/∂z̄; the second term is
there where f is not holomorphic. Where w is real, ∂w/∂z is ∂w/∂x − i ∂w/∂y, and that is all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.row import Op
from autograd.graph.formula import Symbol, local_derivative
from autograd.viz.model.numbers import number

__all__ = ["Local", "bar", "factor", "is_same", "locals_of", "terms"]

_TOLERANCE = 64  # roundings of a product, up to which what is shown counts as true
_NOTHING = 1e-6  # of the other derivative: it is 0 but for rounding


@dataclass(frozen=True, slots=True)
class Local:
    """∂out/∂in of an op on numbers."""

    rule: Symbol  # in the op's own names
    value: Any  # ∂out/∂in
    barred: Any = None  # ∂out/∂(in̄), where that is not 0
    is_real: bool = False  # a real input of a complex output: the real part is taken

    def product(self, upstream: str) -> str:
        """`(−6) × 3`, for an upstream gradient that is written as a factor."""
        conjugated = np.iscomplexobj(self.value)
        own = factor(self.value)
        text = f"{upstream} × {bar(own) if conjugated else own}"
        if self.barred is not None:
            other = f"{bar(upstream)} × {factor(self.barred)}"
            text = other if not np.any(self.value) else f"{text} + {other}"
        return f"Re({text})" if self.is_real else text

    def times(self, upstream: Any) -> Any:
        """The number that `product` stands for."""
        result = upstream * np.conj(self.value)
        if self.barred is not None:
            result = np.conj(upstream) * self.barred + (result if np.any(self.value) else 0)
        return np.real(result) if self.is_real else result

    def holds(self, upstream: Any, contribution: Any) -> bool:
        """Whether the product is what the rule gave, and not 0 × ∞ where the rule stops at 0."""
        with np.errstate(all="ignore"):
            return is_same(self.times(upstream), contribution, upstream * np.abs(self.value))


def is_same(found: Any, wanted: Any, scale: Any = 0.0) -> bool:
    """Whether two numbers are the same but for rounding; NaN is the same as NaN.

    What cancels is as exact as its terms, whose size is `scale`.
    """
    kind = np.result_type(np.asarray(wanted), np.float16)
    slack = _TOLERANCE * float(np.finfo(kind).eps)
    if np.isclose(found, wanted, rtol=slack, atol=0, equal_nan=True):
        return True
    return bool(np.abs(found - wanted) <= slack * max(np.abs(wanted), np.abs(scale)))


def locals_of(
    op: Op, inputs: tuple[Any, ...], params: Mapping[str, Any], out: Any
) -> dict[str, Local]:
    """The local derivatives of an op on numbers, by the name of the input."""
    found = local_derivative(op, inputs, params, out)
    first = op.inputs[0]
    names = [f"{first}[{i}]" for i in range(len(inputs))] if op.variadic else op.inputs
    values = dict(zip(names, inputs, strict=False))
    if np.iscomplexobj(out):
        turned = local_derivative(op, inputs, params, out, g=1j)
        return {n: _wirtinger(rule, turned[n].value, values[n]) for n, rule in found.items()}
    return {
        n: Local(rule, rule.value if np.iscomplexobj(values[n]) else np.real(rule.value))
        for n, rule in found.items()
    }


def _wirtinger(rule: Symbol, turned: Any, value: Any) -> Local:
    """What a rule gives for the cotangents 1 and i tells both derivatives of a complex output."""
    holomorphic = (rule.value - 1j * turned) / 2
    conjugated = (rule.value + 1j * turned) / 2
    size = max(abs(holomorphic), abs(conjugated))
    if not np.iscomplexobj(value):
        return Local(rule, holomorphic + np.conj(conjugated), None, is_real=True)
    if not abs(conjugated) > _NOTHING * size:
        return Local(rule, rule.value)
    if abs(holomorphic) <= _NOTHING * size:
        holomorphic = np.zeros_like(holomorphic)
    return Local(rule, holomorphic, np.conj(conjugated))


# ---- numbers as factors and terms ----------------------------------------------------------------


def factor(value: Any) -> str:
    """A number in a product: negative and complex ones in parentheses, a truth value as 0 or 1.

    >>> factor(3.0), factor(-6.0), factor(1 - 2j), factor(True)
    ('3', '(−6)', '(1 − 2i)', '1')
    """
    is_truth = np.asarray(value).dtype.kind == "b"
    text = number(int(value) if is_truth else value)
    return f"({text})" if text.startswith("−") or " " in text else text


def bar(text: str) -> str:
    """The conjugate of a text: a bar over all of it, within its parentheses."""
    inner = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
    barred = "".join(f"{char}\u0305" for char in inner)
    return f"({barred})" if inner != text else barred


def terms(values: Sequence[Any]) -> str:
    """Numbers that are added: `4 + 1 − 2`; complex ones in parentheses.

    >>> terms([4.0, 1.0, -2.0])
    '4 + 1 − 2'
    """
    texts = [f"({text})" if " " in text else text for text in map(number, values)]
    return " + ".join(texts).replace("+ −", "− ")
