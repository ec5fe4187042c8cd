"""mpmath's numbers: a context of our own, how other numbers become such, and constants.

A double is taken for exactly the number that it is. Only where `named_constants` is set are those
that stand for π, log 2, √2 and the like taken for what they stand for: a rule in double precision
cannot write them otherwise.
"""

from __future__ import annotations

import functools
import importlib
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.errors import MissingPackageError, UnsupportedError

__all__ = [
    "Budget", "TimeIsUp", "bits", "context", "digits", "is_complex", "is_installed", "lifted",
    "named_constants", "spending",
]  # fmt: skip

_LONGEST = 60.0  # seconds for one evaluation

named_constants: ContextVar[bool] = ContextVar("named_constants", default=False)


class TimeIsUp(UnsupportedError):
    """The budget of time is spent."""


class Budget:
    """Some seconds of computing, from now on; None is all that it takes, but for endless loops.

    A verdict must not hang on what else the machine does: the clock is the thread's own.
    """

    def __init__(self, seconds: float | None) -> None:
        self.since = time.thread_time()
        self.end = None if seconds is None else self.since + seconds

    def spend(self) -> None:
        """Begin another evaluation: raise when there is nothing left for it."""
        self.since = time.thread_time()
        self.go_on()

    def go_on(self) -> None:
        """Raise when there is nothing left, in the middle of an evaluation."""
        now = time.thread_time()
        if self.end is not None and now > self.end:
            raise TimeIsUp("it takes too long")
        if now > self.since + _LONGEST:
            raise TimeIsUp(f"one evaluation took over {_LONGEST:.0f} s: does a loop of f end?")


spending: ContextVar[Budget | None] = ContextVar("spending", default=None)


@functools.cache
def context() -> Any:
    """A context of our own: mpmath's global precision is its user's."""
    try:
        return importlib.import_module("mpmath").MPContext()
    except ImportError:
        raise MissingPackageError(
            "numbers of any precision are mpmath's:  pip install 'chaingrad[precise]'"
        ) from None


def is_installed() -> bool:
    """Whether there is an mpmath."""
    try:
        context()
    except MissingPackageError:
        return False
    return True


@contextmanager
def digits(count: int) -> Iterator[None]:
    """Compute with so many decimal digits."""
    with context().workdps(count):
        yield


@contextmanager
def bits(count: int) -> Iterator[None]:
    """Compute with so many bits: 53 are double precision."""
    with context().workprec(count):
        yield


def is_complex(number: Any) -> bool:
    """Whether it is one of mpmath's complex numbers."""
    return hasattr(number, "_mpc_")


def lifted(values: Any) -> Array:
    """An array of mpmath's numbers, from one of any numbers; each is exactly what it was."""
    array = np.asarray(values)
    if array.dtype == object:
        return array
    found = np.empty(array.shape, object)
    found.ravel()[:] = [_number(v) for v in array.ravel().tolist()]
    return found


def _number(value: Any) -> Any:
    make = context()
    if isinstance(value, complex):
        return make.mpc(_number(value.real), _number(value.imag))
    if isinstance(value, float) and named_constants.get():
        name = _constants().get(abs(value))
        if name is not None:
            known = _value_of(name, make.prec)
            return known if value > 0 else -known
    return make.mpf(value)


_FACTORS = (1, 2, 0.5, 4, 0.25)


@functools.cache
def _constants() -> dict[float, tuple[str, float]]:
    """Doubles that stand for constants, and for which."""
    found = {}
    with digits(30):
        for factor in reversed(_FACTORS):
            for name in _FORMULAS:
                near = float(_FORMULAS[name](context()) * factor)
                for value in (near, math.nextafter(near, 0), math.nextafter(near, math.inf)):
                    found[value] = (name, factor)  # a product of doubles may round again
    return found


@functools.lru_cache(maxsize=512)
def _value_of(name: tuple[str, float], precision: int) -> Any:
    return _FORMULAS[name[0]](context()) * context().mpf(name[1])


_FORMULAS: dict[str, Any] = {
    "π": lambda c: +c.pi,
    "1/π": lambda c: 1 / c.pi,
    "√π": lambda c: c.sqrt(c.pi),
    "1/√π": lambda c: 1 / c.sqrt(c.pi),
    "√(2π)": lambda c: c.sqrt(2 * c.pi),
    "1/√(2π)": lambda c: 1 / c.sqrt(2 * c.pi),
    "√(2/π)": lambda c: c.sqrt(2 / c.pi),
    "√2": lambda c: c.sqrt(2),
    "π²": lambda c: c.pi**2,
    "π/180": lambda c: c.pi / 180,
    "180/π": lambda c: 180 / c.pi,
    "log 2": lambda c: c.log(2),
    "1/log 2": lambda c: 1 / c.log(2),
    "log 10": lambda c: c.log(10),
    "1/log 10": lambda c: 1 / c.log(10),
    "log π": lambda c: c.log(c.pi),
    "log 2π": lambda c: c.log(2 * c.pi),
    "e": lambda c: +c.e,
    "1/3": lambda c: c.mpf(1) / 3,
    "2/3": lambda c: c.mpf(2) / 3,
    "1/6": lambda c: c.mpf(1) / 6,
}
