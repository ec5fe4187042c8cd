"""What the parts of a traced call are called: arguments by parameter, state by its module."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import CONSTANT, DRAW, INPUT, PARAMETER, STATE, WRITE
from autograd.graph.pytree import flat, is_record, parts_of

__all__ = [
    "HELD",
    "SOURCES",
    "argument_names",
    "attributes",
    "called",
    "name_state",
    "parameter_names",
    "replaced",
]

HELD = (PARAMETER, STATE, CONSTANT)  # what was there when the call came to it
SOURCES = (INPUT, *HELD, DRAW)


def argument_names(function: Callable[..., Any], args: Any, kwargs: Any) -> Iterator[str]:
    """The names of the arrays among the arguments: `x`, `batch[0]`, `batch['mask']`."""
    for name, value in zip(parameter_names(function, len(args)), args, strict=True):
        yield from _names_in(name, value)
    for name, value in kwargs.items():
        yield from _names_in(name, value)


def parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    """What a function calls its first positional arguments."""
    called = function.forward if _is_module(function) else function  # type: ignore[attr-defined]
    try:
        parameters = [*inspect.signature(called).parameters.values()]
    except (TypeError, ValueError):  # of what is not written in Python
        parameters = []
    names = [p.name for p in parameters][:count]
    names += [f"args[{i}]" for i in range(len(names), count)]
    rest = [(n, p.name) for n, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL]
    for start, name in rest:
        names[start:] = [f"{name}[{i - start}]" for i in range(start, count)]
    return names


def _names_in(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, (tuple, list)):
        for i, part in enumerate(value):
            yield from _names_in(f"{name}[{i}]", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _names_in(f"{name}[{key!r}]", part)
    elif is_record(value):
        for key, part in parts_of(value).items():
            yield from _names_in(f"{name}.{key}", part)
    elif type(value) in tensor_types or isinstance(value, (np.ndarray, np.generic)):
        yield name


def called(function: Any) -> str:
    """The name of a function, or of a module's class."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__).lstrip("_")


def name_state(nodes: tuple[Node, ...], function: Any, given: Any, held: set[int]) -> None:
    """Name parameters and buffers by their paths in the modules that the function uses."""
    names: dict[int, tuple[str, str]] = {}  # by identity: paths, alone and among several modules
    buffers: set[int] = set()
    for prefix, module in _modules(function, given):
        for path, tensor in (*module.named_parameters(), *module.named_buffers()):
            names.setdefault(id(tensor), (path, prefix + path))
        buffers |= {id(tensor) for tensor in module.buffers()}
    for node in nodes:
        if node.op not in HELD or id(node.params[0]) not in held:
            continue
        if node.op is CONSTANT and id(node.params[0]) in buffers:
            node.op = STATE
        path, full_path = names.get(id(node.params[0]), (None, None))
        if node.name in (None, path):
            node.more().name = full_path
    for node in nodes:
        if node.op is WRITE:
            node.more().name = next(
                (n.name for n in nodes if n.op in HELD and n.params[0] is node.params[0]),
                names.get(id(node.params[0]), (None, None))[1],
            )


def _modules(function: Any, given: Any) -> list[tuple[str, Any]]:
    """The modules that a function is, refers to or is given, with what goes before their paths."""
    found = list(_referred(function))
    known = {id(module) for _, module in found}
    parts = (x for x in flat(given) if type(x) not in tensor_types)
    arguments = {id(x): x for x in parts if _is_module(x) and id(x) not in known}
    found += [(f"{called(type(x))}.", x) for x in arguments.values()]
    return [("", module) for _, module in found] if len(found) == 1 else found


def _referred(function: Any) -> Iterator[tuple[str, Any]]:
    while isinstance(function, functools.partial):
        function = function.func
    if _is_module(function):
        yield "", function
        return
    owner, code = getattr(function, "__self__", None), getattr(function, "__code__", None)
    if _is_module(owner):
        yield "", owner
    if code is None:
        return
    seen = {name: function.__globals__.get(name) for name in code.co_names}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            seen[name] = cell.cell_contents
        except ValueError:
            continue  # not yet filled in
    for name, value in seen.items():
        if _is_module(value):
            yield f"{name}.", value


def attributes(function: Any, given: Any) -> list[tuple[Any, str, str, Any]]:
    """The Tensors that modules have as attributes, and what has no value yet."""
    return [
        (module, f"{prefix}{path}.{name}".lstrip("."), name, value)
        for prefix, root in _modules(function, given)
        for path, module in root.named_modules()
        for name, value in vars(module).items()
        if value is None or type(value) in tensor_types
    ]


def replaced(before: list[tuple[Any, str, str, Any]], read: set[int]) -> Iterator[str]:
    """The attributes that another Tensor was put in, which the next call will read."""
    for module, path, name, old in before:
        new = vars(module).get(name)
        if new is not old and type(new) in tensor_types and (old is None or id(old) in read):
            yield f"another Tensor as {path}: write into a buffer, {path}[...] = value"


def _is_module(value: Any) -> bool:
    return hasattr(type(value), "named_buffers")
