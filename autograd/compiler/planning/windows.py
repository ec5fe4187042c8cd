"""How arrays lie in memory: strides as NumPy would choose them, views as windows.

Sums depend to the last bit on the order in which numbers lie, so a plan keeps the order that NumPy
gives to what a ufunc makes of arrays that are turned.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.schedule import contiguous

__all__ = ["Window", "is_contiguous", "is_join", "is_static", "windows"]

Shape = tuple[int, ...]


class Window(NamedTuple):
    """Where the numbers of an instruction lie: in the memory of a `root`, from an offset on."""

    root: Instruction
    offset: int  # in bytes
    strides: Shape  # in bytes


def windows(
    instructions: Sequence[Instruction],
    given: Mapping[Instruction, Shape],
    free: bool = False,
    results: Collection[Instruction] = (),
) -> dict[Instruction, Window]:
    """The window of each instruction; views that NumPy would copy are roots themselves.

    `given` are the strides of sources and calls, where they do not lie as C's arrays. Where the
    order is `free`, repeated numbers have no say in how what is made of them and others lies, and
    a product lies turned over that is read so alone, and is none of the `results`.
    """
    found: dict[Instruction, Window] = {}
    over = _read_turned_over(instructions, results) if free else set()
    for x in instructions:
        if not is_static(x):
            found[x] = Window(x, 0, ())
            continue
        seen = _seen_through(x, found) if x.kind == "view" and is_static(x.inputs[0]) else None
        found[x] = seen or Window(x, 0, _strides(x, found, given, free, x in over))
    return found


def _read_turned_over(
    instructions: Sequence[Instruction], results: Collection[Instruction]
) -> set[Instruction]:
    """Products that are read by transposes alone, or by what computes number by number and is."""
    readers: dict[Instruction, list[Instruction]] = {}
    for x in instructions:
        for i in x.inputs:
            if type(i) is Instruction:
                readers.setdefault(i, []).append(x)
    over: set[Instruction] = set()
    for x in reversed(instructions):
        if x.kind not in ("product", "elementwise") or x not in readers or x in results:
            continue
        if all(_turns_over(r) or (r in over and r.shape == x.shape) for r in readers[x]):
            over.add(x)
    return {x for x in over if x.kind == "product"}


def _turns_over(x: Instruction) -> bool:
    """Whether it is a view in which the rows of matrices are columns."""
    if x.kind != "view" or x.name != "transpose":
        return False
    rank = len(x.params[0])
    return rank > 1 and x.params[0] == (*range(rank - 2), rank - 1, rank - 2)


def is_static(x: Any) -> bool:
    """Whether an operand is an array or number whose shape and dtype are known."""
    return type(x) is Instruction and x.shape is not None and x.dtype is not None


def is_join(x: Instruction) -> bool:
    """Whether it joins arrays of its own dtype along an axis, which is a copy of each."""
    parts = [i for i in x.inputs if is_static(i) and i.dtype == x.dtype]
    return (
        x.name == "concatenate" and x.kind == "call" and is_static(x)
        and len(parts) == len(x.inputs) and x.params[0] is not None
    )  # fmt: skip


def is_contiguous(shape: Shape, strides: Shape, size: int) -> bool:
    """Whether an array lies in the order of C; where an axis has one element it has no stride."""
    plain = contiguous(shape, size)
    if strides == plain or 0 in shape:
        return True
    return all(n == 1 or s == p for n, s, p in zip(shape, strides, plain, strict=True))


def _strides(
    x: Instruction, found: Mapping[Instruction, Window], given: Mapping[Instruction, Shape],
    free: bool, is_over: bool,
) -> Shape:  # fmt: skip
    """How a new array lies; matrices that are turned `over` by columns."""
    assert x.dtype is not None
    assert x.shape is not None
    size = x.dtype.itemsize
    plain = contiguous(x.shape, size)
    if x.kind == "constant":
        return np.asarray(x.params[0]).strides
    if x.kind in ("source", "call", "part") and not is_join(x):
        return given.get(x, plain)
    operands = [(i, found[i].strides) for i in x.inputs if is_static(i) and i.shape]
    if is_over:
        plain = (*plain[:-2], size, size * max(x.shape[-2], 1))
    if free and x.kind == "elementwise":
        whole = [(i, s) for i, s in operands if i.shape == x.shape and _is_whole(i.shape, s)]
        operands = whole or operands
    if x.kind == "view" or all(is_contiguous(i.shape, s, i.dtype.itemsize) for i, s in operands):
        return plain
    if x.kind == "elementwise":
        return _turned(tuple((i.shape, s) for i, s in operands), x.shape, size)
    if x.kind == "call":
        return _of_joined(tuple(s for _, s in operands), x.shape, size)
    if x.kind == "reduce" and x.name not in ("argmax", "argmin"):
        ((operand, strides),) = operands
        return _of_reduced(operand.shape, strides, *x.params, size)
    if x.kind == "product":  # NumPy turns the axes of a stack
        stacks = tuple((i.shape[:-2], s[:-2]) for i, s in operands if i.shape[:-2])
        if stacks:
            each = size * max(x.shape[-2], 1) * max(x.shape[-1], 1)
            return (*_turned(stacks, x.shape[:-2], each), *plain[-2:])
    return plain


def _is_whole(shape: Shape, strides: Shape) -> bool:
    """Whether no number stands in several places."""
    return all(s or n == 1 for n, s in zip(shape, strides, strict=True))


@lru_cache(maxsize=4096)
def _turned(operands: tuple[tuple[Shape, Shape], ...], shape: Shape, size: int) -> Shape:
    """The strides of what a ufunc makes of arrays with these."""
    dummies: list[Any] = [_dummy(own, strides) for own, strides in operands]
    flags: list[Any] = [["readonly"]] * len(dummies) + [["writeonly", "allocate"]]
    with np.nditer([*dummies, None], ["zerosize_ok"], flags, [None] * len(dummies) + ["V1"]) as it:
        return tuple(s * size for s in it.operands[-1].strides)


@lru_cache(maxsize=4096)
def _of_joined(parts: tuple[Shape, ...], shape: Shape, size: int) -> Shape:
    """The strides of arrays that are joined: their axes in the order of those of the parts."""
    two = (2,) * len(shape)
    order = _turned(tuple((two, part) for part in parts), two, size)
    found, step = [0] * len(shape), size
    for axis in sorted(range(len(shape)), key=lambda a: order[a]):
        found[axis] = step
        step *= max(shape[axis], 1)
    return tuple(found)


@lru_cache(maxsize=4096)
def _of_reduced(shape: Shape, strides: Shape, axes: Shape, keepdims: bool, size: int) -> Shape:
    kept = [a for a in range(len(shape)) if a not in axes]
    lengths = tuple(shape[a] for a in kept)
    inner = _turned(((lengths, tuple(strides[a] for a in kept)),), lengths, size)
    rest = iter(inner)
    return (
        tuple(size if a in axes else next(rest) for a in range(len(shape))) if keepdims else inner
    )


def _dummy(shape: Shape, strides: Shape) -> Any:
    """An array that is never read."""
    return np.lib.stride_tricks.as_strided(_nothing, shape, strides)


_nothing = np.empty(1, "V1")


def _seen_through(x: Instruction, found: Mapping[Instruction, Window]) -> Window | None:
    """A view's window on what its operand is a window on; None where NumPy would copy."""
    operand = x.inputs[0]
    root, offset, strides = found[operand]
    if x.name == "transpose":
        return Window(root, offset, tuple(strides[a] for a in x.params[0]))
    if x.name == "reshape" and is_contiguous(operand.shape, strides, operand.dtype.itemsize):
        return Window(root, offset, contiguous(x.shape, x.dtype.itemsize))  # type: ignore[union-attr]
    found_at = _looked_at(operand.shape, strides, x.name, _key(x.params[0]))
    return None if found_at is None else Window(root, offset + found_at[0], found_at[1])


def _key(param: Any) -> Any:
    """A parameter that can be looked up: slices cannot."""
    if not isinstance(param, tuple):
        return param
    return tuple(("", p.start, p.stop, p.step) if type(p) is slice else p for p in param)


@lru_cache(maxsize=4096)
def _looked_at(shape: Shape, strides: Shape, name: str, param: Any) -> tuple[int, Shape] | None:
    whole = _dummy(shape, strides)
    if name == "slice":
        index = tuple(slice(*p[1:]) if type(p) is tuple else p for p in param)
        part = whole[(*index, ...)]  # an array, also of one number
    elif name == "broadcast_to":
        part = np.broadcast_to(whole, param)
    else:
        try:
            part = whole.reshape(param, copy=False)
        except ValueError:
            return None
    offset = part.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    return offset, part.strides
