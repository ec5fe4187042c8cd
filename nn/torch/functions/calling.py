"""What functions of the face share: `out=`, the names `axis` and `keepdims`, axes, results."""

from __future__ import annotations

import functools
import inspect
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.engine.outputs import wrap
from autograd.engine.trail import note_read
from autograd.engine.views import refuse_writes
from autograd.errors import ArgumentTypeError, AxisError
from autograd.extend import raw
from autograd.tensors.assignment import overwrite
from nn.torch.tensor import Tensor, as_face

__all__ = [
    "axes_of", "axis_of", "filled", "is_tensor", "lengths", "made", "named", "numbers",
    "numpy_names", "older", "own", "reshaped", "result",
]  # fmt: skip

NOTHING: Any = None  # that refuses writes
_INTEGER = frozenset((int,))
_NUMPY = {"axis": "dim", "keepdims": "keepdim", "x": "input", "x1": "input", "x2": "other"}


def made(value: Any, dtype: Any = None, requires_grad: bool = False) -> Any:
    """A Tensor of the face that takes over a new array."""
    if not isinstance(value, autograd.Tensor):
        value = np.asarray(value)
        value = wrap(value if value.ndim else value[()])
    tensor = as_face(value)
    if dtype is not None and raw(tensor).dtype != dtype:
        tensor = autograd.astype(tensor, dtype)
    return tensor.requires_grad_() if requires_grad else tensor


def filled(out: Any, value: Any) -> Any:
    """A result, or the Tensor given as `out=` with the result in it."""
    if out is None:
        return value
    if isinstance(value, tuple):
        return type(value)(*map(filled, out, value))
    if out.shape != value.shape:
        out.resize_(value.shape)
    overwrite(out, raw(value), "out=")
    return out


def older(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that also takes its factor where PyTorch once had it: `x.add_(alpha, other)`."""
    *tensors, factor = [
        name for name in inspect.signature(function).parameters if name not in ("input", "out")
    ]

    @functools.wraps(function)
    def call(input: Any, *args: Any, **options: Any) -> Any:
        if len(args) == len(tensors) + 1 and factor not in options:
            options[factor], *args = args  # type: ignore[assignment]
        return function(input, *args, **options)

    return call


def own(found: Any, input: Any) -> Any:
    """What PyTorch copies, as a copy where NumPy gives a view, so that writes stay its own."""
    if np.may_share_memory(raw(found), raw(input)):
        return autograd.copy(found)
    return refuse_writes(found, NOTHING)


def reshaped(input: Any, shape: tuple[int, ...]) -> Any:
    """In another shape: a view where there can be one, else a copy, that may be written to."""
    found = autograd.reshape(input, shape)
    if np.may_share_memory(raw(found), raw(input)):
        return found
    return refuse_writes(found, NOTHING)


def named(function: Any, name: str, doc: str) -> Any:
    """A function made from another, with its name and, in its first paragraph, what it does."""
    function.__name__ = function.__qualname__ = name
    function.__module__, function.__doc__ = "nn.torch", doc.partition("\n\n")[0]
    return function


def numpy_names(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let NumPy's spellings of keywords be taken too, as PyTorch does."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            for theirs in _NUMPY.keys() & kwargs.keys():
                kwargs[_NUMPY[theirs]] = kwargs.pop(theirs)
            if (out := kwargs.pop("out", None)) is not None:
                return filled(out, function(*args, **kwargs))
        return function(*args, **kwargs)

    return call


def axis_of(input: Any, dim: Any) -> Any:
    """One axis, from the front; a Tensor without axes has the axis 0 for PyTorch."""
    if type(dim) is int and 0 <= dim < raw(input).ndim:
        return dim
    if not hasattr(dim, "__index__"):
        raise ArgumentTypeError(f"dim is a whole number, got {dim!r:.80}")
    dim = dim.__index__()
    count = max(input.ndim, 1)
    if not -count <= dim < count:
        raise AxisError(
            f"dim {dim} of a Tensor of {input.ndim} dimensions; there are {-count} to {count - 1}"
        )
    return dim % count


def axes_of(input: Any, dim: Any) -> Any:
    """The axes that a reduction goes over: all for None and (), none of what has none."""
    if dim is None:
        return None
    if isinstance(dim, (tuple, list)):
        if not dim:
            return None
        axes = tuple(axis_of(input, d) for d in dim)
        if len({*axes}) < len(axes):
            raise AxisError(f"dim {dim} names an axis twice")
        return axes if input.ndim else ()
    axis = axis_of(input, dim)
    return axis if input.ndim else ()


def lengths(sizes: Any, function: str) -> tuple[int, ...]:
    """The shape that is meant by `zeros(2, 3)`, `zeros((2, 3))` or `zeros(torch.Size([2, 3]))`."""
    if _INTEGER.issuperset(map(type, sizes)):
        return tuple(sizes)
    given = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    try:
        return tuple(n.__index__() for n in given)
    except (AttributeError, TypeError):
        raise ArgumentTypeError(
            f"{function}: a size is made of integers, got {given!r:.80}"
        ) from None


def result(name: str, fields: str) -> Any:
    """The class of results that have names, as `torch.return_types.max`."""
    make: Any = namedtuple
    kind = make(name, fields)

    def text(self: Any) -> str:
        shown = ",\n".join(f"{field}={getattr(self, field)!r}" for field in self._fields)
        return f"torch.return_types.{name}(\n{shown})"

    kind.__repr__ = text
    kind.__module__ = "nn.torch.return_types"
    return kind


def numbers(x: Any, what: str) -> Any:
    """The numbers of a Tensor that Python goes by: a program that is traced, or vmap, is told."""
    if isinstance(x, autograd.Tensor):
        note_read(x, what)
    return raw(x)


def is_tensor(obj: Any, /) -> bool:
    """Whether it is a Tensor."""
    return isinstance(obj, Tensor)
