"""How a module of NumPy or SciPy becomes one whose functions record: a face, name by name.

NumPy asks a Tensor itself what its functions give for it (see tensors/numpy_protocol.py), so most
names are NumPy's own. Others are put in between where NumPy does not ask: lists that hold Tensors,
functions whose answer is no number to be differentiated by, and those of
`autograd.numpy.functions`.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

import numpy

from autograd.engine.missing import not_in
from autograd.engine.operands import holds_tensor, raw, tensor_types
from autograd.engine.trail import note_decision
from autograd.errors import UnsupportedError
from autograd.graph.pytree import nested
from autograd.tensors.numpy_protocol import array_function
from autograd.tracer import primitive

__all__ = ["ON_VALUES", "face", "holds", "wrap_namespace", "wrapped"]

# (as a type, so that checkers of types know that every name is there)
Face: TypeAlias = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]

# Their answers are constant where they are not steps, and are given as plain arrays.
ON_VALUES = frozenset((
    "all", "allclose", "any", "argmax", "argmin", "argpartition", "argsort", "argwhere",
    "around", "array2string", "array_equal", "array_equiv", "array_repr", "array_str",
    "bincount", "broadcast_shapes", "common_type", "count_nonzero", "digitize", "empty_like",
    "fix", "flatnonzero", "iscomplex", "iscomplexobj", "isneginf", "isposinf",
    "isreal", "isrealobj", "isscalar", "lexsort", "may_share_memory", "min_scalar_type", "ndim",
    "nonzero", "ones_like", "result_type", "round", "searchsorted", "shape", "shares_memory",
    "size", "unravel_index", "zeros_like",
))  # fmt: skip
# ... and these look at no number.
_OF_FORM = frozenset((
    "array2string", "array_repr", "array_str", "broadcast_shapes", "common_type", "empty_like",
    "iscomplexobj", "isrealobj", "isscalar", "may_share_memory", "min_scalar_type", "ndim",
    "ones_like", "result_type", "shape", "shares_memory", "size", "zeros_like",
))  # fmt: skip


def holds(value: Any) -> bool:
    """Whether a value is a Tensor, or a list or array of objects that holds one."""
    kind = type(value)
    if kind in tensor_types:
        return True
    return kind in (list, tuple, numpy.ndarray) and holds_tensor(value)


def wrapped(function: Callable[..., Any], own: Callable[..., Any] | None) -> Callable[..., Any]:
    """NumPy's function for arrays, and `own` where Tensors come in, or lists of them."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(holds, args)) or (kwargs and any(map(holds, kwargs.values()))):
            if own is None:
                return array_function(None, function, (), args, kwargs)
            return own(*args, **kwargs)
        return function(*args, **kwargs)

    return call


def on_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the plain values of Tensors: a call that is traced is told what it sees."""
    name = function.__name__

    def number(value: Any) -> Any:
        if name not in _OF_FORM and type(value) in tensor_types:
            note_decision(value, f"autograd.numpy.{name}")
        return raw(value)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*nested(number, args), **nested(number, kwargs))

    return call


def refused(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """What a function without a derivative says of Tensors."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(
            f"{name} has no derivative here: write it with functions that have one, as a "
            f"primitive with rules (autograd.extend), or give it plain values: getval(x) of "
            "autograd.tracer"
        )

    return wrapped(function, refuse)


def face(name: str, theirs: str, functions: str | None = "autograd.numpy.functions") -> Face:
    """The `__getattr__`, `__dir__` and `__all__` of a module that shows another library's names.

    What the module `functions` defines is taken before the names of `theirs`.
    """
    module = sys.modules[name]
    library = importlib.import_module(theirs)
    names = sorted({n for n in dir(library) if n[0] != "_"})

    def __getattr__(wanted: str) -> Any:
        if wanted.startswith("__") and wanted != "__version__":
            raise AttributeError(f"module {name!r} has no attribute {wanted!r}")
        found = _found(name, library, wanted, functions)
        setattr(module, wanted, found)
        return found

    return __getattr__, lambda: names, names


def _found(face: str, library: ModuleType, name: str, functions: str | None) -> Any:
    own = None
    if functions is not None:
        own = vars(importlib.import_module(functions)).get(name)
    if isinstance(own, ModuleType):
        own = None
    if own is not None and (not hasattr(library, name) or getattr(own, "is_whole", False)):
        return own
    try:
        value = getattr(library, name)
    except AttributeError:
        try:
            return importlib.import_module(f"{face}.{name}")  # such as np.numpy_boxes
        except ModuleNotFoundError:
            raise not_in(face, name, dir(library)) from None
    if isinstance(value, ModuleType):
        return _part(face, name, value)
    if not callable(value) or isinstance(value, type):
        return value
    if own is None and library is numpy and name in ON_VALUES:
        return on_values(value)
    if own is None and isinstance(value, numpy.ufunc):
        return value
    return wrapped(value, own)


def wrap_namespace(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Put the names of one namespace into another, its functions as primitives.

    `old` and `new` are the dicts of the namespaces; `defvjp` then tells the functions' derivatives.

    >>> import math
    >>> names = {}
    >>> wrap_namespace(vars(math), names)
    >>> names["exp"](0.0)
    1.0
    """
    for name, value in old.items():
        if name.startswith("_"):
            continue
        is_function = callable(value) and not isinstance(value, type)
        new[name] = primitive(value) if is_function else value


def _part(face: str, name: str, theirs: ModuleType) -> Any:
    """A module in a module: its own face, if it has one."""
    try:
        return importlib.import_module(f"{face}.{name}")
    except ModuleNotFoundError:
        return theirs


def whole(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that takes the place of NumPy's for arrays too."""
    function.is_whole = True  # type: ignore[attr-defined]
    return function
