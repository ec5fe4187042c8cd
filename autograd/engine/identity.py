"""Whether places hold the very same objects as before: read in one go, compared in one go.

`==` would ask objects for their equality, where 1 is True and Tensors make Tensors. In CPython the
items of a tuple are addresses that stand behind its header, and are compared as memory is.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["Expressions", "identities"]

_HEADER, _SIZE = tuple.__basicsize__, tuple.__itemsize__


class Expressions:
    """Expressions of Python over objects, which are read as one tuple."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def bind(self, value: Any) -> str:
        """The name of an object in them."""
        name = self._names.setdefault(id(value), f"x{len(self._names)}")
        self._known[name] = value
        return name

    def reader(self, expressions: Iterable[str], arguments: str = "") -> Callable[..., Any]:
        """A function of these arguments that reads all, each one an object or `*several`."""
        code = _code(arguments, ", ".join(filter(None, expressions)))
        return eval(code, self._known)  # type: ignore[no-any-return]  # noqa: S307


@lru_cache(maxsize=512)
def _code(arguments: str, parts: str) -> CodeType:
    text = f"lambda {arguments}: ({parts}{',' * bool(parts)})"
    return compile(text, "<what a call finds>", "eval")


def identities(items: tuple[Any, ...]) -> Callable[[tuple[Any, ...]], bool]:
    """What tells whether another tuple has the same objects, in the same places.

    It does not hold them: as long as they live, nobody else is there.
    """
    if _compared is None:
        known = [*map(id, items)]
        return lambda others: [*map(id, others)] == known
    count, size, compared = len(items), _SIZE * len(items), _compared
    copy = ctypes.create_string_buffer(_memory(items), size + 1)
    address = ctypes.addressof(copy)

    def are_those(others: tuple[Any, ...], copy: Any = copy) -> bool:
        return len(others) == count and not compared(id(others) + _HEADER, address, size)

    return are_those


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
