"""Elementwise functions of large arrays: block by block, shared by threads.

A formula such as g·(1 − out²) makes an array for each of its operations. In blocks they stay in
cache, and memory is read and written once. Only formulas that are made of NumPy's operations alone
go in blocks: what loops by itself, such as erf, hands the interpreter's lock from thread to thread
at each turn, and two threads are slower than one.

Results are those of the whole arrays to the last bit. A block that meets a floating-point error
which the caller wants to hear of, or fails in any other way, sends everything back to the whole
arrays, so that warnings and messages are theirs too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd.kernels.parallel.probe import Probe
from autograd.kernels.parallel.threads import share

__all__ = ["LARGE", "flat", "halves", "heard", "in_blocks", "joined", "made_of"]

Array = Any  # an ndarray
Function = Callable[..., Any]

# Elements from which on two threads gain more than they lose to each other: measured with two cores
# and 32 MiB of cache, in single precision, on mean(tanh(ax + b)·σ(x) + exp(−x²)), forward and
# backward, in ms: on 1M elements 9.0 whole and 9.7 in blocks, on 2M 22 and 15, on 4M 50 and 34.
LARGE = 1 << 21
HUGE = 1 << 22  # the same for single operations that only move memory, such as x·y
# Elements of a block: with 64k, 128k, 256k, 512k the 4M above took 20, 18, 16, 19 ms forward
# and 18, 12, 11, 16 backward: small blocks have the threads wait for the interpreter's lock, large
# ones leave the cache. NumPy sums up to 128 in one go; fewer would be summed in another order.
BLOCK = 1 << 18

# Operations that take less time than their operands take to come from memory.
_MOVING = frozenset((
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square, np.absolute,
    np.fabs, np.maximum, np.minimum, np.conjugate, np.sign, np.sqrt, np.floor, np.ceil, np.rint,
    np.trunc, np.copysign,
))  # fmt: skip


def in_blocks(function: Function) -> Function:
    """The same elementwise function, in blocks where its arrays are large and lie in one piece.

    Arrays that are repeated along some axes (numbers, rows, columns) go into the blocks too. What
    is given by name is no array. All other arguments make it a plain call.
    """

    def blocked(*values: Any, **params: Any) -> Any:
        kind = made_of(function, len(values))
        least = HUGE if kind.moves else LARGE
        cut = _cut(values, least) if kind.operations else None
        if cut is None:
            return function(*values, **params)
        try:
            out = _evaluate(function, kind.ufunc, cut, params)
        except Exception:  # noqa: BLE001 - the whole arrays tell of it, as without blocks
            out = None
        return function(*values, **params) if out is None else out

    return blocked


class Cut(NamedTuple):
    """How arrays are cut: along their first axes, joined into one of so many rows."""

    shape: tuple[int, ...]  # of the whole
    rows: int
    step: int  # rows in a block
    whole: list[Any]  # the arguments; those to be cut have the rows as their first axis
    is_cut: list[bool]

    def at(self, rows: slice) -> list[Any]:
        return [v[rows] if cut else v for v, cut in zip(self.whole, self.is_cut, strict=True)]


class Operand(NamedTuple):
    """An argument, as an array of all axes where it is not a number."""

    value: Any
    has: int  # how many leading axes it has in full
    lacks: int  # along how many leading axes it is repeated


def _cut(values: tuple[Any, ...], least: int) -> Cut | None:
    """How to cut the arguments; None if they are not large, not in one piece, or no arrays."""
    arrays = [v for v in values if type(v) is np.ndarray and v.size >= least]
    if not arrays:
        return None
    largest = max(arrays, key=np.size)
    shape = largest.shape
    operands: list[Operand] = []
    for value in values:
        operand = _operand(value, shape)
        if operand is None:
            return None
        operands.append(operand)
    split = min(max(operand.has, operand.lacks) for operand in operands)
    rows = math.prod(shape[:split])
    step = max(1, BLOCK * rows // largest.size)
    if rows <= step or all(operand.has < len(shape) for operand in operands):
        return None
    whole, is_cut = [], []
    for value, _, lacks in operands:
        stays = lacks >= split
        if type(value) is np.ndarray and value.ndim:
            inner = value.shape[split:]
            value = value.reshape(inner if stays else (rows, *inner))
        whole.append(value)
        is_cut.append(not stays)
    return Cut(shape, rows, step, whole, is_cut)


def _operand(value: Any, shape: tuple[int, ...]) -> Operand | None:
    """A number, or an array in one piece that broadcasts to the shape; None for all else."""
    ndim = len(shape)
    if type(value) is not np.ndarray or value.ndim == 0:
        is_number = not hasattr(value, "__array_ufunc__") or type(value) is np.ndarray
        return Operand(value, 0, ndim) if is_number or isinstance(value, np.generic) else None
    there = shape[max(0, ndim - value.ndim) :]
    if value.ndim > ndim or not all(a in (1, b) for a, b in zip(value.shape, there, strict=True)):
        return None
    if 0 in value.strides:
        value = value[tuple(slice(None) if s else slice(1) for s in value.strides)]
    if not value.flags.c_contiguous:
        return None
    value = value.reshape((1,) * (ndim - value.ndim) + value.shape)
    has = _leading(a == b for a, b in zip(value.shape, shape, strict=True))
    return Operand(value, has, _leading(a == 1 for a in value.shape))


def _leading(claims: Any) -> int:
    """How many claims hold before the first that does not."""
    count = 0
    for holds in claims:
        if not holds:
            break
        count += 1
    return count


def _evaluate(function: Function, ufunc: Any, cut: Cut, params: dict[str, Any]) -> Array | None:
    """The function of cut arguments; None if a block does not give what it should."""
    nothing = cut.at(slice(0, 0))
    with np.errstate(**heard()):
        empty = function(*nothing, **params)  # tells the dtype
        if type(empty) is not np.ndarray or any(_is_part(empty, v) for v in nothing):
            return None  # a number, or an argument as it is
        out = np.empty(cut.shape, empty.dtype)
        if empty.shape[:1] != (0,) or cut.rows * math.prod(empty.shape[1:]) != out.size:
            return None
        target = out.reshape(cut.rows, *empty.shape[1:])
        if ufunc is not None:

            def work(rows: slice) -> None:
                ufunc(*cut.at(rows), out=target[rows])
        else:

            def work(rows: slice) -> None:
                part, found = target[rows], function(*cut.at(rows), **params)
                if found.shape != part.shape or found.dtype != part.dtype:
                    raise TypeError("a block is not like the others")
                part[...] = found

        share(work, [slice(i, i + cut.step) for i in range(0, cut.rows, cut.step)])
    return out


def heard() -> dict[str, Any]:
    """The floating-point errors that the caller does not ignore, to be raised."""
    return {kind: "raise" for kind, how in np.geterr().items() if how != "ignore"}


def _is_part(result: Array, argument: Any) -> bool:
    """Whether a result is an argument, or a view of what it is a view of."""
    if type(argument) is not np.ndarray:
        return False
    return result is argument or (result.base is not None and result.base is argument.base)


# ---- flat pieces, and sums over them -------------------------------------------------------------


def flat(value: Any, shape: tuple[int, ...]) -> tuple[Any, bool] | None:
    """A value as pieces want it, and whether it is cut: an array of the shape, made flat, is.

    A number is not. None if it is neither, or does not lie in one piece.
    """
    if type(value) is not np.ndarray:
        return None if hasattr(value, "__array_ufunc__") and np.ndim(value) else (value, False)
    if value.ndim == 0:
        return value, False
    if value.shape != shape:
        return None
    if value.size and not any(value.strides):  # a number, repeated
        return np.broadcast_to(value[(0,) * value.ndim], value.size), True
    return (value.reshape(-1), True) if value.flags.c_contiguous else None


def halves(start: int, stop: int) -> Iterator[slice]:
    """The range cut in two, and its parts again, down to blocks: as NumPy cuts it to sum it up."""
    if stop - start <= BLOCK:
        yield slice(start, stop)
    else:
        middle = start + _half(stop - start)
        yield from halves(start, middle)
        yield from halves(middle, stop)


def joined(sums: Iterator[Any], size: int) -> Any:
    """The sum of `size` elements from those of their `halves`, rounded as NumPy rounds it."""
    if size <= BLOCK:
        return next(sums)
    half = _half(size)
    return joined(sums, half) + joined(sums, size - half)


def _half(size: int) -> int:
    half = size // 2
    return half - half % 8


# ---- what functions are made of ------------------------------------------------------------------


class Made(NamedTuple):
    """What a function is made of."""

    operations: int | None  # of NumPy's; None where it is made of something else too
    ufunc: Any = None  # which, if it is one ufunc of just the function's arguments
    moves: bool = False  # whether it is one operation that only moves memory


@cache
def made_of(function: Function, count: int) -> Made:
    """What an elementwise function of so many arguments is made of."""
    calls: list[Any] = []
    probes = tuple(Probe(calls) for _ in range(count))
    try:
        result = function(*probes)
    except Exception:  # noqa: BLE001 - whatever it wants, probes have it not
        return Made(None)
    if not calls:
        return Made(0 if any(result is probe for probe in probes) else None)
    used, inputs, plain, last = calls[-1]
    if result is not last:
        return Made(None)
    if len(calls) > 1 or not isinstance(used, np.ufunc):
        return Made(len(calls))
    same = len(inputs) == count and all(a is b for a, b in zip(inputs, probes, strict=True))
    return Made(1, used if same and plain else None, used in _MOVING)
