"""The tape: records of native kernels that one call runs, one after the other.

Every native kernel has one signature, `void(void** addresses, int64* numbers)`. A record says which
kernel, where the addresses of its operands are, and where its numbers are: three words. `drive`
runs records from one address to another. `resolve` is itself a kernel: it fills in addresses that
change from run to run, as a base and an offset each.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from autograd.codegen.native.machine import Code, once

__all__ = [
    "RECORD",
    "SCRATCH",
    "Operation",
    "drive_address",
    "drive_functions",
    "numbers_of",
    "resolve_address",
]

RECORD = 3  # words
SCRATCH = "scratch"  # an operand: memory that a kernel has while it runs

_TEXT = """
define void @drive(ptr %begin, ptr %end) {
entry:
  %some = icmp ult ptr %begin, %end
  br i1 %some, label %next, label %out
next:
  %record = phi ptr [ %begin, %entry ], [ %after, %next ]
  %kernel = load ptr, ptr %record
  %pa = getelementptr i64, ptr %record, i64 1
  %addresses = load ptr, ptr %pa
  %pn = getelementptr i64, ptr %record, i64 2
  %numbers = load ptr, ptr %pn
  call void %kernel(ptr %addresses, ptr %numbers)
  %after = getelementptr i64, ptr %record, i64 3
  %more = icmp ult ptr %after, %end
  br i1 %more, label %next, label %out
out:
  ret void
}

define void @resolve(ptr %addresses, ptr %numbers) {
entry:
  %slots = load ptr, ptr %addresses
  %pb = getelementptr ptr, ptr %addresses, i64 1
  %bases = load ptr, ptr %pb
  %count = load i64, ptr %numbers
  %first = getelementptr i64, ptr %numbers, i64 1
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %next, label %out
next:
  %i = phi i64 [ 0, %entry ], [ %j, %next ]
  %p = phi ptr [ %first, %entry ], [ %q, %next ]
  %slot = load i64, ptr %p
  %p1 = getelementptr i64, ptr %p, i64 1
  %base = load i64, ptr %p1
  %p2 = getelementptr i64, ptr %p, i64 2
  %offset = load i64, ptr %p2
  %pbase = getelementptr i64, ptr %bases, i64 %base
  %from = load i64, ptr %pbase
  %address = add i64 %from, %offset
  %pslot = getelementptr i64, ptr %slots, i64 %slot
  store i64 %address, ptr %pslot
  %q = getelementptr i64, ptr %p, i64 3
  %j = add i64 %i, 1
  %more = icmp slt i64 %j, %count
  br i1 %more, label %next, label %out
out:
  ret void
}
"""


class Operation(NamedTuple):
    """A native kernel with its operands: what becomes a record of the tape."""

    function: int  # its address
    numbers: Any  # an array of ctypes, or None
    operands: tuple[tuple[Any, int], ...]  # what each lies in, and how many bytes into it
    keeps: Any = None  # what the function's machine code lives in
    label: str = ""


@once
def _module() -> Code:
    return Code(_TEXT)


@cache
def drive_functions() -> tuple[Any, Any]:
    """`drive`, as a call that lets go of the interpreter's lock, and as one that holds it."""
    address = drive_address()
    kinds = (ctypes.CFUNCTYPE, ctypes.PYFUNCTYPE)
    free, held = (kind(None, ctypes.c_void_p, ctypes.c_void_p)(address) for kind in kinds)
    return free, held


@cache
def drive_address() -> int:
    """Where `drive` is, for native code that runs records itself."""
    return int(_module().address("drive"))


@cache
def resolve_address() -> int:
    """The kernel that fills in addresses."""
    return int(_module().address("resolve"))


def numbers_of(numbers: Sequence[int]) -> Any:
    """Numbers as kernels read them."""
    return (ctypes.c_int64 * len(numbers))(*numbers)
