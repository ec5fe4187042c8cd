"""Loops over operands of any layout around expressions, as LLVM's text.

The innermost axis goes in blocks of lanes. What does not lie in one piece there, and the last block
where it is not full, goes through a small buffer; so an expression is written once, and each
number is computed by the same instructions wherever it lies.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text
from autograd.codegen.native.operands import Operands
from autograd.codegen.native.plan import Pass, Plan
from autograd.codegen.native.row import Row
from autograd.codegen.native.single import write_single

__all__ = ["module_of"]

_Inside = Callable[[list[str]], None]


@lru_cache(maxsize=4096)
def module_of(plan: Plan) -> Module:
    """The module whose function `loop` takes the addresses of the arrays, and the numbers."""
    module = Module(plan.lanes, plan.scales)
    module.functions["@loop"] = []  # the first
    module.functions["@loop"] = _Nest(plan, module).written()
    return module


class _Nest:
    def __init__(self, plan: Plan, module: Module) -> None:
        self.plan, self.module = plan, module
        self.text = Text(plan.lanes, module.declared)
        self.at = 0  # how many numbers have been read
        self.bases = [self._base(kind) for kind in plan.operands]
        self.lengths = [self._number() for _ in range(plan.axes)]
        self.strides = [[self._number() for _ in plan.operands] for _ in range(plan.axes)]

    def written(self) -> list[str]:
        for one in self.plan.before:
            self._pass(one, self.bases)
        self._outer(0, self.bases)
        for one in self.plan.after:
            self._pass(one, self.bases)
        self.text.do("ret void")
        return self.text.function("define void @loop(ptr noalias %arrays, ptr noalias %numbers)")

    def _number(self) -> str:
        address = self.text.add(f"getelementptr i64, ptr %numbers, i64 {self.at}")
        self.at += 1
        return self.text.add(f"load i64, ptr {address}")

    def _base(self, kind: str) -> str:
        begin, slot = self._number(), self._number()
        if kind == "index":
            return self.text.add(f"inttoptr i64 {begin} to ptr")
        base = "%numbers"
        if kind == "array":
            address = self.text.add(f"getelementptr ptr, ptr %arrays, i64 {slot}")
            base = self.text.add(f"load ptr, ptr {address}")
        return self.text.add(f"getelementptr i8, ptr {base}, i64 {begin}")

    def _outer(self, axis: int, pointers: list[str]) -> None:
        """The loop over one of the outer axes, and what is inside it."""
        if axis < self.plan.axes:
            self._loop(
                pointers, self.strides[axis], self.lengths[axis],
                lambda here: self._outer(axis + 1, here),
            )  # fmt: skip
            return
        for one in self.plan.inner:
            self._pass(one, pointers)

    def _pass(self, one: Pass, pointers: list[str]) -> None:
        places = (*one.inputs, *one.outputs)
        here = [pointers[place.operand] for place in places]
        if not one.axes:
            write_single(self.text, self.module, one, here)
            return
        lengths = [self._number() for _ in range(one.axes)]
        strides = [[self._number() for _ in places] for _ in range(one.axes)]
        text, module = self.text, self.module
        if one.narrow:
            text, module = text.narrowed(1), module.narrowed()
        row = Row(text, module, Operands(text, module, places, self.plan.is_far), one.roots)
        outer, self.text = self.text, text
        self._axis(row, 0, here, lengths, strides)
        self.text = outer
        if one.narrow:
            self.text.joined(text)

    def _axis(
        self, row: Row, axis: int, pointers: list[str], lengths: list[str],
        strides: list[list[str]],
    ) -> None:  # fmt: skip
        """The loop over one axis of a pass, and those inside it."""
        if axis == len(lengths) - 1:
            row.write(pointers, strides[axis], lengths[axis])
            return
        self._loop(
            pointers, strides[axis], lengths[axis],
            lambda here: self._axis(row, axis + 1, here, lengths, strides),
        )  # fmt: skip

    def _loop(self, pointers: list[str], strides: list[str], length: str, inside: _Inside) -> None:
        """So many times what is inside, each time with pointers further on."""
        text = self.text
        before, top = text.block, text.fresh("axis")
        text.do(f"br label %{top}")
        text.start(top)
        at = len(text.lines)
        i, here = text.name(), [text.name() for _ in pointers]
        inside(here)
        following = [
            text.add(f"getelementptr i8, ptr {p}, i64 {stride}")
            for p, stride in zip(here, strides, strict=True)
        ]
        more = text.add(f"add i64 {i}, 1")
        again = text.add(f"icmp ult i64 {more}, {length}")
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
