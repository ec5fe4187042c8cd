"""Loops over operands of any layout around an expression, as LLVM's text.

The innermost axis goes in blocks of lanes. What does not lie in one piece there, and the last block
where it is not full, goes through a small buffer; so the expression is written once, and each
number is computed by the same instructions wherever it lies.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text
from autograd.codegen.native.operands import Operands, Place
from autograd.codegen.native.row import Row
from autograd.codegen.node import Node

__all__ = ["Plan", "module_of"]


class Plan(NamedTuple):
    """All that the code depends on; the lengths and distances are read at run time."""

    roots: tuple[Node, ...]
    inputs: tuple[Place, ...]
    outputs: tuple[Place, ...]
    axes: int
    lanes: int
    scales: bool  # see body.py


def module_of(plan: Plan) -> str:
    """The module whose function `loop` takes the addresses of the operands, and their layout.

    The layout is the length of each axis, and then for each operand its strides, in bytes.
    """
    module = Module(plan.lanes, plan.scales)
    module.functions["@loop"] = _Nest(plan, module).written()
    return module.text()


class _Nest:
    def __init__(self, plan: Plan, module: Module) -> None:
        self.axes = plan.axes
        self.text = text = Text(plan.lanes, module.declared)
        places = (*plan.inputs, *plan.outputs)
        self.bases = [self._read("%arrays", k, "ptr") for k in range(len(places))]
        self.lengths = [self._read("%layout", a, "i64") for a in range(plan.axes)]
        self.strides = [
            [self._read("%layout", plan.axes * (1 + k) + a, "i64") for k in range(len(places))]
            for a in range(plan.axes)
        ]
        self.row = Row(text, module, Operands(text, module, places), plan.roots)

    def written(self) -> list[str]:
        self._axis(0, self.bases)
        self.text.do("ret void")
        return self.text.function("define void @loop(ptr noalias %arrays, ptr noalias %layout)")

    def _read(self, base: str, place: int, kind: str) -> str:
        address = self.text.add(f"getelementptr i64, ptr {base}, i64 {place}")
        return self.text.add(f"load {kind}, ptr {address}")

    def _axis(self, axis: int, pointers: list[str]) -> None:
        """The loop over one axis, and those inside it."""
        if axis == self.axes - 1:
            self.row.write(pointers, self.strides[axis], self.lengths[axis])
            return
        text = self.text
        before, top = text.block, text.fresh("axis")
        text.do(f"br label %{top}")
        text.start(top)
        at = len(text.lines)
        i, here = text.name(), [text.name() for _ in pointers]
        self._axis(axis + 1, here)
        following = [
            text.add(f"getelementptr i8, ptr {p}, i64 {stride}")
            for p, stride in zip(here, self.strides[axis], strict=True)
        ]
        more = text.add(f"add i64 {i}, 1")
        again = text.add(f"icmp ult i64 {more}, {self.lengths[axis]}")
        out, end = text.fresh("out"), text.block
        text.do(f"br i1 {again}, label %{top}, label %{out}")
        text.lines[at:at] = [
            f"  {i} = phi i64 [ 0, %{before} ], [ {more}, %{end} ]",
            *(
                f"  {p} = phi ptr [ {first}, %{before} ], [ {then}, %{end} ]"
                for p, first, then in zip(here, pointers, following, strict=True)
            ),
        ]
        text.start(out)
