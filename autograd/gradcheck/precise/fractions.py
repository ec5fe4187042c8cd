"""Exact fractions with a slope and a degree, for formulas that are rational.

A formula that runs on them only adds, multiplies, divides and raises to whole powers, so it is a
quotient of polynomials; the slopes are exact, and the degrees bound how many zeros a difference
of two such can have (Schwartz, 1980; Zippel, 1979).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from autograd.errors import UnsupportedError
from autograd.gradcheck.precise.digits import context

__all__ = ["Rational"]


class Rational:
    """A fraction, its slope by one input, and the degrees of the polynomials it is made of."""

    __slots__ = ("over", "slope", "under", "value")
    exact = True  # no number of mpmath's, and to be left as it is

    def __init__(self, value: Any, slope: Any = 0, over: int = 0, under: int = 0) -> None:
        self.value = Fraction(value)
        self.slope = Fraction(slope)
        self.over = over
        self.under = under

    def __add__(self, other: Any) -> Rational:
        y = _rational(other)
        over = max(self.over + y.under, y.over + self.under)
        return Rational(
            self.value + y.value, self.slope + y.slope, over, self.under + y.under
        )  # fmt: skip

    __radd__ = __add__

    def __neg__(self) -> Rational:
        return Rational(-self.value, -self.slope, self.over, self.under)

    def __pos__(self) -> Rational:
        return self

    def __sub__(self, other: Any) -> Any:
        return self + -_rational(other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Rational:
        y = _rational(other)
        slope = self.slope * y.value + self.value * y.slope
        return Rational(self.value * y.value, slope, self.over + y.over, self.under + y.under)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Rational:
        y = _rational(other)
        value = self.value / y.value
        slope = (self.slope - value * y.slope) / y.value
        return Rational(value, slope, self.over + y.under, self.under + y.over)

    def __rtruediv__(self, other: Any) -> Any:
        return _rational(other) / self

    def __pow__(self, power: Any) -> Rational:
        n = _rational(power)
        if n.value.denominator != 1 or n.slope or n.over or abs(n.value) > 64:
            raise UnsupportedError("a power that is no whole number is not rational")
        found = Rational(1)
        for _ in range(abs(int(n.value))):
            found = found * self
        return found if n.value >= 0 else 1 / found

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        raise UnsupportedError("a formula that compares is rational in pieces only")

    __lt__ = __le__ = __gt__ = __ge__ = __abs__ = __float__ = __eq__
    __hash__ = None  # type: ignore[assignment]

    def conjugate(self) -> Rational:
        return self


def _rational(value: Any) -> Rational:
    if isinstance(value, Rational):
        return value
    if hasattr(value, "_mpf_"):
        sign, man, exp, _ = value._mpf_
        if not context().isfinite(value):
            raise UnsupportedError("an infinity is not rational")
        return Rational(Fraction((-1) ** sign * int(man)) * Fraction(2) ** int(exp))
    if isinstance(value, (int, float, Fraction)):
        return Rational(value)
    raise UnsupportedError(f"{type(value).__name__} is not rational")
