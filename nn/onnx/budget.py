"""What a run of a model may take: a file says what is run, and may be wrong or hostile.

A few bytes can ask for any number of arrays of any size. So what the nodes of a run make is held
against what the run was given, the numbers of the file and of the inputs, before it is made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ShapeError
from autograd.extend import raw

__all__ = [
    "STEP",
    "Budget",
    "bounded",
    "budget",
    "bytes_of",
    "products",
    "sized",
    "spread",
]

_ALIVE = 2**30, 2**9  # bytes at one time: at least, and for each byte that is given
_MADE = 2**30, 2**14  # the same of all that a run makes, which is its time
STEP = 2**14  # what running one node takes, counted as bytes
_WIDEST = 8  # bytes of a number
_FASTER = 32  # terms of a product of matrices that take the time of a number written


class Budget:
    """The bytes that are left: of what is alive at one time, and of all that is made."""

    def __init__(self, given: float) -> None:
        self.alive: float = _ALIVE[0] + _ALIVE[1] * given
        self.left: float = _MADE[0] + _MADE[1] * given

    def ask(self, count: float, said: str) -> None:
        """Refuse what would take more bytes than are left."""
        room = min(self.alive, self.left)
        if count > room:
            sizes = f"{min(count, 2**60) / 2**20:,.0f} MiB, where {room / 2**20:,.0f} are left"
            raise ArgumentError(
                f"{said}: too large beside what it was given{f' ({sizes})' * (count > 1)}; if the "
                "model is known to be good, load(model, trusted=True) takes the bounds away"
            )

    def took(self, count: float, said: str = "") -> None:
        """Count what has been made, or how long something takes."""
        self.left -= count
        if self.left < 0:
            self.left = 0
            self.ask(1, said or "what the nodes make in all")

    def holds(self, values: Iterable[Any]) -> None:
        """Count what stays alive, until `alive` is set back."""
        self.alive -= sum(map(bytes_of, values))


_NOW: ContextVar[Budget] = ContextVar("budget")
_NONE = Budget(float("inf"))


def budget() -> Budget:
    """The budget of the run that goes on."""
    return _NOW.get(_NONE)


@contextlib.contextmanager
def bounded(given: float) -> Iterator[Budget]:
    """A run that was given so many bytes."""
    before = _NOW.set(Budget(given))
    try:
        yield _NOW.get()
    finally:
        _NOW.reset(before)


def bytes_of(value: Any) -> int:
    """The bytes of an array, or of those in a sequence; texts count by their length."""
    if isinstance(value, list):
        return sum(map(bytes_of, value))
    if value is None:
        return 0
    array = raw(value)
    if getattr(array, "dtype", np.dtype(bool)).kind == "O":
        return sum(len(str(text)) for text in array.reshape(-1)) + int(array.nbytes)
    return int(getattr(array, "nbytes", 0))


def sized(shape: Iterable[int], copies: int = 1, width: int = _WIDEST) -> tuple[int, ...]:
    """A shape that a model asks for, if an array of it (or several at once) can be made."""
    shape, count = list(shape), copies
    for length in shape:
        if length < 0:
            raise ShapeError(f"a length of the shape {shape} is negative")
        count *= length
    budget().ask(count * width, f"the model asks for an array of the shape {shape}")
    return tuple(shape)


def products(shape: Iterable[int], terms: int, whole: bool = False) -> None:
    """An array each of whose numbers is a sum of so many products: its size, and its time.

    Those of whole numbers have no library that makes them fast.
    """
    shape = sized(shape)
    time = _WIDEST * float(np.prod(shape, dtype=float)) * terms / (1 if whole else _FASTER)
    said = f"the model asks for an array of the shape {list(shape)}, each of {terms:,} products"
    budget().took(time, said)


def spread(*values: Any) -> None:
    """Refuse arrays whose common shape is too large."""
    arrays = [raw(v) for v in values if hasattr(v, "shape")]
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:  # that they do not fit is told by who takes them
        return
    sized(shape, width=max((a.dtype.itemsize for a in arrays), default=_WIDEST))
