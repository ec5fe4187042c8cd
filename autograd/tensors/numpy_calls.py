"""A call of a function of NumPy's, with its arguments under our names."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.into import into
from autograd.engine.operands import holds_tensor, tensor_types
from autograd.errors import DTypeError
from autograd.ops.reduction import masked  # noqa: F401 (what reductions take of NumPy's)
from autograd.ops.shape.shape import astype
from autograd.tensors.numpy_signatures import signature_of

__all__ = ["exact", "in_our_words"]

_RENAMED = {"a_min": "min", "a_max": "max", "kwargs": ""}
# they say where numbers lie, or how they are found, and nothing about the numbers
_UNSEEN = frozenset(("order", "subok", "device", "like", "casting", "overwrite_input", "copy"))


class _Words(NamedTuple):
    """NumPy's parameters in order, with their defaults; which of ours stand where."""

    theirs: dict[str, Any]
    is_open: bool  # it takes any number of arrays
    ours: tuple[str, ...]  # by position
    given_by_place: frozenset[str]  # of ours, the inputs
    known: frozenset[str]


@functools.cache
def _words(function: Callable[..., Any], mine: Callable[..., Any]) -> _Words:
    theirs = signature_of(function).parameters
    ours = inspect.signature(mine).parameters.values()
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return _Words(
        {n: p.default for n, p in theirs.items() if p.kind != p.VAR_KEYWORD},
        any(p.kind == p.VAR_POSITIONAL for p in theirs.values()),
        tuple(p.name for p in ours if p.kind in by_place),
        frozenset(p.name for p in ours if p.kind == p.POSITIONAL_ONLY),
        frozenset(p.name for p in ours) | _of_form(mine),
    )


def _of_form(mine: Any) -> frozenset[str]:
    """What an op takes beside its own parameters."""
    form = getattr(getattr(mine, "op", None), "form", None)
    return frozenset(inspect.signature(form).parameters) if form is not None else frozenset()


def in_our_words(
    function: Callable[..., Any], mine: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    """NumPy's call as a call of our function of the same name.

    Arguments are sorted by NumPy's own signature, so that positions and names are NumPy's. `out` is
    written to; a `dtype` that our function does not take, its arrays or its result get.
    """
    if not kwargs and len(args) == 1:
        return mine(*args)
    args, kwargs = exact(args), dict(zip(kwargs, exact(tuple(kwargs.values())), strict=True))
    words = _words(function, mine)
    if words.is_open:
        kwargs = {k: v for k, v in kwargs.items() if k in words.known or k not in _UNSEEN}
        out = kwargs.pop("out", None)
        return into(out, mine(*args, **kwargs))
    places, named = _sorted(words, args, kwargs)
    out = named.pop("out", None)
    dtype = None if "dtype" in words.known else named.pop("dtype", None)
    result = mine(*places, **named)
    if dtype is not None:
        casting = kwargs.get("casting", words.theirs.get("casting", "unsafe"))
        if not np.can_cast(result.dtype, dtype, casting):
            raise DTypeError(
                f"np.{function.__name__}: {result.dtype} is not cast to {np.dtype(dtype)} by "
                f"casting={casting!r}"
            )
        result = astype(result, dtype)
    return into(out, result)


def exact(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Lists of numbers beside Tensors of double precision as NumPy reads them, in double."""
    if list not in map(type, values) or not any(
        type(v) in tensor_types and v.dtype.char in "dD" for v in values
    ):
        return values
    return tuple([_read(v) if type(v) is list else v for v in values])


def _read(numbers: list[Any]) -> Any:
    if not numbers or holds_tensor(numbers):
        return numbers
    try:
        array = np.asarray(numbers)
    except ValueError:
        return numbers  # rows of different lengths, such as the widths of a pad
    return array if array.dtype.kind in "fc" else numbers


def _sorted(words: _Words, args: Any, kwargs: Any) -> tuple[list[Any], dict[str, Any]]:
    given = dict(zip(words.theirs, args)) | kwargs  # noqa: B905 (a call gives some of them)
    order = list(words.theirs)
    places: list[Any] = []
    named: dict[str, Any] = {}
    for name in sorted(given, key=lambda n: order.index(n) if n in order else len(order)):
        value = given[name]
        index = order.index(name) if name in order else len(order)
        ours = words.ours[index] if index < len(words.ours) else None
        if value is np._NoValue or (name == "out" and value is None):
            continue
        is_ours = name in words.known
        if index == len(places) and ours is not None and (
            ours in (name, *words.given_by_place) or (not is_ours and ours not in words.theirs)
        ):  # fmt: skip
            places.append(value)
            continue
        if not is_ours and _says_nothing(name, value, words):
            continue
        if name == "kind":
            named |= {"stable": True} if value in ("stable", "mergesort") else {}
            continue
        named[_RENAMED.get(name, name)] = value
    return places, named


def _says_nothing(name: str, value: Any, words: _Words) -> bool:
    default = words.theirs.get(name, inspect.Parameter.empty)
    return name in _UNSEEN or (value is default and name != "out")
