"""The steps of sequences: (T, N, F), or the rows of a packed batch, whose later steps are fewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.onnx.sizes import product
from autograd.onnx.values import Value

__all__ = ["Steps"]


class Steps:
    """How rows lie in time: `sizes` says how many each step of a packed batch has."""

    def __init__(self, b: Any, x: Value, batch: Any, sizes: Any) -> None:
        self.builder, self.batch, self.sizes = b, batch, sizes
        if sizes is not None:
            self.count: Any = len(sizes)
        elif x.ndim == 3:
            self.count = x.shape[0]
        else:
            self.count = 0 if batch == 0 else x.shape[0] // batch
        counts = np.asarray(() if sizes is None else sizes, np.int64)
        self._starts = np.cumsum(counts) - counts
        self._there = np.arange(batch) < counts[:, None] if sizes is not None else None

    def apart(self, x: Value) -> Value:
        """The rows of all steps by time: (T, N, F), padded with what is not looked at."""
        if x.ndim == 3:
            return x
        if self._there is None:
            return self.builder.reshape(x, (self.count, self.batch, *x.shape[1:]))
        numbers = np.where(self._there, self._starts[:, None] + np.arange(self.batch), 0)
        shape = (self.count, self.batch, *x.shape[1:])
        places = self.builder.constant(numbers.astype(np.int64))
        return self.builder.op("Gather", x, places, shape=shape, dtype=x.dtype, axis=0)

    def rows(self, x: Value) -> Value:
        """The rows of all steps, those of time that are there."""
        b = self.builder
        flat = b.reshape(x, (product(x.shape[:2]), *x.shape[2:]))
        if self._there is None:
            return flat
        places = np.flatnonzero(self._there)
        shape = (len(places), *x.shape[2:])
        return b.op("Gather", flat, b.constant(places), shape=shape, dtype=x.dtype, axis=0)

    def lengths(self) -> Value | None:
        """Those of the sequences of a packed batch, as recurrent operators want them."""
        if self._there is None:
            return None
        return self.builder.constant(self._there.sum(0).astype(np.int32))

    def numbers_before(self, reverse: bool) -> Any:
        """For each row of a packed batch, which row of [first; rows] its step starts from."""
        found = np.empty(int(self._there.sum()), np.int64)  # type: ignore[union-attr]
        for n in range(self.batch):
            own = [int(s) + n for s, c in zip(self._starts, self.sizes, strict=True) if n < c]
            own = own[::-1] if reverse else own
            found[own] = [n, *(number + self.batch for number in own[:-1])]
        return found

    def scan(self, step: Callable[[Any, Any], Any], carry: Sequence[Value], xs: Sequence[Value],
             reverse: bool) -> tuple[list[Value], list[Value]]:  # fmt: skip
        """`carry, made = step(carry, slices)` over time; what is over keeps its carry."""
        b, apart = self.builder, [self.apart(x) for x in xs]
        if self._there is not None and not self._there.all():
            apart.append(b.constant(self._there[:, :, None]))

        def turn(state: Any, own: Any) -> Any:
            new, made = step(state, own[: len(xs)])
            if len(own) > len(xs):
                new = [self._kept(own[-1], a, old) for a, old in zip(new, state, strict=True)]
            return new, made

        ends, made = b.scan(turn, carry, apart, reverse)
        return ends, [self.rows(v) for v in made]

    def _kept(self, is_there: Value, new: Value, old: Value) -> Value:
        if new.shape[:1] != (self.batch,):
            return new  # a sum over the batch
        return self.builder.where(is_there, new, old)
