"""Tensors from data, or full of one number. All take `dtype` and `requires_grad`."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd.engine.checks import is_learned
from autograd.engine.dtypes import as_dtype, default_of
from autograd.engine.kinds import Device
from autograd.errors import (
    ArgumentError,
    AutogradError,
    ConversionError,
    DTypeError,
    ShapeError,
)
from autograd.ops.shape.shape import broadcast_to
from autograd.tensors.tensor import Tensor, asarray, taken

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "empty",
    "empty_like",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]

DType: TypeAlias = "npt.DTypeLike | None"
Lengths = int | Sequence[int]


def shape_of(lengths: Sequence[Lengths], function: str) -> tuple[int, ...]:
    """The shape that is meant by `zeros(2, 3)`, `zeros((2, 3))`, `zeros(2)` or `zeros()`.

    >>> shape_of(((2, 3),), "zeros"), shape_of((2, 3), "zeros"), shape_of((), "zeros")
    ((2, 3), (2, 3), ())
    """
    given = lengths[0] if len(lengths) == 1 and np.iterable(lengths[0]) else lengths
    try:
        shape = tuple(operator.index(n) for n in given)  # type: ignore[arg-type]
    except TypeError:
        raise DTypeError(
            f"{function}: a shape is made of integers, not {given!r:.60}; a dtype goes to dtype="
        ) from None
    if any(n < 0 for n in shape):
        raise ShapeError(f"{function}: negative length in shape {shape}")
    return shape


def or_default(dtype: DType, values: Any = None) -> np.dtype[Any]:
    """The dtype asked for, else the default one for floating (complex) values; integers stay."""
    if dtype is None and values is not None and values.dtype.kind not in "fc":
        return values.dtype
    if dtype is None:
        return default_of("f" if values is None else values.dtype.kind)
    return as_dtype(dtype)


def made(value: Any, dtype: DType, requires_grad: bool) -> Tensor:
    """A Tensor that takes over a new array."""
    return taken(value, dtype).requires_grad_(requires_grad)


def number(value: Any, function: str) -> Any:
    """A static argument as a plain number; one that needs a gradient would lose it here."""
    if isinstance(value, Tensor):
        if value.requires_grad:
            raise DTypeError(
                f"{function} makes constants, and the gradient of its argument would be lost.\n"
                f"  Scale and shift a constant instead: a + (b - a) * linspace(0, 1, n)."
            )
        return value.item()
    return value


def tensor(data: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """A Tensor with a copy of the data: numbers, arrays, Tensors, or lists of them.

    Shape: that of `data`. Text and what else is no number raises DTypeError.

    >>> import autograd as ag
    >>> ag.tensor([1.0, 2.0], requires_grad=True)
    Tensor([1., 2.], dtype=float32, requires_grad=True)
    """
    return Tensor(data, requires_grad, dtype)


def from_numpy(array: np.ndarray[Any, Any]) -> Tensor:
    """A Tensor that shares memory with an `array`. Do not change it while a graph needs it.

    Shape: that of the array, whose dtype stays. Lists raise DTypeError.

    >>> import numpy as np
    >>> import autograd as ag
    >>> ag.from_numpy(np.arange(3.0))
    Tensor([0., 1., 2.], dtype=float64)
    """
    if not isinstance(array, (np.ndarray, np.generic)):
        raise DTypeError(f"from_numpy: expected an array, got {type(array).__name__}; use tensor()")
    return asarray(array)


def from_dlpack(obj: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A Tensor that shares memory with an array of another library, by `obj.__dlpack__()`.

    Shape: that of `obj`, whose dtype stays; a single number is copied. `copy=True` copies; `device`
    is "cpu" or None; `copy=False` raises where memory cannot be shared. What holds no plain numbers
    in the memory of the CPU raises ConversionError, as does a tensor whose gradient would be lost.

    >>> import numpy as np
    >>> import autograd as ag
    >>> array = np.arange(3.0)
    >>> shared = ag.from_dlpack(array)
    >>> np.shares_memory(shared.numpy(), array)
    True
    """
    if device not in (None, "cpu"):
        raise ArgumentError(f"from_dlpack: there is the CPU alone, and device is {device!r:.60}")
    if not hasattr(obj, "__dlpack__"):
        raise ConversionError(
            f"from_dlpack: a {type(obj).__name__} has no __dlpack__, as arrays of other libraries "
            "have; use ag.tensor"
        )
    try:
        return asarray(np.from_dlpack(obj, copy=copy))
    except (BufferError, RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, AutogradError):
            raise
        raise ConversionError(
            f"from_dlpack: the memory of this {type(obj).__module__.partition('.')[0]} "
            f"{type(obj).__name__} cannot be shared: {error}\n  Detach it, bring it to the CPU, or "
            "convert it to a dtype of NumPy there."
        ) from None


def zeros(
    shape: Any = (),
    *more: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    device: Device = None,
) -> Tensor:
    """Zeros, of the default dtype if none is given.

    Shape: `shape`, as `zeros((2, 3))`, or that and `more` lengths: `zeros(2, 3)`. Negative lengths
    raise ShapeError, and lengths that are no whole numbers DTypeError.

    >>> import autograd as ag
    >>> ag.zeros(2)
    Tensor([0., 0.], dtype=float32)
    """
    return made(np.zeros(shape_of((shape, *more), "zeros"), or_default(dtype)), None, requires_grad)


def ones(
    shape: Any = (),
    *more: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    device: Device = None,
) -> Tensor:
    """Ones, of the default dtype if none is given.

    Shape: `shape`, or that and `more` lengths, as in `zeros`.

    >>> import autograd as ag
    >>> ag.ones((1, 2))
    Tensor([[1., 1.]], dtype=float32)
    """
    return made(np.ones(shape_of((shape, *more), "ones"), or_default(dtype)), None, requires_grad)


def empty(
    shape: Any = (),
    *more: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    device: Device = None,
) -> Tensor:
    """Memory with whatever it held: to be written before it is read.

    Shape: `shape`, or that and `more` lengths, as in `zeros`.

    >>> import autograd as ag
    >>> ag.empty(2, 3).shape
    (2, 3)
    """
    return made(np.empty(shape_of((shape, *more), "empty"), or_default(dtype)), None, requires_grad)


def full(
    shape: Lengths,
    fill_value: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    *,
    device: Device = None,
) -> Tensor:
    """One value everywhere, `fill_value`; the gradient flows back to a Tensor.

    Shape: `shape`. The dtype is that of the value.

    >>> import autograd as ag
    >>> ag.full(2, 7.0)
    Tensor([7., 7.], dtype=float32)
    """
    value, lengths = asarray(fill_value, dtype), shape_of((shape,), "full")
    if value.requires_grad or (isinstance(fill_value, Tensor) and is_learned(value)):
        return broadcast_to(value, lengths)
    return made(np.full(lengths, value.numpy()), None, requires_grad)


def zeros_like(
    x: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    shape: Any = None,
    *,
    device: Device = None,
) -> Tensor:
    """Zeros of the shape (unless another is given) and dtype of x.

    Shape: that of x, or `shape`.

    >>> import autograd as ag
    >>> ag.zeros_like(ag.Tensor([1.0, 2.0]))
    Tensor([0., 0.], dtype=float32)
    """
    x = asarray(x)
    lengths = x.shape if shape is None else shape
    return zeros(lengths, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


def ones_like(
    x: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    shape: Any = None,
    *,
    device: Device = None,
) -> Tensor:
    """Ones of the shape (unless another is given) and dtype of x.

    Shape: that of x, or `shape`.

    >>> import autograd as ag
    >>> ag.ones_like(ag.Tensor([5, 6]))
    Tensor([1, 1], dtype=int64)
    """
    x = asarray(x)
    lengths = x.shape if shape is None else shape
    return ones(lengths, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


def empty_like(
    x: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    shape: Any = None,
    *,
    device: Device = None,
) -> Tensor:
    """Memory with whatever it held, of the shape (unless another is given) and dtype of x.

    Shape: that of x, or `shape`.

    >>> import autograd as ag
    >>> ag.empty_like(ag.zeros(2, 3)).shape
    (2, 3)
    """
    x = asarray(x)
    lengths = x.shape if shape is None else shape
    return empty(lengths, dtype=x.dtype if dtype is None else dtype, requires_grad=requires_grad)


def full_like(
    x: Any,
    fill_value: Any,
    dtype: DType = None,
    requires_grad: bool = False,
    shape: Any = None,
    *,
    device: Device = None,
) -> Tensor:
    """One value everywhere, `fill_value`, of the shape (unless another is given) and dtype of x.

    The gradient flows back to a Tensor.

    Shape: that of x, or `shape`.

    >>> import autograd as ag
    >>> ag.full_like(ag.Tensor([1.0, 2.0]), 7)
    Tensor([7., 7.], dtype=float32)
    """
    x = asarray(x)
    lengths = x.shape if shape is None else shape
    if dtype is None and x.dtype.kind not in "fc" and getattr(fill_value, "requires_grad", False):
        raise DTypeError(
            f"full_like: x is {x.dtype} and cannot hold fill_value, which is {fill_value.dtype} "
            "and requires grad; convert one of them"
        )
    return full(lengths, fill_value, x.dtype if dtype is None else dtype, requires_grad)
