"""NumPy's ufuncs, and functions of our own ops, on one number each: mpmath's.

Where NumPy gives NaN or an infinity for a real number, so do these: no real function turns complex,
and none raises.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from autograd.gradcheck.precise import special
from autograd.gradcheck.precise.digits import context, is_complex

__all__ = ["PREDICATES", "SCALARS", "named"]


def _sided(x: Any) -> Any:
    """What a sum of one sign is: x, which is not NaN."""
    return context().sign(x)


def _divide(x: Any, y: Any) -> Any:
    if y:
        return x / y
    if not x or x != x or y != y:
        return context().nan
    return context().nan if is_complex(x) else context().inf * _sided(x)


def _cbrt(x: Any) -> Any:
    return _sided(x) * context().cbrt(abs(x))


def _power(x: Any, y: Any) -> Any:
    if not y:
        return context().one
    if not x and not is_complex(x) and not is_complex(y):
        return context().zero if y > 0 else context().inf
    return x**y


def _floor_divide(x: Any, y: Any) -> Any:
    return context().floor(x / y) if y else context().nan


def _fmod(x: Any, y: Any) -> Any:
    found = abs(x) - abs(y) * context().floor(abs(x) / abs(y))
    return found if x >= 0 else -found


def _truncated(x: Any) -> Any:
    c = context()
    return c.floor(x) if x >= 0 else c.ceil(x)


def _larger(x: Any, y: Any) -> Any:
    return x if x >= y or x != x else y


def _smaller(x: Any, y: Any) -> Any:
    return x if x <= y or x != x else y


def _sign(x: Any) -> Any:
    return x if x != x else context().sign(x)


def _softplus(x: Any) -> Any:
    c = context()
    return c.log1p(c.exp(-abs(x))) + (x if x > 0 else c.zero)


def _ndtr(x: Any) -> Any:
    c = context()
    return c.erfc(-x / c.sqrt(2)) / 2


def _logaddexp(x: Any, y: Any) -> Any:
    c = context()
    if x == y and c.isinf(x):
        return x
    return _larger(x, y) + c.log1p(c.exp(-abs(x - y)))


def _logaddexp2(x: Any, y: Any) -> Any:
    c = context()
    return _logaddexp(x * c.log(2), y * c.log(2)) / c.log(2)


def _log1p(x: Any) -> Any:
    c = context()
    return -c.inf if x == -1 else c.log1p(x)


def _atanh(x: Any) -> Any:
    c = context()
    return c.inf * x if not is_complex(x) and abs(x) == 1 else c.atanh(x)


def _erfcinv(rest: Any) -> Any:
    """y >= 0 with erfc(y) = rest <= 1: Newton's steps, from a y that is too small."""
    c = context()
    with c.workprec(c.prec + 32):
        far = c.sqrt(-c.log(rest))
        bound = rest * c.sqrt(c.pi) * (far + 1)  # erfc(y) is more than exp(-y²) / (√π (y + 1))
        y = c.sqrt(-c.log(bound)) if bound < 1 else c.zero
        for _ in range(200):
            step = (c.erfc(y) - rest) * c.sqrt(c.pi) / 2 * c.exp(y * y)
            step = step / (1 - y * step) if abs(y * step) < 0.5 else step  # Halley's
            y += step
            if abs(step) <= abs(y) * c.mpf(2) ** (16 - c.prec):
                break
    return +y


def _erfinv(x: Any) -> Any:
    c = context()
    if not -1 < x < 1:
        return c.inf * x if abs(x) == 1 else c.nan
    with c.workprec(2 * c.prec):
        rest = 1 - abs(x)
    if abs(x) < 0.1:  # where erfc is 1 to all digits but a few
        with c.workprec(c.prec + 8 - min(0, c.mag(x) if x else 0)):
            y = _sided(x) * _erfcinv(1 - abs(x))
        return +y
    return _sided(x) * _erfcinv(rest)


def _ndtri(p: Any) -> Any:
    c = context()
    if not 0 < p < 1:
        return c.inf * (2 * p - 1) if p in (0, 1) else c.nan
    if p > 0.25:
        with c.workprec(2 * c.prec):
            x = 2 * p - 1
        return c.sqrt(2) * _erfinv(x)
    return -c.sqrt(2) * _erfcinv(2 * p)


def _named(name: str) -> Callable[..., Any]:
    """A function of mpmath's by its name."""
    return lambda *xs: getattr(context(), name)(*xs)


def _heaviside(x: Any, y: Any) -> Any:
    return y if x == 0 else context().mpf(1 if x > 0 else 0) if x == x else x


SCALARS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "negative": operator.neg,
    "positive": operator.pos,
    "divide": _divide,
    "power": _power,
    "float_power": _power,
    "floor_divide": _floor_divide,
    "remainder": lambda x, y: x - y * _floor_divide(x, y),
    "fmod": _fmod,
    "absolute": abs,
    "fabs": abs,
    "square": lambda x: x * x,
    "reciprocal": lambda x: _divide(context().one, x),
    "exp2": lambda x: context().mpf(2) ** x,
    "log2": lambda x: context().log(x) / context().log(2),
    "log10": lambda x: context().log(x) / context().log(10),
    "log1p": _log1p,
    "cbrt": _cbrt,
    "arcsin": _named("asin"),
    "arccos": _named("acos"),
    "arctan": _named("atan"),
    "arcsinh": _named("asinh"),
    "arccosh": _named("acosh"),
    "arctanh": _atanh,
    "arctan2": _named("atan2"),
    "hypot": _named("hypot"),
    "deg2rad": _named("radians"),
    "radians": _named("radians"),
    "rad2deg": _named("degrees"),
    "degrees": _named("degrees"),
    "logaddexp": _logaddexp,
    "logaddexp2": _logaddexp2,
    "maximum": _larger,
    "minimum": _smaller,
    "fmax": lambda x, y: _larger(x, y) if x == x and y == y else y if x != x else x,
    "fmin": lambda x, y: _smaller(x, y) if x == x and y == y else y if x != x else x,
    "sign": _sign,
    "rint": _named("nint"),
    "trunc": _truncated,
    "copysign": lambda x, y: -abs(x) if y < 0 else abs(x),
    "heaviside": _heaviside,
    "conjugate": lambda x: x.conjugate(),
    "ldexp": lambda x, y: x * context().mpf(2) ** y,
    "real": lambda x: x.real,
    "imag": lambda x: x.imag,
    # our own ops
    "sigmoid": lambda x: 1 / (1 + context().exp(-x)),
    "softplus": _softplus,
    "gaussian": lambda x: context().exp(-x * x),
    "ndtr": _ndtr,
    "erfinv": _erfinv,
    "ndtri": _ndtri,
    "gammaln": lambda x: context().re(context().loggamma(x)),
    "sinc": _named("sincpi"),
    "bessel": _named("besseli"),
    "polygamma": _named("psi"),
}
SCALARS |= special.SCALARS
SCALARS |= {
    name: _named(name)
    for name in (
        "exp", "expm1", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor",
        "ceil", "erf", "erfc", "digamma",
    )
}  # fmt: skip


def _signbit(x: Any) -> bool:
    return bool(x < 0)


PREDICATES: dict[str, Callable[..., bool]] = {
    "isnan": lambda x: x != x,
    "isinf": lambda x: context().isinf(x),
    "isfinite": lambda x: context().isfinite(x),
    "signbit": _signbit,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "logical_not": lambda x: not x,
    "logical_and": lambda x, y: bool(x) and bool(y),
    "logical_or": lambda x, y: bool(x) or bool(y),
    "logical_xor": lambda x, y: bool(x) != bool(y),
}


@functools.cache
def named(name: str) -> Callable[..., Any]:
    """A scalar function that gives NaN where it is not defined."""
    function = SCALARS[name]

    def run(*xs: Any) -> Any:
        try:
            y = function(*xs)
        except (ZeroDivisionError, ValueError, OverflowError):
            return context().nan
        if is_complex(y) and not any(map(is_complex, xs)):
            return context().nan if y.imag else y.real
        return y

    return run
