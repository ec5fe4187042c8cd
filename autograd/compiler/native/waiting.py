"""Waiting awake for a part of a loop, in LLVM's text: what Numba's twin of it does, without Numba.

Threads that share a native loop hand parts to each other; see `kernels/parallel/workers.py`.
"""

from __future__ import annotations

import ctypes
import os
import time
from functools import cache
from typing import Any

from autograd.codegen.addresses import address_of
from autograd.codegen.native.machine import Code
from autograd.kernels.parallel.workers import AWAKE, DONE, GIVEN, TAKEN, WAITED, wait_by

__all__ = ["wait_natively"]

_TEXT = f"""
declare i32 @sched_yield()
declare i32 @clock_gettime(i32, ptr)

define void @wait(ptr %board, i64 %mine, i64 %number, i64 %theirs, i64 %below) {{
entry:
  %clock = alloca [2 x i64]
  %own = getelementptr i64, ptr %board, i64 %mine
  store atomic i64 %number, ptr %own seq_cst, align 8
  %other = getelementptr i64, ptr %board, i64 %theirs
  br label %look
look:
  %start = phi i64 [ 0, %entry ], [ %begun, %late ]
  %before = phi i64 [ 0, %entry ], [ %now, %late ]
  %seen = load atomic i64, ptr %other seq_cst, align 8
  %waits = icmp slt i64 %seen, %below
  br i1 %waits, label %rest, label %out
rest:
  call i32 @sched_yield()
  call i32 @clock_gettime(i32 {getattr(time, "CLOCK_MONOTONIC", 0)}, ptr %clock)
  %s = load i64, ptr %clock
  %pn = getelementptr i64, ptr %clock, i64 1
  %n = load i64, ptr %pn
  %ns = mul i64 %s, 1000000000
  %now = add i64 %ns, %n
  %first = icmp eq i64 %start, 0
  %begun = select i1 %first, i64 %now, i64 %start
  %last = select i1 %first, i64 %now, i64 %before
  %all = sub i64 %now, %begun
  %gap = sub i64 %now, %last
  %long = icmp sgt i64 %all, {AWAKE}
  %taken = icmp sgt i64 %gap, {TAKEN}
  %enough = or i1 %long, %taken
  br i1 %enough, label %out, label %late
late:
  br label %look
out:
  ret void
}}
"""


@cache
def wait_natively() -> None:
    """Have workers wait so from now on, where the system can."""
    if not hasattr(os, "sched_yield"):  # Windows
        return
    code = Code(_TEXT)
    kinds = (ctypes.c_void_p, *[ctypes.c_int64] * 4)
    wait = ctypes.CFUNCTYPE(None, *kinds)(code.address("wait"))

    def stay_awake(board: Any, done: int, seen: int, _: Any = code) -> None:
        wait(address_of(board), DONE, done, GIVEN, int(seen) + 1)

    def stay_until(board: Any, done: int) -> None:
        wait(address_of(board), WAITED, done, DONE, done)

    wait_by(stay_awake, stay_until)
