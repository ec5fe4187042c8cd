"""Sizes that follow from those of the inputs: numbers that differ between traces of one call.

A call is traced once as it is given, and once more for each axis that may have any length, with
another length there. What is the same number in all traces is that number; what differs is a Size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from autograd.engine.node import Constant, Node
from autograd.errors import ExportError

__all__ = ["Size", "Varying", "is_whole", "product", "terms_of", "together"]


class Size:
    """A number that was another one in each trace; arithmetic is done in all of them."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[int, ...]) -> None:
        self.values = values

    def __eq__(self, other: object) -> bool:
        return type(other) is Size and other.values == self.values

    def __hash__(self) -> int:
        return hash(self.values)

    def __repr__(self) -> str:
        return f"<{'|'.join(map(str, self.values))}>"

    def _with(self, f: Callable[[int, int], int], other: Any) -> Any:
        others = other.values if type(other) is Size else (other,) * len(self.values)
        return _size([f(a, b) for a, b in zip(self.values, others, strict=True)])

    def __add__(self, other: Any) -> Any:
        return self._with(lambda a, b: a + b, other)

    def __sub__(self, other: Any) -> Any:
        return self._with(lambda a, b: a - b, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(lambda a, b: b - a, other)

    def __mul__(self, other: Any) -> Any:
        return self._with(lambda a, b: a * b, other)

    def __floordiv__(self, other: Any) -> Any:
        return self._with(lambda a, b: a // b, other)

    def __neg__(self) -> Any:
        return self * -1

    def __index__(self) -> int:
        raise ExportError(f"a size that is {self} needs a row that computes it")

    __radd__, __rmul__ = __add__, __mul__


class Varying:
    """An array that was another one in each trace."""

    def __init__(self, arrays: Sequence[Any]) -> None:
        self.arrays = tuple(map(np.asarray, arrays))
        shapes = together([a.shape for a in self.arrays], "the shape of an array")
        self.shape, self.dtype = shapes, self.arrays[0].dtype


def _size(values: Sequence[int]) -> Any:
    return values[0] if len(set(values)) == 1 else Size(tuple(values))


def product(sizes: Sequence[Any]) -> Any:
    """The product of numbers and Sizes."""
    found: Any = 1
    for n in sizes:
        found = found * n
    return found


def together(values: Sequence[Any], what: str) -> Any:
    """One value of those that the traces have, with a Size for each number that differs."""
    first = values[0]
    if len(values) == 1 or all(v is first for v in values):
        return first
    kind = type(first)
    if kind is Node:  # the nodes of the traces stand in the same order, and the first goes on
        return first
    if kind is Constant:
        return together([v.value for v in values], what)
    if any(type(v) is not kind for v in values):
        raise ExportError(f"{what} is another thing at another length: {_shown(values)}")
    if isinstance(first, (tuple, list)):
        if len({len(v) for v in values}) > 1:
            raise ExportError(f"{what} has other parts at another length: {_shown(values)}")
        parts = [together(v, what) for v in zip(*values, strict=True)]
        return parts if kind is list else tuple(parts)
    if kind is dict:
        return {k: together([v[k] for v in values], what) for k in first}
    if kind is slice:
        return slice(*[together([getattr(v, n) for v in values], what) for n in _ENDS])
    if isinstance(first, np.ndarray):
        same = all(v.shape == first.shape and np.array_equal(v, first, equal_nan=_nans(v))
                   for v in values)  # fmt: skip
        return first if same else Varying(values)
    if isinstance(first, (int, np.integer)) and not isinstance(first, bool):
        return _size([int(v) for v in values])
    try:
        same = all(v == first or (v != v and first != first) for v in values)
    except Exception:  # noqa: BLE001 - what cannot be compared might be another thing there
        same = False
    if same or callable(first):
        return first
    if isinstance(first, (float, np.floating)):
        return Varying(values)
    raise ExportError(f"{what} is another thing at another length: {_shown(values)}")


def _ratio(values: Sequence[float], lengths: Sequence[Sequence[int]]) -> Any:
    """n/(n − 1) of the product of all lengths and a whole number, as unbiased variances have it."""
    if len({*values}) < 2 or any(not 1 < v <= 2 for v in values):
        return None
    counts = [round(v / (v - 1)) for v in values]
    if any(c / (c - 1) != v for v, c in zip(values, counts, strict=True)):
        return None
    terms = terms_of(counts, lengths)
    return None if terms is None or terms[0] != "product" else ("unbiased", *terms[1:])


_NONE = -9  # no power that fits
_ENDS = ("start", "stop", "step")


def _nans(v: Any) -> bool:
    return v.dtype.kind in "fc"


def _shown(values: Sequence[Any]) -> str:
    return " and ".join(repr(v)[:60] for v in values)


def terms_of(values: Sequence[float], lengths: Sequence[Sequence[int]]) -> Any:
    """How numbers follow from lengths; None if no law is seen.

    ("product", factor, which are multiplied), ("sum", start, slopes), ("shifted", start, factor of
    the product of all), or ("unbiased", ...), which is n/(n - 1) of such a product.

    `lengths` has those of each trace: the first, those in which one of them is another, and
    perhaps one in which all are, where the law has to hold too.

    >>> terms_of((6, 12), [(3,), (6,)])
    ('product', Fraction(2, 1), (0,))
    >>> terms_of((2, 5), [(3,), (6,)])
    ('sum', Fraction(-1, 1), (Fraction(1, 1),))
    """
    count = 1 + len(lengths[0])
    found = _terms(values[:count], lengths[:count])
    further = zip(values[count:], lengths[count:], strict=True)
    if found and all(_value(found, own) == v for v, own in further):
        return found
    return _shifted(values, lengths)


def is_whole(terms: Any) -> bool:
    """Whether a law gives whole numbers by whole numbers alone."""
    kind, start, rest = terms
    if kind == "unbiased":
        return False
    numbers = (start, *rest) if kind == "sum" else (start, rest) if kind == "shifted" else (start,)
    return all(f.denominator == 1 for f in numbers)


def _shifted(values: Sequence[float], lengths: Sequence[Sequence[int]]) -> Any:
    """A multiple of the product of all lengths, and a number: ("shifted", number, factor)."""
    counts = [math.prod(own) for own in lengths]
    if len(counts) < 3 or counts[1] == counts[0]:
        return None
    factor = Fraction(values[1] - values[0]) / (counts[1] - counts[0])
    start = Fraction(values[0]) - factor * counts[0]
    fits = all(start + factor * n == v for n, v in zip(counts, values, strict=True))
    return ("shifted", start, factor) if fits else None


def _value(terms: Any, lengths: Sequence[int]) -> Any:
    """What a law gives for lengths."""
    kind, start, rest = terms
    if kind == "shifted":
        return start + rest * math.prod(lengths)
    if kind == "sum":
        return start + sum(s * n for s, n in zip(rest, lengths, strict=True))
    whole = start * math.prod(lengths[k] for k in rest)
    return float(whole / (whole - 1)) if kind == "unbiased" else whole


def _terms(values: Sequence[float], lengths: Sequence[Sequence[int]]) -> Any:
    ratio = _ratio(values, lengths)
    if ratio is not None:
        return ratio
    base, first = Fraction(values[0]), lengths[0]
    moved = [(Fraction(v), own[k], first[k]) for k, (v, own) in enumerate(
        zip(values[1:], lengths[1:], strict=True))]  # fmt: skip
    powers: list[int] = []
    for v, new, old in moved:
        fits = [e for e in (0, 1, 2, -1) if v == base * Fraction(new, old) ** e]
        powers.append(fits[0] if fits else _NONE)
    if base and max(powers, default=0) <= 1 and min(powers, default=0) >= 0:
        which = tuple(k for k, e in enumerate(powers) if e)
        return "product", base / math.prod(first[k] for k in which), which
    slopes = tuple((v - base) / (new - old) for v, new, old in moved)
    if sum(map(bool, slopes)) > 1 and _NONE in powers and any(s.denominator > 1 for s in slopes):
        return None
    return "sum", base - sum(s * n for s, n in zip(slopes, first, strict=True)), slopes
