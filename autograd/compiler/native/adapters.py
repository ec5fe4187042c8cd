"""BLAS as native kernels: functions of the tape's signature around cblas_*gemm, gemv and dot.

Numbers of `gemm`: how a and b lie (111 as they are, 112 transposed), m, n, k, the row lengths of a,
b and c, then of two axes of a stack their lengths, and for a, b and c their strides in bytes. Of
`gemv`: how a lies, its m and n, its row length, the steps of x and y, and the same of the stack.
`dot`: n, the steps of x and y, and the stack.

`rows` is `gemv` for a as it is and x in one piece, without BLAS, and compiled by itself: only
products with vectors need it.
"""

from __future__ import annotations

import ctypes
from typing import NamedTuple

from autograd.codegen.native.machine import CALLS, Code, once, register_bytes
from autograd.compiler.native.rows import rows_times
from autograd.kernels.parallel.blas import blas_function

__all__ = ["NONE", "TRANSPOSED", "Blas", "blas", "rows"]

NONE, TRANSPOSED = 111, 112  # CBLAS_TRANSPOSE
_ROWS = 101  # CBLAS_ORDER: row by row

_TYPES = {"float32": ("s", "float", "1.0", "0.0"), "float64": ("d", "double", "1.0", "0.0")}


class Blas(NamedTuple):
    """The adapters of one dtype: where they are, and what they live in."""

    dtype: str
    gemm: int
    gemv: int
    dot: int
    code: Code


@once
def blas(dtype: str) -> Blas | None:
    """The adapters for a dtype; None where no OpenBLAS is found."""
    letter, kind, *_ = _TYPES[dtype]
    names = [f"cblas_{letter}{name}" for name in ("gemm", "gemv", "dot")]
    functions = [blas_function(name) for name in names]
    config = blas_function("openblas_get_config")
    if config is None or None in functions:
        return None
    config.restype = ctypes.c_char_p
    whole = "i64" if b"USE64BITINT" in config() else "i32"
    symbols = {
        f"chaingrad_{name}": ctypes.cast(f, ctypes.c_void_p).value or 0
        for name, f in zip(names, functions, strict=True)
    }
    code = Code(_text(kind, whole, *symbols), symbols, CALLS)
    gemm, gemv, dot = (code.address(name) for name in ("gemm", "gemv", "dot"))
    return Blas(dtype, gemm, gemv, dot, code)


@once
def rows(dtype: str) -> Code:
    """The machine code whose `rows` is the kernel for a dtype."""
    _, kind, *_ = _TYPES[dtype]
    adapter = _adapter("rows", _Numbers("i64").read(6, enums=0), 6, [
        "call void @rows_times(ptr %p0, ptr %p1, ptr %p2, i64 %n1, i64 %n2, i64 %n3, i64 %n5)",
    ])  # fmt: skip
    own = rows_times(kind, register_bytes() // (4 if kind == "float" else 8))
    return Code("\n".join((own, adapter)))


def _text(kind: str, whole: str, gemm: str, gemv: str, dot: str) -> str:
    one, zero = f"{kind} 1.0", f"{kind} 0.0"
    n = _Numbers(whole)
    ways, array = "i32, i32", f"ptr, {whole}"
    declared = (
        f"declare void @{gemm}({ways}, i32, {whole}, {whole}, {whole}, {kind}, {array}, {array}, "
        f"{kind}, {array})\n"
        f"declare void @{gemv}({ways}, {whole}, {whole}, {kind}, {array}, {array}, {kind}, "
        f"{array})\n"
        f"declare {kind} @{dot}({whole}, {array}, {array})"
    )
    product = _adapter("gemm", n.read(8, enums=2), 8, [
        f"call void @{gemm}(i32 {_ROWS}, i32 %n0, i32 %n1, {whole} %n2, "
        f"{whole} %n3, {whole} %n4, {one}, ptr %p0, {whole} %n5, ptr %p1, {whole} %n6, {zero}, "
        f"ptr %p2, {whole} %n7)",
    ])  # fmt: skip
    of_vector = _adapter("gemv", n.read(6, enums=1), 6, [
        f"call void @{gemv}(i32 {_ROWS}, i32 %n0, {whole} %n1, {whole} %n2, "
        f"{one}, ptr %p0, {whole} %n3, ptr %p1, {whole} %n4, {zero}, ptr %p2, {whole} %n5)",
    ])  # fmt: skip
    of_vectors = _adapter("dot", n.read(3, enums=0), 3, [
        f"%dot = call {kind} @{dot}({whole} %n0, ptr %p0, {whole} %n1, "
        f"ptr %p1, {whole} %n2)",
        f"store {kind} %dot, ptr %p2",
    ])  # fmt: skip
    return "\n".join((declared, product, of_vector, of_vectors))


class _Numbers:
    """Lines that read a kernel's numbers, as BLAS takes them."""

    def __init__(self, whole: str) -> None:
        self.whole = whole

    def read(self, count: int, enums: int) -> list[str]:
        lines = []
        for i in range(count):
            kind = "i32" if i < enums else self.whole
            lines += [
                f"%a{i} = getelementptr i64, ptr %numbers, i64 {i}",
                f"%w{i} = load i64, ptr %a{i}",
                f"%n{i} = trunc i64 %w{i} to i32" if kind == "i32" else f"%n{i} = add i64 %w{i}, 0",
            ]
        return lines


def _adapter(name: str, reads: list[str], at: int, call: list[str]) -> str:
    """A kernel that makes a call for each of a stack, which has two axes."""
    stack = [
        line for i, what in enumerate(("l0", "s00", "s01", "s02", "l1", "s10", "s11", "s12"))
        for line in (f"%c{i} = getelementptr i64, ptr %numbers, i64 {at + i}",
                     f"%{what} = load i64, ptr %c{i}")
    ]  # fmt: skip
    places = [
        line for k in range(3)
        for line in (f"%b{k} = getelementptr ptr, ptr %addresses, i64 {k}",
                     f"%q{k} = load ptr, ptr %b{k}")
    ]  # fmt: skip
    inner = [f"%p{k} = phi ptr [ %o{k}, %outer ], [ %f{k}, %inner ]" for k in range(3)]
    outer = [f"%o{k} = phi ptr [ %q{k}, %entry ], [ %g{k}, %after ]" for k in range(3)]
    return "\n".join((
        f"define void @{name}(ptr %addresses, ptr %numbers) {{", "entry:", *reads, *stack, *places,
        "br label %outer", "outer:", "%i = phi i64 [ 0, %entry ], [ %ii, %after ]", *outer,
        "br label %inner", "inner:", "%j = phi i64 [ 0, %outer ], [ %jj, %inner ]", *inner, *call,
        *(f"%f{k} = getelementptr i8, ptr %p{k}, i64 %s1{k}" for k in range(3)),
        "%jj = add i64 %j, 1", "%more = icmp slt i64 %jj, %l1",
        "br i1 %more, label %inner, label %after", "after:",
        *(f"%g{k} = getelementptr i8, ptr %o{k}, i64 %s0{k}" for k in range(3)),
        "%ii = add i64 %i, 1", "%again = icmp slt i64 %ii, %l0",
        "br i1 %again, label %outer, label %out", "out:", "ret void", "}",
    ))  # fmt: skip
