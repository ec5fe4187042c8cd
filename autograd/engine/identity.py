"""Whether tuples hold the very same objects.

`==` would ask objects for their equality, where 1 is True and Tensors make Tensors. In CPython the
items of a tuple are addresses that stand behind its header, and are compared as memory is.
"""

from __future__ import annotations

import ctypes
import sys
from operator import is_
from typing import Any

__all__ = ["are_identical"]

_HEADER = tuple.__basicsize__
_SIZE = tuple.__itemsize__


def _one_by_one(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return len(a) == len(b) and all(map(is_, a, b))


def _as_memory(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    size = len(a)
    return size == len(b) and not _compared(id(a) + _HEADER, id(b) + _HEADER, size * _SIZE)


def _in_c() -> Any:
    """C's memcmp, if tuples lie so."""
    if sys.implementation.name != "cpython":
        return None
    try:
        address = ctypes.cast(ctypes.CDLL(None).memcmp, ctypes.c_void_p).value
    except (OSError, AttributeError, TypeError):
        return None
    found = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    some = tuple([object() for _ in range(5)])
    items = (ctypes.c_void_p * 5).from_address(id(some) + _HEADER)
    return found(address or 0) if list(items) == list(map(id, some)) else None


_compared = _in_c()
are_identical = _one_by_one if _compared is None else _as_memory
