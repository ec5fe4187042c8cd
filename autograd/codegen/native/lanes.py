"""Types, constants and instructions of LLVM's text, for so many lanes at once."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.codegen.node import Node, number_of

__all__ = ["Text", "instruction", "lane_type", "literal", "memory_type", "suffix", "vector"]

_FLOATS = {2: "half", 4: "float", 8: "double"}
_COMPARE_FLOATS = {"less": "olt", "less_equal": "ole", "equal": "oeq", "not_equal": "une"}
_COMPARE_WHOLE = {"less": "lt", "less_equal": "le", "equal": "eq", "not_equal": "ne"}
_FLOATING = {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"}
_WHOLE = {
    "add": "add", "subtract": "sub", "multiply": "mul", "and": "and", "or": "or", "xor": "xor",
}  # fmt: skip
_INTRINSICS = {
    "fma": "fma", "absolute": "fabs", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil",
    "trunc": "trunc", "rint": "rint", "copysign": "copysign",
}  # fmt: skip


def lane_type(dtype: np.dtype[Any]) -> str:
    """The type of one number in a register."""
    if dtype.kind == "f":
        return _FLOATS[dtype.itemsize]
    return "i1" if dtype.kind == "b" else f"i{8 * dtype.itemsize}"


def memory_type(dtype: np.dtype[Any]) -> str:
    """The type of one number in an array."""
    return "i8" if dtype.kind == "b" else lane_type(dtype)


def vector(kind: str, lanes: int) -> str:
    return kind if lanes == 1 else f"<{lanes} x {kind}>"


def suffix(kind: str, lanes: int) -> str:
    """How the name of an intrinsic ends."""
    short = {"half": "f16", "float": "f32", "double": "f64"}.get(kind, kind)
    return short if lanes == 1 else f"v{lanes}{short}"


def literal(value: Any, dtype: np.dtype[Any], lanes: int) -> str:
    """A number, in all lanes."""
    if dtype.kind == "f" and dtype.itemsize == 2:
        text = f"0xH{int(np.float16(value).view(np.uint16)):04X}"
    elif dtype.kind == "f":
        text = f"0x{struct.unpack('>Q', struct.pack('>d', float(value)))[0]:016X}"
    else:
        text = str(int(value))
    if lanes == 1:
        return text
    if text in ("0xH0000", "0x0000000000000000", "0"):
        return "zeroinitializer"
    kind = lane_type(dtype)
    return f"<{', '.join([f'{kind} {text}'] * lanes)}>"


class Text:
    """Lines of a function's body, with names for what they compute, and what must be declared."""

    def __init__(self, lanes: int, declared: set[str]) -> None:
        self.lanes = lanes
        self.lines: list[str] = []
        self.declared = declared
        self.count = 0
        self.block = "entry"
        self.rooms: list[str] = []  # memory of the function's own, taken when it is entered

    def narrowed(self, lanes: int) -> Text:
        """The same function's text, for what is written in fewer lanes; see `joined`."""
        other = Text(lanes, self.declared)
        other.lines, other.rooms = self.lines, self.rooms
        other.count, other.block = self.count, self.block
        return other

    def joined(self, other: Text) -> None:
        """Go on after what was written in fewer lanes."""
        self.count, self.block = other.count, other.block

    def room(self, size: int) -> str:
        """The address of so many bytes."""
        name = self.name()
        self.rooms.append(f"  {name} = alloca [{size} x i8], align 64")
        return name

    def function(self, head: str) -> list[str]:
        """The lines of the whole function."""
        return [head + " {", "entry:", *self.rooms, *self.lines, "}"]

    def name(self) -> str:
        self.count += 1
        return f"%v{self.count}"

    def add(self, instruction: str) -> str:
        """One instruction, and the name of its result."""
        name = self.name()
        self.lines.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        self.lines.append(f"  {instruction}")

    def start(self, block: str) -> None:
        self.lines.append(f"{block}:")
        self.block = block

    def fresh(self, what: str) -> str:
        self.count += 1
        return f"{what}{self.count}"

    def type_of(self, dtype: np.dtype[Any]) -> str:
        return vector(lane_type(dtype), self.lanes)

    def intrinsic(self, name: str, kind: str, *operands: str, more: str = "") -> str:
        """A call of an intrinsic whose operands and result have one type."""
        whole = f"@llvm.{name}.{suffix(kind, self.lanes)}"
        typed = vector(kind, self.lanes)
        kinds = ", ".join([typed] * len(operands) + (["i1"] if more else []))
        self.declared.add(f"declare {typed} {whole}({kinds})")
        given = ", ".join([f"{typed} {o}" for o in operands] + ([f"i1 {more}"] if more else []))
        return self.add(f"call {typed} {whole}({given})")

    def scaled(self, x: str, n: str, dtype: np.dtype[Any]) -> str:
        """x · 2ⁿ, with a whole number n in floating point, where AVX-512 is.

        Done in whole registers: fewer lanes are the first of one, and more lanes are several.
        """
        kind, full = lane_type(dtype), (16 if self.lanes == 1 else 64) // dtype.itemsize
        typed, short = vector(kind, full), "s" if dtype.itemsize == 4 else "d"
        which, mask = (f"s{short}", "i8") if self.lanes == 1 else (f"p{short}.512", f"i{full}")
        name = f"@llvm.x86.avx512.mask.scalef.{which}"
        self.declared.add(f"declare {typed} {name}({typed}, {typed}, {typed}, {mask}, i32)")
        parts = []
        for begin in range(0, self.lanes, full):
            y, m = (self._register(v, kind, begin, full) for v in (x, n))
            given = f"{typed} {y}, {typed} {m}, {typed} {y}, {mask} -1, i32 4"
            parts.append(self.add(f"call {typed} {name}({given})"))
        if self.lanes == 1:
            return self.add(f"extractelement {typed} {parts[0]}, i64 0")
        while len(parts) > 1:
            pairs, full = zip(parts[::2], parts[1::2], strict=True), 2 * full
            parts = [self._shuffled(kind, pair, range(full)) for pair in pairs]
        whole = self.lanes == full
        return parts[0] if whole else self._shuffled(kind, parts * 2, range(self.lanes), full)

    def _register(self, x: str, kind: str, begin: int, full: int) -> str:
        """So many lanes from one of x on; behind the last they are any."""
        if self.lanes == 1:
            return self.add(f"insertelement {vector(kind, full)} undef, {kind} {x}, i64 0")
        places = [k if k < self.lanes else 0 for k in range(begin, begin + full)]
        return x if self.lanes == full else self._shuffled(kind, [x, x], places, self.lanes)

    def _shuffled(
        self, kind: str, pair: Sequence[str], places: Sequence[int], size: int = 0
    ) -> str:
        """The lanes at these places of two vectors one after the other, of `size` lanes each."""
        typed = vector(kind, size or len(places) // 2)
        picked = ", ".join(f"i32 {p}" for p in places)
        return self.add(
            f"shufflevector {typed} {pair[0]}, {typed} {pair[1]}, <{len(places)} x i32> <{picked}>"
        )


def instruction(text: Text, node: Node, args: list[str]) -> str:
    """One primitive on operands that have names."""
    of, op = node.args[0].dtype, node.op
    kind, typed = lane_type(of), text.type_of(of)
    if op in ("less", "less_equal", "equal", "not_equal"):
        return _comparison(text, op, of, args)
    if op == "select":
        result = text.type_of(node.dtype)
        condition = text.type_of(of)
        return text.add(f"select {condition} {args[0]}, {result} {args[1]}, {result} {args[2]}")
    if op in ("convert", "bitcast"):
        return _conversion(text, op, of, node.dtype, args[0])
    if op in ("minimum", "maximum"):
        return _extreme(text, node, args)
    if of.kind == "f":
        if op in _FLOATING:
            return text.add(f"{_FLOATING[op]} {typed} {args[0]}, {args[1]}")
        if op == "negative":
            return text.add(f"fneg {typed} {args[0]}")
        return text.intrinsic(_INTRINSICS[op], kind, *args)
    return _on_integers(text, op, of, args)


def _comparison(text: Text, op: str, of: np.dtype[Any], args: list[str]) -> str:
    typed = text.type_of(of)
    if of.kind == "f":
        return text.add(f"fcmp {_COMPARE_FLOATS[op]} {typed} {args[0]}, {args[1]}")
    sign = "" if op in ("equal", "not_equal") else "s" if of.kind == "i" else "u"
    return text.add(f"icmp {sign}{_COMPARE_WHOLE[op]} {typed} {args[0]}, {args[1]}")


def _extreme(text: Text, node: Node, args: list[str]) -> str:
    """A NaN in either operand is the result; beside a number only the other can have one."""
    of = node.dtype
    typed, mask = text.type_of(of), vector("i1", text.lanes)
    if of.kind != "f":
        sign = "s" if of.kind == "i" else "u"
        return text.intrinsic(f"{sign}{node.op[:3]}", lane_type(of), *args)
    x, y = args
    order = "olt" if node.op == "minimum" else "ogt"
    if _is_number(node.args[0]):
        x, y = y, x
    if _is_number(node.args[0]) or _is_number(node.args[1]):
        better = text.add(f"fcmp {order} {typed} {y}, {x}")  # false for a NaN in x, which stays
        return text.add(f"select {mask} {better}, {typed} {y}, {typed} {x}")
    better = text.add(f"fcmp {order} {typed} {x}, {y}")
    found = text.add(f"select {mask} {better}, {typed} {x}, {typed} {y}")
    nan = text.add(f"fcmp uno {typed} {x}, {x}")
    return text.add(f"select {mask} {nan}, {typed} {x}, {typed} {found}")


def _is_number(node: Node) -> bool:
    """Whether it is known not to be NaN."""
    if node.op == "convert":
        return node.args[0].dtype.kind != "f"
    return node.op == "constant" and bool(number_of(node) == number_of(node))


def _conversion(text: Text, op: str, of: np.dtype[Any], to: np.dtype[Any], x: str) -> str:
    source, target = text.type_of(of), text.type_of(to)
    if op == "bitcast":
        return x if source == target else text.add(f"bitcast {source} {x} to {target}")
    if to.kind == "b":
        test = "fcmp une" if of.kind == "f" else "icmp ne"
        return text.add(f"{test} {source} {x}, {_zeros(of, text.lanes)}")
    if of.kind == "f" and to.kind == "f":
        how = "fpext" if to.itemsize > of.itemsize else "fptrunc"
    elif of.kind == "f":  # what does not fit, and NaN, gives some number, as in NumPy
        how = "fptosi" if to.kind == "i" else "fptoui"
        found = text.add(f"{how} {source} {x} to {target}")
        return text.add(f"freeze {target} {found}")
    elif to.kind == "f" and of.kind == "b":
        yes, no = (literal(value, to, text.lanes) for value in (1, 0))
        return text.add(f"select {source} {x}, {target} {yes}, {target} {no}")
    elif to.kind == "f":
        how = "sitofp" if of.kind == "i" else "uitofp"
    elif source == target:
        return x
    elif lane_type(of) == "i1" or to.itemsize > of.itemsize:
        how = "sext" if of.kind == "i" else "zext"
    else:
        how = "trunc"
    return text.add(f"{how} {source} {x} to {target}")


def _zeros(dtype: np.dtype[Any], lanes: int) -> str:
    return literal(0, dtype, lanes)


def _on_integers(text: Text, op: str, of: np.dtype[Any], args: list[str]) -> str:
    kind, typed, zeros = lane_type(of), text.type_of(of), _zeros(of, text.lanes)
    if op in _WHOLE:
        return text.add(f"{_WHOLE[op]} {typed} {args[0]}, {args[1]}")
    if op == "negative":
        return text.add(f"sub {typed} {zeros}, {args[0]}")
    if op == "not":
        return text.add(f"xor {typed} {args[0]}, {literal(-1, of, text.lanes)}")
    if op == "popcount":
        return text.intrinsic("ctpop", kind, args[0])
    if op == "absolute":
        return args[0] if of.kind != "i" else text.intrinsic("abs", kind, args[0], more="false")
    if op == "divide_whole":
        return _division(text, of, args)
    return _shift(text, op, of, args)


def _shift(text: Text, op: str, of: np.dtype[Any], args: list[str]) -> str:
    """By the bits of the type or more, nothing is left but the sign."""
    typed, mask, bits = text.type_of(of), vector("i1", text.lanes), 8 * of.itemsize
    small = text.add(f"icmp ult {typed} {args[1]}, {literal(bits, of, text.lanes)}")
    most = literal(bits - 1, of, text.lanes)
    count = text.add(f"select {mask} {small}, {typed} {args[1]}, {typed} {most}")
    signed = op == "right_shift" and of.kind == "i"
    how = "shl" if op == "left_shift" else "ashr" if signed else "lshr"
    found = text.add(f"{how} {typed} {args[0]}, {count}")
    if signed:
        return found
    return text.add(f"select {mask} {small}, {typed} {found}, {typed} {_zeros(of, text.lanes)}")


def _division(text: Text, of: np.dtype[Any], args: list[str]) -> str:
    """0 by 0; the least number by −1, which overflows, is its own negative."""
    typed, mask, zeros = text.type_of(of), vector("i1", text.lanes), _zeros(of, text.lanes)
    x, y = args
    one = literal(1, of, text.lanes)
    none = text.add(f"icmp eq {typed} {y}, {zeros}")
    safe = text.add(f"select {mask} {none}, {typed} {one}, {typed} {y}")
    if of.kind == "i":
        turns = text.add(f"icmp eq {typed} {y}, {literal(-1, of, text.lanes)}")
        safe = text.add(f"select {mask} {turns}, {typed} {one}, {typed} {safe}")
    found = text.add(f"{'sdiv' if of.kind == 'i' else 'udiv'} {typed} {x}, {safe}")
    if of.kind == "i":
        turned = text.add(f"sub {typed} {zeros}, {x}")
        found = text.add(f"select {mask} {turns}, {typed} {turned}, {typed} {found}")
    return text.add(f"select {mask} {none}, {typed} {zeros}, {typed} {found}")
