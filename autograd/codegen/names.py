"""What NumPy's ufuncs are in primitives and functions, on nodes of the dtypes that NumPy chose.

A name that is not here has no loop, and a formula that calls it is refused by that name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.codegen.functions.parts import bits_of, copysign, maximum, minimum, sign_bit
from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.node import BOOL, HALF, Node, constant, library, make, number_of, select
from autograd.errors import UnsupportedError

__all__ = ["UFUNCS"]

_BYTE = np.dtype(np.uint8)


def _is_floating(x: Node) -> bool:
    return x.dtype.kind == "f"


def _primitive(name: str, of_bool: str = "") -> Callable[..., Node]:
    """A primitive; on booleans another, as NumPy's sum of booleans is their `or`."""

    def apply(*args: Node) -> Node:
        return make(of_bool if of_bool and args[0].dtype == BOOL else name, *args)

    return apply


def _comparison(name: str, swapped: bool = False) -> Callable[[Node, Node], Node]:
    def compare(x: Node, y: Node) -> Node:
        if x.dtype == BOOL:
            x, y = x.astype(_BYTE), y.astype(_BYTE)
        return make(name, y, x) if swapped else make(name, x, y)

    return compare


def _truth(x: Node) -> Node:
    return x if x.dtype == BOOL else x.differs(0)


def _logical(name: str) -> Callable[..., Node]:
    return lambda *args: make(name, *map(_truth, args))


def _first_of(better: Callable[[Node, Node], Node]) -> Callable[[Node, Node], Node]:
    """fmax and fmin: the other operand where one is NaN."""

    def choose(x: Node, y: Node) -> Node:
        if x.dtype == BOOL or not _is_floating(x):
            return better(x, y)
        return select(x.equals(x), select(y.equals(y), better(x, y), x), y)

    return choose


def _rounding(name: str) -> Callable[[Node], Node]:
    return lambda x: make(name, x) if _is_floating(x) else x


def _absolute(x: Node) -> Node:
    return x if x.dtype == BOOL else abs(x)


def _sign(x: Node) -> Node:
    zero = constant(0, x.dtype)
    found = select(x > 0, constant(1, x.dtype), zero)
    if x.dtype.kind == "u":
        return found
    found = select(x < 0, constant(-1, x.dtype), found)
    return select(x.equals(x), found, x) if _is_floating(x) else found


def _reciprocal(x: Node) -> Node:
    return 1.0 / x if _is_floating(x) else make("divide_whole", 1, x)


def _power(x: Node, y: Node) -> Node:
    if y.op != "constant":
        return make("power", x, y) if _is_floating(x) else make("power", _refused(x), y)
    exponent = number_of(y)
    products: dict[float, Callable[[], Node]] = {
        0: lambda: constant(1, x.dtype), 1: lambda: x, 2: lambda: x * x, 3: lambda: x * x * x,
        4: lambda: (x * x) * (x * x),
    }  # fmt: skip
    if exponent in products:
        return products[exponent]()
    if not _is_floating(x):
        return _refused(x)
    if exponent in (-1, -2):
        return 1.0 / x if exponent == -1 else 1.0 / (x * x)
    return make("sqrt", x) if exponent == 0.5 else make("power", x, y)


def _refused(x: Node) -> Node:
    raise UnsupportedError(
        f"power: a loop raises {x.dtype} to the powers 0 to 4 alone; "
        "convert to floats, or compute it outside the loop"
    )


def _floor_divide(x: Node, y: Node) -> Node:
    if not _is_floating(x):
        found = make("divide_whole", x, y)
        if x.dtype.kind == "u":
            return found
        rest = x - found * y
        crosses = rest.differs(0) & (rest ^ y < 0) & y.differs(0)
        return select(crosses, found - 1, found)
    rest = make("fmod", x, y)
    quotient = (x - rest) / y
    quotient = select(rest.differs(0) & ((y < 0) ^ (rest < 0)), quotient - 1.0, quotient)
    whole = make("floor", quotient)
    whole = select(quotient - whole > 0.5, whole + 1.0, whole)
    whole = select(quotient.differs(0), whole, copysign(constant(0, x.dtype), x / y))
    return select(y.differs(0) & (abs(x) < math.inf) & (abs(y) < math.inf), whole, x / y)


def _remainder(x: Node, y: Node) -> Node:
    if not _is_floating(x):
        rest = _rest(x, y)
        if x.dtype.kind == "u":
            return rest
        return select(rest.differs(0) & (rest ^ y < 0), rest + y, rest)
    rest = make("fmod", x, y)
    signed = select((y < 0) ^ (rest < 0), rest + y, rest)
    signed = select(rest.differs(0), signed, copysign(constant(0, x.dtype), y))
    return select(y.differs(0), signed, rest)


def _rest(x: Node, y: Node) -> Node:
    """What is left of x divided by y, with the sign of x; 0 by 0."""
    found = x - make("divide_whole", x, y) * y
    return select(y.equals(0), constant(0, x.dtype), found)


def _fmod(x: Node, y: Node) -> Node:
    return make("fmod", x, y) if _is_floating(x) else _rest(x, y)


def _heaviside(x: Node, h: Node) -> Node:
    step = select(x < 0, constant(0, x.dtype), constant(1, x.dtype))
    return select(x.equals(0), h, select(x.equals(x), step, x))


def _logaddexp(exp: str, log_of: Callable[[Node], Node], same: float) -> Callable[..., Node]:
    def add(x: Node, y: Node) -> Node:
        apart = x - y
        found = maximum(x, y) + log_of(make(exp, -abs(apart)))
        return select(x.equals(y), x + same, found)

    return add


def _log1p_2(x: Node) -> Node:
    return make("log1p", x) * (1 / math.log(2))


def _signbit(x: Node) -> Node:
    return sign_bit(x) if _is_floating(x) else x < 0


def _ldexp(x: Node, n: Node) -> Node:
    if n.dtype.itemsize > 4:
        n = minimum(maximum(n, -10_000), 10_000)
    return library("ldexp", x, n.astype(np.int32))


def _frexp(x: Node) -> tuple[Node, Node]:
    info = np.finfo(x.dtype)
    lift = info.nmant + 2
    tiny = abs(x) < float(info.smallest_normal)
    bits = bits_of(select(tiny, x * 2.0**lift, x))
    ones = (1 << info.nexp) - 1
    exponent = ((bits >> info.nmant) & ones) - (info.maxexp - 2)
    exponent = select(tiny, exponent - lift, exponent)
    fraction = (bits & ~(ones << info.nmant)) | ((info.maxexp - 2) << info.nmant)
    odd = x.equals(0) | ~(abs(x) < math.inf)
    found = select(odd, x, fraction.view(x.dtype))
    return found, select(odd, constant(0, exponent.dtype), exponent).astype(np.int32)


def _modf(x: Node) -> tuple[Node, Node]:
    whole = make("trunc", x)
    rest = select(abs(x).equals(math.inf), constant(0, x.dtype), x - whole)
    return copysign(rest, x), whole


def _nextafter(x: Node, y: Node) -> Node:
    if x.dtype == HALF:
        raise UnsupportedError("nextafter: a loop has no neighbours of numbers in half precision")
    return make("nextafter", x, y)


def _spacing(x: Node) -> Node:
    away = copysign(constant(math.inf, x.dtype), x)
    return _nextafter(x, away) - x


def _function(name: str) -> Callable[..., Node]:
    return partial(make, name)


UFUNCS: dict[str, Callable[..., Any]] = {
    **{name: _function(name) for name in FUNCTIONS if hasattr(np, name)},
    **{name: _primitive(name) for name in ("subtract", "divide", "negative", "sqrt", "copysign")},
    "add": _primitive("add", "or"), "multiply": _primitive("multiply", "and"),
    "maximum": _primitive("maximum", "or"), "minimum": _primitive("minimum", "and"),
    "fmax": _first_of(_primitive("maximum", "or")), "fmin": _first_of(_primitive("minimum", "and")),
    **{name: _rounding(name) for name in ("floor", "ceil", "trunc", "rint")},
    "absolute": _absolute, "fabs": abs, "positive": lambda x: x, "conjugate": lambda x: x,
    "sign": _sign, "square": lambda x: make("and" if x.dtype == BOOL else "multiply", x, x),
    "reciprocal": _reciprocal, "power": _power, "float_power": _power,
    "floor_divide": _floor_divide, "remainder": _remainder, "fmod": _fmod,
    "divmod": lambda x, y: (_floor_divide(x, y), _remainder(x, y)),
    "heaviside": _heaviside,
    "logaddexp": _logaddexp("exp", _function("log1p"), math.log(2)),
    "logaddexp2": _logaddexp("exp2", _log1p_2, 1.0),
    "deg2rad": lambda x: x * (math.pi / 180), "radians": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi), "degrees": lambda x: x * (180 / math.pi),
    "less": _comparison("less"), "less_equal": _comparison("less_equal"),
    "greater": _comparison("less", True), "greater_equal": _comparison("less_equal", True),
    "equal": _comparison("equal"), "not_equal": _comparison("not_equal"),
    "logical_and": _logical("and"), "logical_or": _logical("or"), "logical_xor": _logical("xor"),
    "logical_not": _logical("not"),
    "isnan": lambda x: x.differs(x) if _is_floating(x) else constant(False, BOOL),
    "isinf": lambda x: abs(x).equals(math.inf) if _is_floating(x) else constant(False, BOOL),
    "isfinite": lambda x: abs(x) < math.inf if _is_floating(x) else constant(True, BOOL),
    "signbit": _signbit, "nextafter": _nextafter,
    "spacing": _spacing, "ldexp": _ldexp, "frexp": _frexp, "modf": _modf,
    "bitwise_and": _primitive("and"), "bitwise_or": _primitive("or"),
    "bitwise_xor": _primitive("xor"), "invert": _primitive("not"),
    "left_shift": _primitive("left_shift"), "right_shift": _primitive("right_shift"),
    "bitwise_count": lambda x: make("popcount", abs(x)).astype(_BYTE),
}  # fmt: skip
