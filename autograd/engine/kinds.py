"""Kinds of arguments: what an annotation stands for, in words and as a test of values.

`int | Sequence[int]` is "a whole number or a sequence of whole numbers". Annotations are read as
they are written; names of unions (`Sizes`) are looked up where the function was written.
"""

from __future__ import annotations

import functools
import re
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

__all__ = [
    "KINDS", "Device", "Kind", "declare", "is_index", "is_number", "is_one_of", "is_tensor",
    "is_whole", "kinds_of",
]  # fmt: skip


def is_whole(value: Any) -> bool:
    """Whether it is a whole number: Python's, NumPy's, or an array or Tensor of no axes."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    return _is_scalar(value, "iu") or is_index(value)  # a timedelta64 is an integer for NumPy


def is_index(value: Any) -> bool:
    """Whether it is a whole number of another library: what Python takes as an index."""
    return (
        hasattr(type(value), "__index__")
        and not isinstance(value, int)
        and not hasattr(value, "dtype")
    )


def is_number(value: Any) -> bool:
    """Whether it is a real number, also as an array or Tensor of no axes that needs no gradient."""
    if isinstance(value, (int, float)):
        return not isinstance(value, bool)
    is_real = _is_scalar(value, "iuf") and not getattr(value, "requires_grad", False)
    return is_real or is_index(value)


def _is_scalar(value: Any, dtypes: str) -> bool:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind in [*dtypes] and getattr(value, "ndim", 1) == 0


def is_flag(value: Any) -> bool:
    """Whether it is a boolean, also as an array or Tensor of no axes; 0 and 1 count as such."""
    if isinstance(value, (bool, np.bool_)) or _is_scalar(value, "b"):
        return True
    return is_whole(value) and value in (0, 1)


def is_tensor(value: Any) -> bool:
    return hasattr(type(value), "_value") and hasattr(type(value), "_node")


def is_array(value: Any, depth: int = 64) -> bool:
    """Whether it may hold numbers: a Tensor, an array of any library, a number, a list."""
    dtype = getattr(value, "dtype", None)
    if dtype is not None and not isinstance(value, type):
        return getattr(dtype, "kind", "f") in [*"biufc"]
    if isinstance(value, int):
        return abs(value) < 2**64
    if isinstance(value, (list, tuple)):  # NumPy's arrays have 64 axes at most
        return not value or (depth > 0 and is_array(value[0], depth - 1))
    if isinstance(value, (memoryview, bytearray)) or type(value).__module__ == "array":
        return True  # memory that NumPy reads as it is
    return isinstance(value, (float, complex)) or any(
        hasattr(type(value), protocol)
        for protocol in ("__autograd_op__", "__array_ufunc__", "__array__", "__array_interface__")
    )


def is_dtype(value: Any) -> bool:
    if hasattr(value, "__array__") and not isinstance(value, (type, str)):
        return False  # an array has a dtype, and is none
    try:
        return value is not None and np.dtype(value).kind in "biufc"
    except (TypeError, ValueError, SyntaxError, RecursionError):
        return False


def is_text(value: Any) -> bool:
    return isinstance(value, (str, bytes))


def is_sequence(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, Sequence) and not is_text(value)


def is_iterable(value: Any) -> bool:
    return hasattr(value, "__iter__") and not is_text(value) and getattr(value, "ndim", 1) != 0


Device: TypeAlias = Any  # of functions that make arrays: all is done on the CPU


class Kind(NamedTuple):
    """One thing that an argument can be: in words, and as a test of values no type tells."""

    words: str
    fits: Callable[[Any], bool]
    plain: frozenset[type] = frozenset()  # types that always fit


KINDS = {
    "Array": Kind("a Tensor, an array or numbers", is_array),
    "Dataset": Kind(
        "a dataset, with len() and items by index, or an iterable",
        lambda v: (hasattr(v, "__getitem__") or hasattr(v, "__iter__")) and not is_text(v),
    ),
    "Callable": Kind("a function", callable),
    "Constants": Kind("numbers", lambda v: is_array(v) and not getattr(v, "requires_grad", False)),
    "Device": Kind(
        "'cpu' (all is done on the CPU)",
        lambda v: v is None or str(v) == "cpu",
        frozenset([type(None)]),
    ),
    "Iterable": Kind("an iterable", is_iterable, frozenset([list, tuple])),
    "Mapping": Kind("a dict", lambda v: hasattr(v, "keys"), frozenset([dict])),
    "None": Kind("None", lambda v: v is None, frozenset([type(None)])),
    "Tensor": Kind("a Tensor", is_tensor),
    "bool": Kind("True or False", is_flag, frozenset([bool, np.bool_])),
    "dtype": Kind("a dtype such as 'float32'", is_dtype),
    "float": Kind("a number", is_number, frozenset([float, int, np.float64, np.int64])),
    "int": Kind("a whole number", is_whole, frozenset([int, np.int64])),
    "np.ndarray": Kind("an array", lambda v: isinstance(v, (np.ndarray, np.generic))),
    "os.PathLike": Kind("a path", lambda v: hasattr(v, "__fspath__")),
    "rng": Kind(
        "a numpy.random.Generator or a whole number that seeds one",
        lambda v: isinstance(v, np.random.Generator) or is_whole(v),
        frozenset([int, np.int64]),
    ),
    "str": Kind("a string", lambda v: isinstance(v, str), frozenset([str])),
    "type": Kind("a class", lambda v: isinstance(v, type)),
}
_SPELLED = {
    "np.random.Generator": "rng",
    "npt.DTypeLike": "dtype",
    "Rng": "rng | None",
    "Params": "Any",  # `optim.base.checks` says more of what is none,
    "Tensors": "Any",  # and `nn.utils.clip_grad`
}
_SEQUENCES = ("Sequence", "list", "tuple")
_COUNTS = {2: "two", 3: "three"}
_PLURALS = {"a whole number": "whole numbers", "a number": "numbers", "True or False": "booleans"}


def declare(annotation: str, words: str, fits: Callable[[Any], bool]) -> None:
    """Say what an annotation stands for, such as the name of a class."""
    KINDS[annotation] = Kind(words, fits)


def kinds_of(annotation: str, names: dict[str, Any]) -> tuple[Kind, ...] | None:
    """The alternatives of an annotation; None if it says nothing that could be checked.

    `names` are those that were known where it was written.
    """
    return _kinds(re.sub(r"[A-Za-z_][\w.]*", lambda found: _spelled(found[0], names), annotation))


def _spelled(name: str, names: dict[str, Any]) -> str:
    """A name for a union of types, written out."""
    meaning = _SPELLED.get(name) or names.get(name, name)
    if isinstance(meaning, type) and not hasattr(meaning, "__args__"):
        return meaning.__name__ if meaning in (int, float) else name
    if isinstance(meaning, types.UnionType) or hasattr(meaning, "__args__"):
        meaning = re.sub(r"[\w.]+\.(\w+)", r"\1", str(meaning)).replace("Generator", "rng")
    return _spelled_again(meaning) if isinstance(meaning, str) and name not in KINDS else name


def _spelled_again(text: str) -> str:
    return re.sub(r"[\w.]+", lambda found: _SPELLED.get(found[0], found[0]), text)


@functools.cache
def _kinds(annotation: str) -> tuple[Kind, ...] | None:
    found: list[Kind] = []
    for part in _split(annotation, "|"):
        kind = _kind(part)
        if kind is None:
            return None
        found.append(kind)
    return tuple(found)


def _split(text: str, sign: str) -> list[str]:
    """The parts of an annotation between signs that stand in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == sign and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _kind(annotation: str) -> Kind | None:
    name, _, inside = annotation.partition("[")
    if name not in _SEQUENCES:
        return KINDS.get(name)
    items = [part for part in _split(inside[:-1], ",") if part != "..."]
    parts = [kinds for kinds in map(_kinds, items) if kinds is not None]
    if len(parts) < len(items):
        return Kind("a sequence", is_sequence)
    return _sequence(parts, fixed=name == "tuple" and "..." not in inside)


def _sequence(parts: list[tuple[Kind, ...]], fixed: bool) -> Kind:
    """A sequence whose items are all of one kind, or (fixed) one of each."""
    items = _PLURALS.get(parts[0][0].words, "items")
    words = f"{_COUNTS.get(len(parts), len(parts))} {items}" if fixed else f"a sequence of {items}"

    def fits(value: Any) -> bool:
        if not is_sequence(value) or (fixed and len(value) != len(parts)):
            return False
        each = parts if fixed else parts * len(value)
        return all(is_one_of(item, kinds) for item, kinds in zip(value, each, strict=True))

    return Kind(words, fits)


def is_one_of(value: Any, kinds: tuple[Kind, ...]) -> bool:
    return any(type(value) in kind.plain or kind.fits(value) for kind in kinds)
