"""Graphs inside of a model: the branches and turns of control flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.onnx.library import library
from autograd.onnx.sizes import Size
from autograd.onnx.values import Value

__all__ = ["Loops"]


class Loops:
    """The part of a Builder that writes graphs into nodes."""

    if TYPE_CHECKING:
        nodes: list[Any]
        _lengths: dict[Any, Value]
        _axes: dict[Size, Any]
        unique: Any
        node: Any

    def graph(self, name: str, inputs: Sequence[Value], write: Any) -> Any:
        """A graph inside of this one, which sees its values: what `write` gives are its outputs."""
        outside = self.nodes, self._lengths, self._axes
        self.nodes, self._lengths, self._axes = [], dict(self._lengths), dict(self._axes)
        helper = library("helper")
        try:
            results = []
            for v in write():
                named = self.unique("result")
                self.nodes.append(helper.make_node("Identity", [v.name], [named], name=named))
                results.append(Value(self, named, v.shape, v.dtype))
            ends = [[_typed(v) for v in part] for part in (inputs, results)]
            return helper.make_graph(self.nodes, self.unique(name), *ends)
        finally:
            self.nodes, self._lengths, self._axes = outside

    def place(self, name: str, shape: Any, dtype: Any) -> Value:
        """An input of a graph inside of this one."""
        return Value(self, self.unique(name), shape, dtype)

    def scan(self, turn: Any, carry: Sequence[Value], xs: Sequence[Value],
             reverse: bool) -> tuple[list[Value], list[Value]]:  # fmt: skip
        """`carry, made = turn(carry, slices)` over the first axis of xs: the last carry, all."""
        states = [self.place("carry", v.shape, v.dtype) for v in carry]
        slices = [self.place("slice", v.shape[1:], v.dtype) for v in xs]
        made: list[Value] = []

        def write() -> list[Value]:
            after, own = turn(states, slices)
            made.extend(own)
            return [*after, *own]

        body = self.graph("turn", [*states, *slices], write)
        length = xs[0].shape[0]
        specs = [(v.shape, v.dtype) for v in carry] + [((length, *v.shape), v.dtype) for v in made]
        flags = ([int(reverse)] * len(xs), [int(reverse)] * len(made))
        names = self.node("Scan", [*carry, *xs], len(specs), body=body, num_scan_inputs=len(xs),
                          scan_input_directions=flags[0],
                          scan_output_directions=flags[1] or None)  # fmt: skip
        found = [Value(self, n, s, d) for n, (s, d) in zip(names, specs, strict=True)]
        return found[: len(carry)], found[len(carry) :]

    def loop(self, turn: Any, count: Any, is_on: Value, carry: Sequence[Value]) -> Any:
        """`is_on, carry, made = turn(number, carry)` while it is on, or `count` times.

        Gives the last carry, and all that was made.

        Of what is made nobody knows how many there are: its first axis says 1.
        """
        number, goes_on = self.place("number", (), np.int64), self.place("is_on", (), bool)
        states = [self.place("carry", v.shape, v.dtype) for v in carry]
        made: list[Value] = []

        def write() -> list[Value]:
            again, after, own = turn(number, states)
            made.extend(own)
            return [again, *after, *own]

        body = self.graph("turn", [number, goes_on, *states], write)
        names = self.node("Loop", [count, is_on, *carry], len(carry) + len(made), body=body)
        specs = [(v.shape, v.dtype) for v in carry] + [((1, *v.shape), v.dtype) for v in made]
        found = [Value(self, n, s, d) for n, (s, d) in zip(names, specs, strict=True)]
        return found[: len(carry)], found[len(carry) :]


def _typed(v: Value) -> Any:
    helper = library("helper")
    shape = [None if type(n) is Size else n for n in v.shape]
    kind = helper.np_dtype_to_tensor_dtype(v.dtype)
    return helper.make_tensor_value_info(v.name, kind, shape)
