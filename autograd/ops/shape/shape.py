"""Shape: the same elements in another arrangement; broadcasting; copies and casts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.diagnose import label
from autograd.engine.dtypes import as_dtype, from_python
from autograd.engine.kinds import Device
from autograd.engine.trail import note_exit
from autograd.engine.typed import Tensor
from autograd.errors import AxisError, ShapeError
from autograd.extend import Array, composite, draw, elementwise, hands_on, op, sample, samples

if TYPE_CHECKING:
    import numpy.typing as npt


def normal_axis(axis: int, ndim: int, name: str = "axis") -> int:
    """An axis counted from the front."""
    if not -ndim <= axis < ndim:
        raise AxisError(f"{name} {axis} is out of range: x has {ndim} axes")
    return axis % ndim


def _reshape_hint(x: Any, shape: Any) -> str | None:
    """Why so many numbers do not lie in a shape."""
    lengths, count = shape if isinstance(shape, tuple) else (shape,), int(np.size(x))
    if sum(n == -1 for n in lengths) > 1:
        return f"one length of a shape may be -1, and {lengths} has several"
    known = math.prod(n for n in lengths if n != -1)
    if -1 in lengths:
        why = f"{count} is no multiple of {known}" if known else "no length follows for -1"
        return f"{label(x, 'x')} is {np.shape(x)}, and shape is {lengths}: {why}"
    return f"{label(x, 'x')} is {np.shape(x)}, {count} numbers, and {lengths} would be {known}"


@op(
    "reshape x",
    x=lambda g, x_shape: np.reshape(g, x_shape),
    linear=True,
    views=True,
    hint=_reshape_hint,
    samples=samples(
        lambda: sample(draw(2, 3), shape=(3, -1)),
        lambda: sample(draw(2, 3).T, shape=(6,), label="transposed"),
        lambda: sample(draw(1, 1), shape=()),
        lambda: sample(draw(0, 3), shape=(3, 0)),
    ),
)
def reshape(x: Array, /, shape: int | tuple[int, ...]) -> Array:
    """The elements of x in another shape; one length may be -1 and follows from the others.

    Shape: any -> `shape`. Another number of elements raises ShapeError.

    >>> import autograd as ag
    >>> ag.reshape(ag.Tensor([1.0, 2.0, 3.0, 4.0]), (2, 2))
    Tensor([[1., 2.],
            [3., 4.]], dtype=float32)
    """
    return x.reshape(shape) if type(x) is np.ndarray else np.reshape(x, shape)


@op(
    "broadcast x",
    x=hands_on,  # the engine sums over the axes that were repeated
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(3), shape=(2, 3)),
        lambda: sample(draw(3, 1), shape=(2, 3, 4)),
        lambda: sample(draw(), shape=(2,)),
        lambda: sample(draw(1, 3), shape=(0, 3)),
    ),
)
def broadcast_to(x: Array, /, shape: int | tuple[int, ...]) -> Array:
    """x repeated to a larger shape without copying; the gradient is summed back.

    Shape: any -> `shape`. One that x does not broadcast to raises ShapeError.

    >>> import autograd as ag
    >>> ag.broadcast_to(ag.Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]], dtype=float32)
    """
    return np.broadcast_to(x, shape)


@composite(
    "broadcast xs",
    outputs=0,
    samples=samples(
        lambda: sample(draw(3), draw(2, 1, seed=1)),
        lambda: sample(draw(), draw(2, seed=1), draw(1, 1, seed=2)),
        lambda: sample(draw(0, 1), draw(3, seed=1)),
    ),
)
def broadcast_arrays(*xs: Array) -> tuple[Array, ...]:
    """All xs in the shape that they broadcast to, as a tuple.

    Shape: all broadcast -> their common shape, once for each.

    >>> import autograd as ag
    >>> [x.shape for x in ag.broadcast_arrays(ag.Tensor([1.0, 2.0]), ag.Tensor([[1.0], [2.0]]))]
    [(2, 2), (2, 2)]
    """
    shapes = [np.shape(x) for x in xs]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(map(str, shapes))
        raise ShapeError(f"broadcast_arrays: the shapes do not broadcast: {listed}") from None
    arrays = (x if hasattr(x, "dtype") else from_python(x) for x in xs)
    return tuple(broadcast_to(x, shape) for x in arrays)


@op(
    "copy x",
    x=hands_on,
    elementwise=True,
    linear=True,
    samples=elementwise((-2.0, 2.0), complex_=True),
    reference="numpy.array",
)
def copy(x: Array, /) -> Array:
    """x in memory of its own; the gradient passes.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.copy(ag.Tensor([1.0, 2.0]))
    Tensor([1., 2.], dtype=float32)
    """
    return np.copy(x)


clone = copy


@op(
    "cast x",
    x=hands_on,  # the engine casts a cotangent to its input's dtype
    elementwise=True,
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), dtype="float64", label="plain"),
        lambda: sample(draw(), dtype="float64", label="0-d"),
        lambda: sample(draw(0, 2), dtype="complex128", label="empty"),
    ),
    reference=lambda x, dtype: np.asarray(x).astype(dtype),
)
def _cast(x: Array, /, dtype: np.dtype[Any]) -> Array:
    return x.astype(dtype)


@checked
def astype(x: Array, dtype: npt.DTypeLike, copy: bool = True, *, device: Device = None) -> Tensor:
    """x in another dtype; the gradient is cast back, and integers and booleans leave the graph.

    With copy=False a Tensor that has the dtype already is returned as it is. Complex numbers lose
    their imaginary part when cast to real ones.

    Shape: any -> the same. Text and other dtypes that hold no numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.astype(ag.Tensor([1.5, 2.5]), "int64")
    Tensor([1, 2], dtype=int64)
    """
    dtype = as_dtype(dtype)
    if not copy and x.dtype == dtype:
        return x
    if dtype.kind not in "fc" and hasattr(x, "detach"):
        note_exit("integer", x._node, "astype")
        return _cast(x.detach(), dtype)
    return _cast(x, dtype)
