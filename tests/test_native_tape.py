"""The tape: BLAS by its addresses gives what np.matmul gives, however arrays lie."""

from __future__ import annotations

import ctypes
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from autograd.codegen.native.machine import has_llvm, once
from autograd.compiler.native.products import in_parts, product
from autograd.compiler.native.tape import (
    Operation,
    drive_functions,
    numbers_of,
    resolve_address,
)
from autograd.system.addresses import address_of

pytestmark = pytest.mark.skipif(not has_llvm(), reason="there is no llvmlite")

SHAPES = [
    ((3, 4), (4, 5)), ((1, 4), (4, 5)), ((3, 4), (4, 1)), ((1, 4), (4, 1)), ((3, 1), (1, 5)),
    ((4,), (4,)), ((4,), (4, 5)), ((3, 4), (4,)), ((1, 1), (1, 1)), ((33, 17), (17, 40)),
    ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((2, 3, 4), (4,)),
    ((4,), (2, 4, 5)), ((2, 3, 3, 4), (2, 3, 4, 2)), ((2, 2, 2, 3, 4), (2, 2, 2, 4, 3)),
    ((33, 17), (17, 70)), ((70, 17), (17, 33)), ((70, 17), (17,)), ((17,), (17, 70)),
    ((0, 3), (3, 2)), ((3, 0), (0, 2)), ((0, 2, 3), (3, 2)), ((2, 3), (3, 0)),
    *(((m, n), (n,)) for m, n in ((1, 16), (2, 15), (5, 16), (7, 31), (8, 33), (9, 1), (6, 70))),
]  # fmt: skip


def drive(operations: Sequence[Operation], arrays: Sequence[Any]) -> None:
    """Run operations, whose operands are arrays by number, as one tape."""
    words, keeps = [], []
    for operation in operations:
        places = [address_of(arrays[k]) + offset for k, offset in operation.operands]
        keeps.append(addresses := numbers_of(places))
        words += [operation.function, ctypes.addressof(addresses),
                  ctypes.addressof(operation.numbers)]  # fmt: skip
    records = numbers_of(words)
    start = ctypes.addressof(records)
    for call in drive_functions():
        call(start, start + 8 * len(words))


def lyings(shape: tuple[int, ...], dtype: str, seed: int) -> Iterator[Any]:
    """Arrays of a shape: in rows, in columns, a part of larger rows, every other, backwards."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape).astype(dtype)
    yield x
    if len(shape) > 1:
        yield x.swapaxes(-1, -2).copy().swapaxes(-1, -2)
        yield x.swapaxes(0, -1).copy().swapaxes(0, -1)
    large = rng.standard_normal([2 * n + 1 for n in shape]).astype(dtype)
    yield large[tuple(slice(0, n) for n in shape)]
    yield large[tuple(slice(0, 2 * n, 2) for n in shape)]
    yield x[..., ::-1]
    if len(shape) > 1:
        yield np.broadcast_to(x[:1], shape)


def outs(right: Any) -> Iterator[Any]:
    """Memory for a result: in rows, in columns, and a part of larger rows."""
    yield np.full(right.shape, np.nan, right.dtype)
    if right.ndim > 1:
        turned = (*right.shape[:-2], right.shape[-1], right.shape[-2])
        yield np.full(turned, np.nan, right.dtype).swapaxes(-1, -2)
        yield np.full([2 * n + 1 for n in right.shape], np.nan, right.dtype)[
            tuple(slice(0, n) for n in right.shape)
        ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_a_product_is_that_of_numpy_however_arrays_lie(shapes: Any, dtype: str) -> None:
    made = 0
    for a, b in itertools.product(lyings(shapes[0], dtype, 0), lyings(shapes[1], dtype, 1)):
        right = np.asarray(np.matmul(a, b))
        for out in outs(right):
            operations = product(a, b, out, ((0, 0), (1, 0), (2, 0)))
            if operations is None:
                continue  # which np.matmul does
            made += bool(operations)
            for operation in operations:
                drive(in_parts(operation, 2, out.itemsize), (a, b, out))
            bound = np.finfo(dtype).eps * np.matmul(np.abs(a), np.abs(b)) * (a.shape[-1] + 1)
            assert np.all(np.abs(out - right) <= bound)
    assert made or 0 in shapes[0] or 0 in shapes[1]


def test_other_dtypes_and_longer_stacks_are_left_to_numpy() -> None:
    whole = np.ones((2, 2), np.int64)
    assert product(whole, whole, whole, ()) is None
    a = np.ones((3, 3, 3, 2, 2))[:2, :2, :2]
    assert product(a, a, np.empty(a.shape), ((0, 0), (0, 0), (1, 0))) is None


def test_addresses_are_filled_in_from_bases() -> None:
    slots, bases = np.zeros(4, np.int64), np.array([1000, 2000])
    numbers = numbers_of([3, 2, 0, 8, 0, 1, 0, 3, 1, 24])  # slot, base, offset
    drive([Operation(resolve_address(), numbers, ((0, 0), (1, 0)))], [slots, bases])
    assert slots.tolist() == [2000, 0, 1008, 2024]


def test_a_tape_of_nothing_does_nothing() -> None:
    drive([], [])


def test_what_all_plans_need_is_made_beside_a_first_call_which_leaves_no_thread() -> None:
    code = """
import threading
import time
import numpy as np
import autograd as ag
from autograd.compiler.native import tape
from autograd.compiler.native.begun import begin, begun

def names():
    return [t.name for t in threading.enumerate() if t.name == "chaingrad-native"]

with begun():
    begin()
    while names():
        time.sleep(0.01)
assert tape.drive_functions.cache_info().currsize == 1
with begun():
    begin()
    assert not names()  # once in a process
assert ag.compile(lambda x: (x @ x).sum(), check="never")(np.ones((2, 2), "f")).item() == 8.0
assert not names()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_code_is_made_once_where_two_threads_ask_for_it() -> None:
    made: list[int] = []

    @once
    def make(kind: str) -> object:
        made.append(1)
        time.sleep(0.05)  # the other asks meanwhile
        return object()

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(make("f"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert all(x is found[0] for x in found)
