"""The names that the code of a call mentions: its own, its helpers', its objects' classes'."""

from __future__ import annotations

import dis
import functools
from collections.abc import Iterator
from io import IOBase
from types import CodeType, FunctionType, MethodType
from typing import Any
from weakref import ProxyTypes, ReferenceType

__all__ = [
    "DEEPEST", "LONGEST", "codes", "is_library", "is_named", "is_of_a_user", "iterators_of",
    "nested_codes", "stored_in", "strong",
]  # fmt: skip

LIBRARIES = ("autograd", "nn", "optim", "numpy", "scipy", "builtins", "torch", "keras")
LONGEST = 100_000  # items of a list that are looked at
DEEPEST = 6


def codes(function: Any, seen: set[int], depth: int = 0) -> Iterator[CodeType]:
    """The code of a call, of functions that it refers to, and of their objects' classes."""
    function = strong(function)
    if id(function) in seen or depth > DEEPEST:
        return
    seen.add(id(function))
    if isinstance(function, functools.partial):
        yield from codes(function.func, seen, depth)
    elif isinstance(function, MethodType):
        yield from codes(function.__func__, seen, depth)
        yield from codes(function.__self__, seen, depth)
    elif isinstance(function, FunctionType):
        if depth and is_named(function.__module__):
            return
        yield from nested_codes(function.__code__)
        for part in _referred(function):
            yield from codes(part, seen, depth + 1)
    elif isinstance(function, type):
        if not is_library(function):
            for name, part in vars(function).items():
                if name == "__init__":
                    continue  # which sets names that a call may not look at
                plain = part.__func__ if isinstance(part, (classmethod, staticmethod)) else part
                plain = plain.fget if isinstance(plain, property) else plain
                if isinstance(plain, FunctionType):
                    yield from codes(plain, seen, depth)
            for base in function.__bases__:
                yield from codes(base, seen, depth)
    elif hasattr(type(function), "named_buffers"):
        for _, module in function.named_modules():
            yield from codes(type(module), seen, depth)
    elif isinstance(function, (list, tuple)):
        for part in function[:LONGEST]:
            yield from codes(part, seen, depth + 1)
    elif isinstance(function, dict):
        yield from codes(list(function.values()), seen, depth)
    elif is_of_a_user(type(function)):
        yield from codes(type(function), seen, depth)


@functools.cache
def stored_in(code: CodeType) -> frozenset[str]:
    """The attributes that a code sets."""
    found = {x.argval for x in dis.get_instructions(code) if x.opname == "STORE_ATTR"}
    if "setattr" in code.co_names:
        found.update(x for x in code.co_consts if type(x) is str and x.isidentifier())
    return frozenset(found)


def iterators_of(function: Any) -> Iterator[str]:
    """The iterators that the code of a function itself refers to, which it would use up."""
    owner = getattr(function, "__self__", None)
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType):
        return
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if _is_iterator(_content(cell)):
            yield name
    held = getattr(owner, "__dict__", {})
    for x in (x for code in nested_codes(function.__code__) for x in dis.get_instructions(code)):
        if x.opname == "LOAD_GLOBAL" and _is_iterator(function.__globals__.get(x.argval)):
            yield x.argval
        elif x.opname == "LOAD_ATTR" and _is_iterator(held.get(x.argval)):
            yield f"self.{x.argval}"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # not yet filled in


def _is_iterator(value: Any) -> bool:
    is_proxy = type(value) in ProxyTypes  # whose class has every method there is
    return not is_proxy and isinstance(value, Iterator) and not isinstance(value, IOBase)


def nested_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from nested_codes(part)


def _referred(function: Any) -> Iterator[Any]:
    for code in nested_codes(function.__code__):
        for name in code.co_names:
            if name in function.__globals__:
                yield function.__globals__[name]
    for cell in function.__closure__ or ():
        yield _content(cell)


def strong(value: Any) -> Any:
    """What a weak reference or proxy stands for now; any other value as it is."""
    if isinstance(value, ReferenceType):
        return value()
    if type(value) in ProxyTypes:
        try:
            return value.__init__.__self__
        except ReferenceError:
            return None
    return value


def is_named(module: str | None) -> bool:
    return (module or "").partition(".")[0] in LIBRARIES


def is_library(kind: type) -> bool:
    return is_named(kind.__module__)


def is_of_a_user(kind: type) -> bool:
    return not is_library(kind) or kind.__name__ in ("SimpleNamespace", "Namespace")
