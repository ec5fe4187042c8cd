"""Numbers that follow from lengths: of the inputs, or of what was made before, as nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import ExportError
from autograd.onnx.sizes import Size, is_whole, terms_of
from autograd.onnx.values import Value

__all__ = ["Lengths"]


class Lengths:
    """The part of a Builder that computes the lengths of axes at each run."""

    if TYPE_CHECKING:
        lengths: Sequence[Sequence[int]]
        inputs: list[Value]
        places: list[tuple[int, int]]
        op: Any
        constant: Any
        reshape: Any
        _whole: Any

    def __init__(self) -> None:
        self._lengths: dict[Any, Value] = {}
        self._axes: dict[Size, tuple[Value, int]] = {}  # where a length can be read

    def note(self, value: Value) -> Value:
        """Remember which lengths a value has, so that they can be read of it."""
        for axis, n in enumerate(value.shape):
            if type(n) is Size:
                self._axes.setdefault(n, (value, axis))
        return value

    def shape_of(self, shape: Sequence[Any]) -> Value:
        """A shape as a value: constant where it can be."""
        if not any(type(n) is Size for n in shape):
            return self.constant(np.array(shape, np.int64))
        parts = [self._one(n) for n in shape]
        if len(parts) == 1:
            return parts[0]
        return self.op("Concat", *parts, shape=(len(parts),), dtype=np.int64, axis=0)

    def _one(self, n: Any) -> Value:
        """A number as an array of one."""
        if type(n) is not Size:
            return self.constant(np.array([n], np.int64))
        return self.reshape(self.number(n), (1,))

    def number(self, n: Any) -> Value:
        """A number that follows from lengths, as a scalar."""
        if type(n) is not Size:
            return self.constant(np.array(n, np.int64))
        if n not in self._lengths:
            self._lengths[n] = self._computed(n)
        return self._lengths[n]

    def _computed(self, n: Size) -> Value:
        terms = terms_of(n.values, self.lengths)
        if terms is not None and is_whole(terms):
            return self._whole(terms)
        if n in self._axes:
            return self._read(*self._axes[n])
        found = self._combined(n)
        if found is None and terms is not None and terms[0] == "product":  # a part of it, exactly
            whole = self._whole(("product", terms[1].numerator, terms[2]))
            found = self.op("Div", whole, self.number(terms[1].denominator), shape=(),
                            dtype=np.int64)  # fmt: skip
        if found is None:
            raise ExportError(
                f"a length that is {' and '.join(map(str, n.values))} where the inputs have "
                f"{' and '.join(map(str, self.lengths))} follows from them in no simple way; "
                "take that axis out of dynamic_axes"
            )
        return found

    def _length(self, k: int) -> Value:
        """The length of an axis of an input."""
        if k not in self._lengths:
            which, axis = self.places[k]
            self._lengths[k] = self._read(self.inputs[which], axis)
        return self._lengths[k]

    def _read(self, x: Value, axis: int) -> Value:
        whole = self.op("Shape", x, shape=(1,), dtype=np.int64, start=axis, end=axis + 1)
        return self.reshape(whole, ())

    def _combined(self, n: Size) -> Value | None:
        """A sum or a product of lengths that can be read, times a number, and a number."""
        for parts, rest in _forms(n, list(self._axes)):
            line = _line(rest.values, _product(parts))
            if line is None:
                continue
            factor, start = line
            found: Any = self.number(parts[0])
            for part in parts[1:]:
                found = found * self.number(part)
            found = found if factor == 1 else found * factor
            found = found if start == 0 else found + start
            return found if rest is n else found + self.number(n - rest)
        return None


def _forms(n: Size, known: list[Size]) -> Iterator[tuple[tuple[Size, ...], Size]]:
    """(lengths to multiply, what of n they should give): the simplest first."""
    for count in (1, 2, 3):
        for parts in combinations_with_replacement(known[: 80 >> count], count):
            yield parts, n
    for one, other in permutations(known[:40], 2):
        rest = n - one
        if type(rest) is Size:
            yield (other,), rest


def _product(parts: Sequence[Size]) -> list[int]:
    return [int(np.prod(own)) for own in zip(*(p.values for p in parts), strict=True)]


def _line(ys: Sequence[int], xs: Sequence[int]) -> tuple[int, int] | None:
    """(c, d) with y = c·x + d of all pairs, in whole numbers."""
    k = next((k for k, x in enumerate(xs) if x != xs[0]), None)
    if k is None or (ys[k] - ys[0]) % (xs[k] - xs[0]):
        return None
    c = (ys[k] - ys[0]) // (xs[k] - xs[0])
    d = ys[0] - c * xs[0]
    return (c, d) if c and all(c * x + d == y for x, y in zip(xs, ys, strict=True)) else None
