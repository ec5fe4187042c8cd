"""Arrays of buffers, for what Python runs: in a frame's memory, or in what a run was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.native.frames import Frame, Places
from autograd.compiler.schedule import Buffer, whole
from autograd.system.addresses import address_of

__all__ = ["array_getter", "getter", "has_own_places", "laid_out", "lies_so", "window"]


def getter(frame: Frame, places: Places, x: Any) -> Callable[[], Any]:
    """What gives a buffer's array, or NumPy's scalar where it has no axes; a number as it is."""
    if not isinstance(x, Buffer):
        return lambda: x
    get = array_getter(frame, places, x)
    if x.shape != ():
        return get

    def scalar() -> Any:
        found = get()
        return found[()] if isinstance(found, np.ndarray) else found

    return scalar


def array_getter(frame: Frame, places: Places, x: Buffer) -> Callable[[], Any]:
    """What gives a buffer's array, also where it has no axes."""
    root, offset = places.root(x)
    number, values = root.number, frame.values
    if root.place == "constant" and x is root:
        fixed = places.constant(root)
        return lambda: fixed
    if root.shape is None:
        return lambda: values[number]
    if number in places.cells and x is root and x.place == "source":
        return lambda: values[number]  # as it was given, perhaps Python's
    if root.place == "arena" or number in places.cells:
        at = places.cells.get(number, root.offset) + offset
        view = frame.view(x.shape, x.dtype, x.strides, at)
        return lambda: view
    if root.place == "constant":
        part = window(places.constant(root), x, offset)
        return lambda: part
    if x is root:
        return lambda: values[number]
    return lambda: window(whole(values[number], root), x, offset)


def window(array: Any, buffer: Buffer, offset: int) -> Any:
    """The window of a buffer on the array of its root."""
    assert buffer.shape is not None
    assert buffer.dtype is not None
    if 0 in buffer.shape:
        return np.empty(buffer.shape, buffer.dtype)
    if array.flags.c_contiguous:
        return np.ndarray(buffer.shape, buffer.dtype, array, offset, buffer.strides)
    return np.asarray(_Interface(array, buffer, offset))


class _Interface:
    """A part of an array's memory, as NumPy asks for it."""

    def __init__(self, array: Any, buffer: Buffer, offset: int) -> None:
        assert buffer.shape is not None
        assert buffer.dtype is not None
        self.array = array  # which must live as long as this does
        self.__array_interface__ = {
            "shape": buffer.shape, "strides": buffer.strides, "typestr": buffer.dtype.str,
            "data": (address_of(array) + offset, not array.flags.writeable), "version": 3,
        }  # fmt: skip


def lies_so(array: Any, buffer: Buffer) -> bool:
    """Whether an array of the right shape lies as a buffer says, where that makes a difference."""
    if array.strides == buffer.strides:
        return bool(array.flags.aligned)
    pairs = zip(array.shape, array.strides, buffer.strides, strict=True)
    return bool(array.flags.aligned) and (
        not array.size or all(n == 1 or s == b for n, s, b in pairs)
    )


def has_own_places(array: Any) -> bool:
    """Whether each number has a place of its own, so that other numbers may lie so too."""
    reach = array.itemsize
    for stride, n in sorted(
        (abs(s), n) for s, n in zip(array.strides, array.shape, strict=True) if n != 1
    ):
        if stride < reach:
            return False
        reach = stride * n
    return True


def laid_out(array: Any, buffer: Buffer) -> Any:
    """A copy that lies as a buffer says."""
    assert buffer.shape is not None
    assert buffer.dtype is not None
    order = sorted(range(len(buffer.shape)), key=lambda a: -abs(buffer.strides[a]))
    turned = np.empty([buffer.shape[a] for a in order], buffer.dtype)
    back = np.argsort(order) if order else ()
    found = turned.transpose(back)
    found[...] = array
    if not lies_so(found, buffer):
        return _strided(array, buffer)
    return found


def _strided(array: Any, buffer: Buffer) -> Any:
    """The same where rows do not follow each other closely, or run backwards."""
    assert buffer.shape is not None
    assert buffer.dtype is not None
    spans = [(n - 1) * s for n, s in zip(buffer.shape, buffer.strides, strict=True)]
    low, high = sum(min(s, 0) for s in spans), sum(max(s, 0) for s in spans)
    memory = np.empty(high - low + buffer.dtype.itemsize, np.uint8)
    found: Any = np.ndarray(buffer.shape, buffer.dtype, memory, -low, buffer.strides)
    found[...] = array
    return found
