"""Constants that are others at other lengths, where their law can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import ExportError
from autograd.kernels.convolution.resampling import spans
from autograd.onnx.sizes import Size, Varying, is_whole, terms_of, together
from autograd.onnx.values import Value

__all__ = ["Constants"]


class Constants:
    """The part of a Builder that computes arrays from the lengths of the inputs."""

    if TYPE_CHECKING:
        lengths: Sequence[Sequence[int]]
        op: Any
        constant: Any
        operand: Any
        number: Any
        reshape: Any
        expand: Any
        binary: Any
        reduce: Any
        _length: Any

    def arange(self, n: Any) -> Value:
        """0, 1, ... n - 1."""
        if type(n) is not Size:
            return self.constant(np.arange(n))
        ends = self.number(0), self.number(n), self.number(1)
        return self.op("Range", *ends, shape=(n,), dtype=np.int64)

    def _varying(self, value: Varying) -> Value:
        """An array that is another one at other lengths, where its law can be seen."""
        arrays, shape, dtype = value.arrays, value.shape, value.dtype
        if not shape:
            terms = terms_of([a.item() for a in arrays], self.lengths)
            found = None if terms is None else self._scalar(terms, dtype)
            if found is not None:
                return found
        if all(a.size == 0 or np.all(a == arrays[0].flat[0]) for a in arrays):
            return self.expand(self.constant(arrays[0].flat[0]), shape)
        line = [a.reshape(-1) for a in arrays]
        if sum(n != 1 for n in shape) == 1 and dtype.kind in "iuf":
            start, step = line[0][0], line[0][1] - line[0][0] if line[0].size > 1 else 1
            if all(np.array_equal(a, start + step * np.arange(a.size)) for a in line):
                n = next(n for n in shape if n != 1)
                return self.reshape((self.arange(n) * int(step) + int(start)).astype(dtype), shape)
        if len(shape) >= 2 and dtype.kind in "biuf":
            for k in (0, 1, -1):
                for lower in (True, False):
                    if all(np.array_equal(a, _triangle(a.shape, k, lower)) for a in arrays):
                        return self.triangle(shape, k, lower).astype(dtype)
        if len(shape) == 2 and dtype.kind == "i" and (bins := self._bins(arrays)) is not None:
            return bins
        raise ExportError(
            f"an array of {dtype} {arrays[0].shape} is another one at another length, in a way "
            "that is not seen through; make it an input of the call, or take the axis out of "
            "dynamic_axes"
        )

    def _scalar(self, terms: Any, dtype: Any) -> Value | None:
        kind, start, rest = terms
        if kind == "unbiased":
            count = self.operand(self._scalar(("product", start, rest), np.float64))
            return (count / (count - 1.0)).astype(dtype)
        if is_whole(terms):
            return self._whole(terms).astype(dtype)
        if kind == "product":
            found = self.constant(np.float64(float(start)))
            for k in rest:
                found = found * self._length(k).astype(np.float64)
            return found.astype(dtype)
        return None

    def _whole(self, terms: Any) -> Value:
        """A whole number that follows from lengths: products times numbers, and a start."""
        kind, start, rest = terms
        if kind == "product":
            start, parts = 0, [(start, rest)]
        elif kind == "shifted":
            parts = [(rest, range(len(self.lengths[0])))]
        else:
            parts = [(slope, (k,)) for k, slope in enumerate(rest) if slope]
        found: Any = None
        for factor, which in parts:
            made: Any = None if factor == 1 and which else int(factor)
            for k in which:
                made = self._length(k) if made is None else self._length(k) * made
            found = made if found is None else made + found
        if start or found is None:
            found = int(start) if found is None else found + int(start)
        return self.operand(found)

    def spans(self, number: Value, length: Any, size: Any) -> tuple[Value, Value]:
        """Where parts of a length, of so many equal ones, begin, and where they end."""
        n, m = self.number(length), self.number(size)
        first, last = number * n, (number + 1) * n + (m - 1)
        return self.binary("Div", first, m), self.binary("Div", last, m)

    def _bins(self, arrays: Sequence[Any]) -> Value | None:
        """The places in each of some equal parts of a length, the last again where it has less."""
        size = arrays[0].shape[0]
        lengths = [int(a.max(initial=0)) + 1 for a in arrays]
        for a, n in zip(arrays, lengths, strict=True):
            first, last = (v[:, None] for v in spans(n, size))
            own = np.minimum(first + np.arange(np.max(last - first)), last - 1)
            if not np.array_equal(own, a):
                return None
        numbers = self.constant(np.arange(size).reshape(size, 1))
        first, last = self.spans(numbers, Size(tuple(lengths)), size)
        most = self.reduce("ReduceMax", last - first)
        shape = (together([a.shape[1] for a in arrays], "bins"),)
        steps = self.op("Range", self.number(0), most, self.number(1), shape=shape, dtype=np.int64)
        return self.binary("Min", first + steps, last - 1)

    def triangle(self, shape: Sequence[Any], k: int, lower: bool) -> Value:
        """True at and below (or at and above) the k-th diagonal."""
        rows = self.reshape(self.arange(shape[-2]), (shape[-2], 1))
        columns = self.arange(shape[-1])
        found = columns <= rows + k if lower else columns >= rows + k
        return self.expand(found, shape)


def _triangle(shape: Any, k: int, lower: bool) -> Any:
    full = np.ones(shape, bool)
    return np.tril(full, k) if lower else np.triu(full, k)
