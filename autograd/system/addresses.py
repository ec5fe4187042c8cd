"""Where arrays have their numbers.

NumPy tells it by `x.ctypes.data`, which takes 2 µs for each array. In CPython it is the first field
of an array's object, behind the header that all objects have; whether it is, is looked at once.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import numpy as np

__all__ = ["address_of"]

_field = ctypes.c_void_p.from_address
_HEADER = object.__basicsize__


def _told(x: Any) -> int:
    """The address of an array's first number."""
    return int(x.ctypes.data)


def _read(x: Any) -> int:
    return _field(id(x) + _HEADER).value or 0


def _first_field_is_it() -> bool:
    if sys.implementation.name != "cpython":  # ids are no addresses elsewhere
        return False
    whole = np.arange(12.0).reshape(3, 4)
    arrays = (whole, whole[1:, ::2], whole[::-1], np.zeros(()), np.frombuffer(b"abcdefgh", "i8"))
    return all(_read(x) == _told(x) for x in arrays)


address_of = _read if _first_field_is_it() else _told
