"""Products of matrices and stacks of them as calls of BLAS, chosen as `np.matmul` chooses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from autograd.codegen.layout import layout_of
from autograd.codegen.native.machine import register_bytes
from autograd.compiler.native.adapters import NONE, TRANSPOSED, Blas, blas, rows
from autograd.compiler.native.lying import Lying, broadcast
from autograd.compiler.native.tape import Operation, numbers_of

__all__ = ["in_parts", "product"]


def product(a: Any, b: Any, out: Any, operands: Any) -> list[Operation] | None:
    """The operations of out = a @ b, none where out is empty; None where BLAS has no such call.

    a, b and out say how arrays lie, by `shape`, `strides` and `dtype`; `operands` are where.
    """
    if not (a.dtype == b.dtype == out.dtype) or out.dtype.name not in ("float32", "float64"):
        return None
    if 0 in out.shape:
        return []
    if 0 in a.shape or (adapters := blas(out.dtype.name)) is None:
        return None
    size = out.dtype.itemsize
    left, right, result = _matrices(a, b, out, size)
    shape = result.shape[:-2]
    stack = [broadcast(x.strides[:-2], x.shape[:-2], shape) for x in (left, right, result)]
    layout = layout_of(shape, stack, (size,) * 3)
    if len(layout.shape) > 2:
        return None
    call = _call(left, right, result, size, adapters)
    if call is None:
        return None
    function, numbers, order = call
    axes = [(1, (0, 0, 0))] * (2 - len(layout.shape)) + [
        (n, tuple(s[k] for s in layout.strides)) for k, n in enumerate(layout.shape)
    ]
    for length, steps in axes:
        numbers = [*numbers, length, *(steps[k] for k in order)]
    placed = tuple(operands[k] for k in order)
    return [Operation(function, numbers_of(numbers), placed, adapters.code, "product")]


_STACK = 8  # numbers at the end of a product's: the lengths and strides of two axes


def in_parts(whole: Operation, count: int, size: int) -> list[Operation]:
    """A product as so many of parts of its stack, or of its rows or columns; itself if small."""
    numbers = list(whole.numbers)
    stack = len(numbers) - _STACK
    axis = next((a for a in (stack, stack + 4) if numbers[a] >= count), None)
    if axis is not None:
        return _cut(whole, axis, tuple(numbers[axis + 1 : axis + 4]), 1, count)
    if stack == _GEMM:
        way_a, way_b, m, n, _, row_a, row_b, row_c = numbers[:stack]
        rows = (size * (row_a if way_a == NONE else 1), 0, size * row_c)
        columns = (0, size * (1 if way_b == NONE else row_b), size)
        at, steps, length = (3, columns, n) if n > m else (2, rows, m)
    elif stack == _GEMV:
        way, m, n, row, _, step = numbers[:stack]
        at, length = (1, m) if way == NONE else (2, n)
        steps = (size * (row if way == NONE else 1), 0, size * step)
    else:
        return [whole]
    return _cut(whole, at, steps, _WHOLE, count) if length >= count * _WHOLE else [whole]


_GEMM, _GEMV = 8, 6  # numbers before those of the stack
_WHOLE = 16  # rows or columns that BLAS takes at once


def _cut(
    whole: Operation, at: int, steps: tuple[int, ...], unit: int, count: int
) -> list[Operation]:
    """Parts of the length that one of a product's numbers is."""
    numbers, found = list(whole.numbers), []
    bounds = [numbers[at] * p // count // unit * unit for p in range(count)] + [numbers[at]]
    for begin, end in pairwise(bounds):
        mine = [*numbers[:at], end - begin, *numbers[at + 1 :]]
        placed = tuple(
            (x, by + begin * step) for (x, by), step in zip(whole.operands, steps, strict=True)
        )
        found.append(whole._replace(numbers=numbers_of(mine), operands=placed))
    return found


def _matrices(a: Any, b: Any, out: Any, size: int) -> tuple[Lying, Lying, Lying]:
    """A vector as a row or a column; axes of length 1 have the strides that suit best."""
    shape, strides = list(out.shape), list(out.strides)
    left, right = (a.shape, a.strides), (b.shape, b.strides)
    if len(b.shape) == 1:
        right = (b.shape[0], 1), (b.strides[0], size)
        shape, strides = [*shape, 1], [*strides, size]
    if len(a.shape) == 1:
        left = (1, a.shape[0]), (a.shape[0] * size, a.strides[0])
        shape.insert(-1, 1)
        strides.insert(-1, shape[-1] * size)
    three = (left, right, (tuple(shape), tuple(strides)))
    found = [Lying(tuple(n), tuple(s), out.dtype) for n, s in three]
    return found[0], found[1], found[2]


def _rows(x: Lying, size: int) -> int:
    """The length of a row in numbers, where rows lie in one piece; else 0."""
    (m, n), (far, near) = x.shape[-2:], x.strides[-2:]
    if n > 1 and near != size:
        return 0
    if m == 1:
        return n
    return far // size if far % size == 0 and far >= n * size else 0


def _turned(x: Lying) -> Lying:
    (m, n), (far, near) = x.shape[-2:], x.strides[-2:]
    return Lying((*x.shape[:-2], n, m), (*x.strides[:-2], near, far), x.dtype)


def _step(x: Lying, axis: int, size: int) -> int:
    """From one number of a vector to the next; 0 if BLAS cannot go so."""
    stride, length = x.strides[axis], x.shape[axis]
    if length == 1:
        return 1
    return stride // size if stride > 0 and stride % size == 0 else 0


Call = tuple[int, list[int], tuple[int, ...]]


def _call(a: Lying, b: Lying, out: Lying, size: int, adapters: Blas) -> Call | None:
    m, k = a.shape[-2:]
    n = b.shape[-1]
    if m == n == 1:
        x, y = _step(a, -1, size), _step(b, -2, size)
        return (adapters.dot, [k, x, y], (0, 1, 2)) if x and y else None
    if n == 1 and (found := _vector(a, _step(b, -2, size), _step(out, -2, size), size)):
        return _times_vector(found, adapters), found, (0, 1, 2)
    if m == 1:
        found = _vector(_turned(b), _step(a, -1, size), _step(out, -1, size), size)
        if found:
            return _times_vector(found, adapters), found, (1, 0, 2)
    return _matrix(a, b, out, size, adapters)


_SHORT = 16  # bytes of a register, which has no masks


def _times_vector(numbers: list[int], adapters: Blas) -> int:
    """What multiplies a matrix that lies so by a vector."""
    way, _, _, _, x, _ = numbers
    is_own = way == NONE and x == 1 and register_bytes() > _SHORT
    return rows(adapters.dtype).address("rows") if is_own else adapters.gemv


def _vector(a: Lying, x: int, y: int, size: int) -> list[int]:
    """The numbers of y = a @ x."""
    (m, n), rows, columns = a.shape[-2:], _rows(a, size), _rows(_turned(a), size)
    if not (x and y):
        return []
    if rows:
        return [NONE, m, n, rows, x, y]
    return [TRANSPOSED, n, m, columns, x, y] if columns else []


def _matrix(a: Lying, b: Lying, out: Lying, size: int, adapters: Blas) -> Call | None:
    order = (0, 1, 2)
    if not _rows(out, size):  # then its transpose, which is that of b @ that of a
        a, b, out, order = _turned(b), _turned(a), _turned(out), (1, 0, 2)
    (m, k), n, row = a.shape[-2:], b.shape[-1], _rows(out, size)
    ways, lengths = [], []
    for x in (a, b):
        rows, columns = _rows(x, size), _rows(_turned(x), size)
        ways.append(NONE if rows else TRANSPOSED)
        lengths.append(rows or columns)
    if not (row and all(lengths)):
        return None
    return adapters.gemm, [*ways, m, n, k, *lengths, row], order
