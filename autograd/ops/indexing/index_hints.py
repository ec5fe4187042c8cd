"""What an index means, in words: its normal form, and what is wrong with one."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic, symbol_in
from autograd.errors import InPlaceError

__all__: list[str] = []

Shape = tuple[int, ...]


_PLAIN = frozenset((int, type(None), type(Ellipsis)))


def is_plain(key: Any) -> bool:
    """Whether an index is of Python's integers, slices of such, None and ... alone, as most are."""
    for part in key if type(key) is tuple else (key,):
        if type(part) is slice:
            if not (
                type(part.start) in _PLAIN
                and type(part.stop) in _PLAIN
                and type(part.step) in _PLAIN
            ):
                return False
        elif type(part) not in _PLAIN:
            return False
    return True


def normal_index(key: Any, writes: bool = False) -> Any:
    """An index as NumPy takes it: Tensors become arrays or integers, lists become arrays.

    A symbol stays one, unless the index says where to write.
    """
    if isinstance(key, tuple):
        return tuple(normal_index(part, writes) for part in key)
    if isinstance(key, np.ndarray):
        return key
    if key is None or key is Ellipsis or isinstance(key, (int, np.generic)):
        return key
    if isinstance(key, slice):
        parts = (key.start, key.stop, key.step)
        if all(part is None or isinstance(part, int) for part in parts):
            return key
        return slice(*(getattr(part, "_value", part) for part in parts))
    value = getattr(key, "_value", None)
    if value is not None:
        return value
    if writes:
        refuse_symbol(key)
    if isinstance(key, str) or is_symbolic(key):
        return key
    array = np.asarray(key)
    return array if array.size else array.astype(np.intp)  # NumPy reads x[[]] so


def refuse_symbol(value: Any) -> None:
    """Raise where a Tensor would have to hold what stands for numbers."""
    symbol = symbol_in(value)
    if symbol is not None:
        raise InPlaceError(
            f"x[i] = v: a Tensor holds no {type(symbol).__name__}, which stands for numbers.\n"
            "  Write x = autograd.setitem(x, v, i)."
        )


def index_parts(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def selected(shape: Shape, index: Any) -> Any:
    """What an index selects from an array of this shape; the array itself takes no memory."""
    return np.broadcast_to(np.False_, shape)[index]


def describe(index: Any) -> str:
    shown = []
    for part in index_parts(index):
        if isinstance(part, slice):
            ends = ("" if p is None else str(p) for p in (part.start, part.stop, part.step))
            shown.append(":".join(ends).removesuffix(":") or ":")
        elif isinstance(part, np.ndarray):
            shown.append(f"{part.dtype}{list(part.shape)}")
        else:
            shown.append("..." if part is Ellipsis else str(part))
    return f"[{', '.join(shown)}]"


def explain(x: Any, index: Any) -> str | None:
    """What is wrong with an index of x, and the likely fix; None if nothing is."""
    shape, name = np.shape(x), getattr(x, "name", None) or "x"
    index = normal_index(index)
    try:
        selected(shape, index)
    except IndexError as error:
        text = str(error).strip()
        fix = _fix(text, shape, index, name)
        return f"{text}; {name} is {shape}, the index is {describe(index)}.{fix}"
    return None


def _fix(text: str, shape: Shape, index: Any, name: str) -> str:
    if found := re.search("out of bounds for axis .* with size ([0-9]+)", text):
        size = int(found[1])
        return f"\n  Valid are {-size} to {size - 1}." if size else "\n  That axis is empty."
    if text.startswith("too many indices"):
        return f"\n  A 0-d Tensor has one element: {name}[()]." if not shape else ""
    if text.startswith("boolean index"):
        return _mask_fix(shape, index, name)
    if text.startswith("shape mismatch"):
        return (
            "\n  Index arrays are read side by side; for every combination of rows and columns use "
            f"{name}[numpy.ix_(rows, columns)]."
        )
    if "integer" in text:
        return "\n  Positions must be integers, i.astype('int64'); a mask must be boolean, x > 0."
    return ""


def _mask_fix(shape: Shape, index: Any, name: str) -> str:
    if isinstance(index, np.ndarray):
        for axis in range(1, len(shape) - index.ndim + 1):
            if shape[axis : axis + index.ndim] == index.shape:
                return f"\n  The mask fits further back: did you mean {name}[{':, ' * axis}mask]?"
    return "\n  A mask has the shape of the axes in whose place it stands."
