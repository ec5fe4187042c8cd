"""Waiting awake, in LLVM's text: for a part of a loop that Python hands over, or native code does.

The workers of `kernels/parallel/workers.py` wait so, also without Numba. Meanwhile a tape may have
them run some of its records: `fork` posts parts on their boards, runs the first itself, and takes
back what nobody has begun, so that it never waits for a thread that has no core.
"""

from __future__ import annotations

import ctypes
import os
import platform
import threading
import time
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from autograd.codegen.native.machine import CALLS, Code, once
from autograd.compiler.native.tape import drive_address
from autograd.kernels.parallel.threads import get_num_threads, wake
from autograd.kernels.parallel.workers import (
    AWAKE,
    DONE,
    GIVEN,
    NATIVE,
    TAKEN,
    WAITED,
    fork_by,
    wait_by,
)
from autograd.system.addresses import address_of
from autograd.system.forks import after_fork, forkable

__all__ = ["can_share", "fork_address", "have_helpers", "table_address"]

# What lies at NATIVE on a board: nobody is there, one waits, a part is being posted, is posted,
# is being run, has been run; or it is posted for one who was asleep, and may come while others run.
ASLEEP, READY, FILLING, POSTED, RUNNING, OVER, LEFT = range(7)
MOST = 63  # helpers
_DRIVE = "chaingrad_drive"  # what waiting code calls
LOOKS = 16  # between two calls of the system

_X86, _ARM = ("void @llvm.x86.sse2.pause()", ""), ("void @llvm.aarch64.hint(i32 {})", "1")
_PAUSE = {"x86_64": _X86, "AMD64": _X86, "aarch64": _ARM, "arm64": _ARM}


def _pause(declares: bool = False) -> str:
    """What lets another thread of the same core go first, where it is known."""
    told, given = _PAUSE.get(platform.machine(), ("", ""))
    if declares:
        return "declare " + told.format("") if told else ""
    return "call " + told.format(given) if told else ""


def _waiting(name: str, serves: bool) -> str:
    """Wait until the word `theirs` of a board is `below` or more, or for a while."""
    look = (
        f"""
  %told = load atomic i64, ptr %state acquire, align 8
  switch i64 %told, label %other [i64 {POSTED}, label %take i64 {LEFT}, label %take
    i64 {ASLEEP}, label %come]"""
        if serves
        else "br label %other"
    )
    serve = (
        f"""
come:
  cmpxchg ptr %state, i64 {ASLEEP}, i64 {READY} acq_rel acquire
  br label %look
take:
  %try = cmpxchg ptr %state, i64 %told, i64 {RUNNING} acq_rel acquire
  %won = extractvalue {{i64, i1}} %try, 1
  br i1 %won, label %run, label %look
run:
  %pb = getelementptr i64, ptr %state, i64 1
  %from = load ptr, ptr %pb
  %pe = getelementptr i64, ptr %state, i64 2
  %to = load ptr, ptr %pe
  call void @{_DRIVE}(ptr %from, ptr %to)
  store atomic i64 {OVER}, ptr %state release, align 8
  br label %look
leave:
  %left = cmpxchg ptr %state, i64 {READY}, i64 {ASLEEP} acq_rel acquire
  %gone = extractvalue {{i64, i1}} %left, 1
  br i1 %gone, label %out, label %look"""
        if serves
        else """
leave:
  br label %out"""
    )
    again = "[ 0, %come ], [ 0, %take ], [ 0, %run ], [ 0, %leave ]" if serves else ""
    phis = "\n".join(
        f"  %{new} = phi i64 [ 0, %entry ], [ {kept}, %late ], [ {spun}, %spin ]"
        + (f", {again}" if again else "")
        for new, kept, spun in (
            ("start", "%begun", "%start"), ("before", "%now", "%before"), ("count", "0", "%more")
        )
    )  # fmt: skip
    return f"""
define void @{name}(ptr %board, i64 %mine, i64 %number, i64 %theirs, i64 %below) {{
entry:
  %clock = alloca [2 x i64]
  %own = getelementptr i64, ptr %board, i64 %mine
  %state = getelementptr i64, ptr %board, i64 {NATIVE}
  store atomic i64 %number, ptr %own seq_cst, align 8
  %place = getelementptr i64, ptr %board, i64 %theirs
  br label %look
look:
{phis}
  {look}
other:
  %seen = load atomic i64, ptr %place seq_cst, align 8
  %waits = icmp slt i64 %seen, %below
  br i1 %waits, label %spin_or_rest, label %leave
spin_or_rest:
  %often = icmp sge i64 %count, {LOOKS}
  br i1 %often, label %rest, label %spin
spin:
  %more = add i64 %count, 1
  {_pause()}
  br label %look
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
  br i1 %enough, label %leave, label %late
late:
  br label %look
{serve}
out:
  ret void
}}
"""


def _fork() -> str:
    """A kernel that has parts run: numbers are how many, and of each where it begins and ends."""
    drive = f"call void @{_DRIVE}(ptr"
    part = """
  %{0}k = shl i64 %{0}, 1
  %{0}k1 = add i64 %{0}k, 1
  %{0}k2 = add i64 %{0}k, 2
  %{0}p1 = getelementptr i64, ptr %numbers, i64 %{0}k1
  %{0}p2 = getelementptr i64, ptr %numbers, i64 %{0}k2
  %{0}o1 = load i64, ptr %{0}p1
  %{0}o2 = load i64, ptr %{0}p2
  %{0}from = getelementptr i8, ptr %records, i64 %{0}o1
  %{0}to = getelementptr i8, ptr %records, i64 %{0}o2
"""
    board = """
  %{0}pb = getelementptr ptr, ptr %table, i64 %{0}
  %{0}board = load ptr, ptr %{0}pb
"""
    return f"""
define void @fork(ptr %addresses, ptr %numbers) {{
entry:
  %table = load ptr, ptr %addresses
  %pr = getelementptr ptr, ptr %addresses, i64 1
  %records = load ptr, ptr %pr
  %count = load i64, ptr %numbers
  %allowed = load atomic i64, ptr %table monotonic, align 8
  br label %posting
posting:
  %a = phi i64 [ 1, %entry ], [ %anext, %posted ]
  %mask = phi i64 [ 0, %entry ], [ %masked, %posted ]
  %amore = icmp slt i64 %a, %count
  %asome = icmp sle i64 %a, %allowed
  %ago = and i1 %amore, %asome
  br i1 %ago, label %post, label %own
post:
{board.format("a")}
  %anone = icmp eq ptr %aboard, null
  br i1 %anone, label %posted, label %try
try:
  %astate = getelementptr i64, ptr %aboard, i64 {NATIVE}
  %atry = cmpxchg ptr %astate, i64 {READY}, i64 {FILLING} acq_rel acquire
  %awon = extractvalue {{i64, i1}} %atry, 1
  br i1 %awon, label %fill, label %late
late:
  %alate = cmpxchg ptr %astate, i64 {ASLEEP}, i64 {FILLING} acq_rel acquire
  %aleft = extractvalue {{i64, i1}} %alate, 1
  br i1 %aleft, label %fill, label %posted
fill:
  %ahow = phi i64 [ {POSTED}, %try ], [ {LEFT}, %late ]
{part.format("a")}
  %af = getelementptr i64, ptr %astate, i64 1
  %at = getelementptr i64, ptr %astate, i64 2
  store ptr %afrom, ptr %af
  store ptr %ato, ptr %at
  store atomic i64 %ahow, ptr %astate release, align 8
  %abit = shl i64 1, %a
  %amask = or i64 %mask, %abit
  br label %posted
posted:
  %masked = phi i64 [ %mask, %post ], [ %mask, %late ], [ %amask, %fill ]
  %anext = add i64 %a, 1
  br label %posting
own:
  %b = phi i64 [ 0, %posting ], [ %bnext, %owned ]
  %bmore = icmp slt i64 %b, %count
  br i1 %bmore, label %mine, label %joining
mine:
  %bbit = shl i64 1, %b
  %bhas = and i64 %mask, %bbit
  %bfree = icmp eq i64 %bhas, 0
  br i1 %bfree, label %run, label %owned
run:
{part.format("b")}
  {drive} %bfrom, ptr %bto)
  br label %owned
owned:
  %bnext = add i64 %b, 1
  br label %own
joining:
  %c = phi i64 [ 1, %own ], [ %cnext, %joined ]
  %cmore = icmp slt i64 %c, %count
  br i1 %cmore, label %join, label %out
join:
  %cbit = shl i64 1, %c
  %chas = and i64 %mask, %cbit
  %cfree = icmp eq i64 %chas, 0
  br i1 %cfree, label %joined, label %back
back:
{board.format("c")}
  %cstate = getelementptr i64, ptr %cboard, i64 {NATIVE}
  %ctry = cmpxchg ptr %cstate, i64 {POSTED}, i64 {READY} acq_rel acquire
  %cwon = extractvalue {{i64, i1}} %ctry, 1
  br i1 %cwon, label %again, label %unmet
unmet:
  %cnone = cmpxchg ptr %cstate, i64 {LEFT}, i64 {ASLEEP} acq_rel acquire
  %cleft = extractvalue {{i64, i1}} %cnone, 1
  br i1 %cleft, label %again, label %until
again:
{part.format("c")}
  {drive} %cfrom, ptr %cto)
  br label %joined
until:
  %spun = phi i64 [ 0, %unmet ], [ %spins, %spin ], [ 0, %rest ]
  %told = load atomic i64, ptr %cstate acquire, align 8
  %over = icmp eq i64 %told, {OVER}
  br i1 %over, label %free, label %wait
wait:
  %often = icmp sge i64 %spun, {LOOKS}
  br i1 %often, label %rest, label %spin
spin:
  %spins = add i64 %spun, 1
  {_pause()}
  br label %until
rest:
  call i32 @sched_yield()
  br label %until
free:
  store atomic i64 {READY}, ptr %cstate release, align 8
  br label %joined
joined:
  %cnext = add i64 %c, 1
  br label %joining
out:
  ret void
}}
"""


@once
def _code() -> Code:
    declared = (
        f"declare void @{_DRIVE}(ptr, ptr)\n"
        "declare i32 @sched_yield()\ndeclare i32 @clock_gettime(i32, ptr)"
    )
    functions = (_waiting("wait", False), _waiting("serve", True), _fork())
    text = "\n".join((declared, _pause(True), *functions))
    return Code(text, {_DRIVE: drive_address()}, CALLS)


_table = np.zeros(MOST + 1, np.int64)  # how many may help; then the board of each
_boards: list[Any] = []  # what the table has the addresses of
_lock = forkable(threading.Lock())


def _forget() -> None:
    """Begin anew in a child process, which has none of its parent's threads."""
    _table[:] = 0
    _boards.clear()


after_fork(_forget)


def table_address() -> int:
    """Where a fork finds the boards."""
    return int(address_of(_table))


@cache
def fork_address() -> int:
    """The kernel that shares parts of a tape."""
    return _code().address("fork")


@cache
def _wait_natively() -> None:
    """Have workers wait so from now on, where the system can."""
    kinds = (ctypes.c_void_p, *[ctypes.c_int64] * 4)
    wait, serve = (
        ctypes.CFUNCTYPE(None, *kinds)(_code().address(name)) for name in ("wait", "serve")
    )

    def stay_awake(board: Any, done: int, seen: int) -> None:
        if not any(board is known for known in _boards):
            _enter(board)
        serve(address_of(board), DONE, done, GIVEN, int(seen) + 1)

    def stay_until(board: Any, done: int) -> None:
        wait(address_of(board), WAITED, done, DONE, done)

    wait_by(stay_awake, stay_until)
    fork = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(fork_address())

    def run(function: int, parts: Sequence[tuple[Any, Any]]) -> None:
        have_helpers()
        records = np.array([(function, *map(address_of, part)) for part in parts], np.int64)
        addresses = np.array((table_address(), address_of(records)), np.int64)
        size = records.strides[0]
        bounds = [(size * k, size * k + size) for k in range(len(parts))]
        numbers = np.array((len(parts), *chain.from_iterable(bounds)), np.int64)
        fork(address_of(addresses), address_of(numbers))

    fork_by(run)


def _enter(board: Any) -> None:
    with _lock:
        if len(_boards) < MOST:
            _boards.append(board)
            _table[len(_boards)] = address_of(board)


def can_share() -> bool:
    """Whether threads can wait awake here; not on Windows."""
    return hasattr(os, "sched_yield")


def have_helpers() -> None:
    """Have as many threads ready, or nearly so, as a tape may use beside its own."""
    _wait_natively()
    count = get_num_threads() - 1
    if _table[0] != count:
        _table[0] = count
    if len(_boards) < count or any(board[NATIVE] == ASLEEP for board in _boards[:count]):
        wake(count)
