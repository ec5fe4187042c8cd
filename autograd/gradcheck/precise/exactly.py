"""Rational formulas: the rule against the exact derivative, in fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.errors import AutogradError
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.precise.calls import Call
from autograd.gradcheck.precise.fractions import Rational
from autograd.gradcheck.precise.tape import Tape
from autograd.gradcheck.precise.value import Precise

__all__ = ["exactly"]

_VALUES = 2**32  # among which every coordinate of a point is drawn
_FAULTS = (AutogradError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError)

Found = list[tuple[str, int, float]]


def exactly(call: Call, rng: np.random.Generator) -> Found:
    """For each input its name, a degree and a bound; nothing if the identity is no such one."""
    if not call.each:
        return []
    points = [_point(x, rng) if i in call.positions else x for i, x in enumerate(call.inputs)]
    found: Found = []
    try:
        recording = Function(
            call.run, call.inputs, call.positions, [call.names[p] for p in call.positions]
        ).record()
        rules = Tape(recording, [_values(points[p]) for p in call.positions]).vjp(
            np.ones(call.width)
        )
        for number, position in enumerate(call.positions):
            given = [
                _values(x, moves=i == position) if i in call.positions else x
                for i, x in enumerate(points)
            ]
            formula = call.op.record(*given, **call.statics).numbers.ravel()
            block = rules[number * call.width : (number + 1) * call.width]
            one = _compared(call.names[position], formula, block)
            if one is None:
                return []
            found.append(one)
    except _FAULTS:
        return []
    return found


def _point(x: Array, rng: np.random.Generator) -> list[Fraction]:
    """Fractions in the place of points: each one of 2³² values around what it was."""
    steps = rng.integers(1, _VALUES, x.size)
    return [
        Fraction(float(v)) * (1 + Fraction(int(k), _VALUES) / 64)
        for v, k in zip(x, steps, strict=True)
    ]


def _values(point: list[Fraction], moves: bool = False) -> Precise:
    numbers = np.empty(len(point), object)
    numbers[:] = [Rational(v, int(moves), 1) for v in point]
    return Precise(numbers)


def _compared(name: str, formula: Array, rules: Array) -> tuple[str, int, float] | None:
    """Both at all points; the degree is that of their difference, times both denominators."""
    degree = 1
    for y, p in zip(map(_plain, formula), map(_plain, rules), strict=True):
        if p.value != y.slope:  # differences say whether it is a constant that was rounded
            return None
        degree = max(degree, p.over + 2 * y.under, y.over + y.under + p.under)
    return name, degree, (degree / _VALUES) ** len(rules)


def _plain(number: Any) -> Rational:
    return number if isinstance(number, Rational) else Rational(0) + number
