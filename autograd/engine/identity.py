"""Whether tuples hold the very same objects as before.

`==` would ask objects for their equality, where 1 is True and Tensors make Tensors. In CPython the
items of a tuple are addresses that stand behind its header, and are compared as memory is.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

__all__ = ["Identities"]

_HEADER, _SIZE = tuple.__basicsize__, tuple.__itemsize__


class Identities:
    """Which objects a tuple holds, without holding them: as long as they live, nobody else does."""

    __slots__ = ("_address", "_known", "_size")

    def __init__(self, items: tuple[Any, ...]) -> None:
        self._size = size = _SIZE * len(items)
        if _compared is None:
            self._known: Any = [*map(id, items)]
        else:
            self._known = ctypes.create_string_buffer(_memory(items), size + 1)
            self._address = ctypes.addressof(self._known)

    def are_of(self, items: tuple[Any, ...]) -> bool:
        """Whether another tuple holds the same objects, in the same places."""
        if _compared is None:
            return [*map(id, items)] == self._known
        size = self._size
        return len(items) * _SIZE == size and not _compared(id(items) + _HEADER, self._address, size)


def _memory(items: tuple[Any, ...]) -> bytes:
    return ctypes.string_at(id(items) + _HEADER, _SIZE * len(items))


def _in_c() -> Any:
    """C's memcmp, if tuples lie so."""
    some = tuple([object() for _ in range(5)])
    if sys.implementation.name != "cpython":
        return None
    if _memory(some) != b"".join(id(x).to_bytes(_SIZE, sys.byteorder) for x in some):
        return None
    try:
        address = ctypes.cast(ctypes.CDLL(None).memcmp, ctypes.c_void_p).value
    except (OSError, AttributeError, TypeError):
        return None
    kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    return ctypes.PYFUNCTYPE(ctypes.c_int, *kinds)(address or 0)


_compared = _in_c()
