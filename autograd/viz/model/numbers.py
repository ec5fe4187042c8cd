"""Numbers as a picture shows them: few digits, true minus signs, sparklines."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np

__all__ = [
    "amount", "is_finite", "magnitude_step", "measured_once", "norm", "number",
    "remembered", "rms", "shape_text", "shaped", "subscript", "symbol",
]  # fmt: skip

_FEW = 12  # numbers that Python adds up sooner than NumPy
_JOINERS = "\u200c\u200d"
_OF_FORMULAS = frozenset("+−-*/·⊙×÷=<>|^,() ")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_MANY = 1000  # numbers that are not looked through again for each box and line
_measured: ContextVar[dict[tuple[Any, int], tuple[Any, Any]] | None] = ContextVar(
    "measured", default=None
)
T = TypeVar("T")


@contextmanager
def measured_once() -> Iterator[None]:
    """A block in which no array changes: what is measured of a large one is remembered."""
    token = _measured.set({} if _measured.get() is None else _measured.get())
    try:
        yield
    finally:
        _measured.reset(token)


def remembered(measure: Callable[[Any], T]) -> Callable[[Any], T]:
    """A function of an array that is called once for each large one, within `measured_once`."""

    @functools.wraps(measure)
    def of(value: Any) -> T:
        known = _measured.get()
        if known is None or not isinstance(value, np.ndarray) or value.size < _MANY:
            return measure(value)
        key = measure, id(value)
        if key not in known:
            known[key] = value, measure(value)  # with the array, whose id is no other's meanwhile
        found: T = known[key][1]
        return found

    return of


def number(value: Any, digits: int = 4) -> str:
    """A number in `digits` significant digits; 1e-3 ... 1e5 are written out.

    >>> [number(x) for x in (2.0, -0.5, 1 / 3, 5.4e-4, float("nan"), float("-inf"))]
    ['2', '−0.5', '0.3333', '5.4e−4', 'NaN', '−∞']
    """
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    if isinstance(value, complex):
        sign = "−" if value.imag < 0 else "+"
        return f"{number(value.real, digits)} {sign} {number(abs(value.imag), digits)}i"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) or value is None:
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    rounded = value if value == int(value) else float(f"{value:.{digits - 1}e}")
    if 1e-3 <= abs(rounded) < 1e5:
        text = np.format_float_positional(rounded, trim="-")
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


@remembered
def rms(value: Any) -> float:
    """The root of the mean square, in double precision; 0 of nothing."""
    array = np.asarray(value)
    if not array.size:
        return 0.0
    if array.dtype.kind == "f":
        if array.size <= _FEW:
            mean = sum([v * v for v in array.ravel().tolist()]) / array.size
        else:
            mean = _squares(array) / array.size
        if 1e-200 < mean < 1e200:  # nothing under- or overflowed
            return math.sqrt(mean)
    if array.dtype.kind != "c":
        array = array.astype(np.float64)  # the least integer has no opposite
    size = np.abs(array).astype(np.float64, copy=False)
    top = float(size.max())
    if not math.isfinite(top) or top == 0:
        return top
    return top * math.sqrt(float(np.mean(np.square(size / top))))


def norm(value: Any) -> float:
    """The length of an array as a vector; a complex number counts by its size."""
    return rms(value) * math.sqrt(np.size(value))


def _squares(array: Any) -> float:
    """The sum of the squares of floats, in double precision; no threads are started for it."""
    flat = array.astype(np.float64).ravel()
    if array.itemsize < 8:  # whose squares no double precision is too small for
        return float(np.einsum("i,i->", flat, flat))
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.einsum("i,i->", flat, flat))


def rms_text(value: Any, digits: int, sign: str = "") -> str:
    """The root of the mean square as it is shown; nothing has none.

    >>> rms_text([3.0, -4.0], 2, "±"), rms_text([], 2, "±")
    ('±3.5', 'empty')
    """
    return sign + number(rms(value), digits) if np.size(value) else "empty"


@remembered
def is_finite(value: Any) -> bool:
    """Whether there is no NaN and no infinity in it."""
    array = np.asarray(value)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def magnitude_step(value: Any) -> int:
    """The decade of the rms on the fixed ramp 1e-8 ... 1e1, as a number from 0 to 9.

    >>> magnitude_step(0.27), magnitude_step(0.0), magnitude_step(1e6)
    (7, 0, 9)
    """
    size = rms(value)
    if math.isnan(size):
        return 9
    if size <= 1e-8:
        return 0
    return min(9, max(0, math.floor(math.log10(size) + 1e-9) + 8)) if size < 10 else 9


def shape_text(shape: tuple[int, ...]) -> str:
    """`32×16`, or `scalar`."""
    return "×".join(map(str, shape)) or "scalar"


def shaped(shape: tuple[int, ...]) -> str:
    """What an array of a shape is called, so that no length reads as its value.

    >>> shaped(()), shaped((3,)), shaped((3, 2)), shaped((4, 3, 2))
    ('number', 'vector of 3', 'matrix 3×2', 'tensor 4×3×2')
    """
    kinds = ("number", "vector of", "matrix")
    kind = kinds[len(shape)] if len(shape) < len(kinds) else "tensor"
    return f"{kind} {shape_text(shape)}" if shape else kind


def amount(value: Any) -> str:
    """A number as it is; of an array what it is, and the root of its mean square.

    >>> amount(-2.0), amount([3.0, 4.0])
    ('−2', 'vector of 2, rms 3.54')
    """
    if np.size(value) == 1:
        return number(np.asarray(value).reshape(-1)[0])
    size = rms_text(value, 3)
    return f"{shaped(np.shape(value))}, " + (f"rms {size}" if np.size(value) else size)


def subscript(n: int) -> str:
    """`₁₂` for 12."""
    return str(n).translate(_SUBSCRIPTS)


def symbol(name: str) -> str:
    """A name in a formula: in parentheses where it looks like one, quoted like a number.

    >>> symbol("w"), symbol("a+b"), symbol("2")
    ('w', '(a+b)', '“2”')
    """
    name = one_line(name)
    if name.isdecimal():
        return f"“{name}”"
    return name if _OF_FORMULAS.isdisjoint(name) else f"({name})"


def one_line(text: str) -> str:
    """Line breaks as blanks; what cannot be printed, and XML could not hold, as �.

    What joins letters stays, as in a family of emoji; what turns the direction of a line does not.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in _JOINERS else " " if c in "\n\t" else "�" for c in text
    )


def clip(text: str, most: int) -> str:
    """At most so many characters, the last an ellipsis where some are missing."""
    return text if len(text) <= most else text[: most - 1] + "…"
