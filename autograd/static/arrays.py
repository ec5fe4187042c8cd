"""Functions that cut, join, count and order, and the constants of linear algebra."""

from __future__ import annotations

import builtins
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.static.functions import cast, constant, shape
from autograd.static.padding import padded
from autograd.static.symbol import Symbol, apply
from autograd.static.types import dtype_of

__all__ = [
    "convert_to_tensor", "count_nonzero", "cumsum", "diag", "diag_part", "einsum", "eye", "is_nan",
    "linspace", "matrix_inverse", "matrix_transpose", "newaxis", "norm", "one_hot", "pad", "range",
    "rank", "reverse", "size", "slice", "split", "strided_slice", "tensordot", "to_double",
    "to_int32", "to_int64", "trace", "unstack",
]  # fmt: skip

newaxis = None


def convert_to_tensor(value: Any, dtype: Any = None, name: str = "Const") -> Symbol:
    """The symbol itself, or a constant of numbers."""
    return value if isinstance(value, Symbol) else constant(value, dtype, name=name)


def to_int32(x: Any, name: str = "ToInt32") -> Symbol:
    """`cast(x, int32)`."""
    return cast(x, np.int32, name)


def to_int64(x: Any, name: str = "ToInt64") -> Symbol:
    """`cast(x, int64)`."""
    return cast(x, np.int64, name)


def to_double(x: Any, name: str = "ToDouble") -> Symbol:
    """`cast(x, float64)`."""
    return cast(x, np.float64, name)


# ---- lengths -------------------------------------------------------------------------------------


def size(input: Any, name: str = "Size") -> Symbol:
    """The number of elements."""
    return apply("prod", shape(input), label=name)


def rank(input: Any, name: str = "Rank") -> Symbol:
    """The number of axes."""
    if input.ndim is None:
        raise ArgumentError(
            f"{name}: the number of axes of {input!r} is not known: give it a shape"
        )
    return constant(input.ndim, name=name)


def _length(x: Symbol, axis: int, what: str) -> int:
    found = None if x.node.shape is None else x.node.shape[axis]
    if found is None:
        raise ArgumentError(f"{what}: the length of axis {axis} of {x!r} must be known")
    return int(found)


# ---- parts ---------------------------------------------------------------------------------------


def split(value: Any, num_or_size_splits: Any, axis: int = 0, name: str = "split") -> list[Symbol]:
    """Parts along an axis: so many of one length, or of the lengths in a list.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     [part.shape for part in tf.split(tf.zeros([2, 6]), [1, 5], axis=1)]
    [(2, 1), (2, 5)]
    """
    length, sizes = _length(value, axis, name), num_or_size_splits
    if isinstance(sizes, int):
        if length % sizes:
            raise ArgumentError(f"{name}: an axis of {length} has no {sizes} parts of one length")
        sizes = [length // sizes] * sizes
    sizes = [length - sum(sizes) - 1 if n == -1 else n for n in sizes]
    if sum(sizes) != length:
        raise ArgumentError(f"{name}: the parts {sizes} do not fill an axis of {length}")
    ends = np.cumsum([0, *sizes]).tolist()
    before = (builtins.slice(None),) * (axis % value.ndim)
    return [
        apply("getitem", value, index=(*before, builtins.slice(a, b)), label=name)
        for a, b in pairwise(ends)
    ]


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> Any:
    """The parts of an axis, without it."""
    count = _length(value, axis, name) if num is None else num
    before = (builtins.slice(None),) * (axis % value.ndim)
    return [apply("getitem", value, index=(*before, i), label=name) for i in builtins.range(count)]


def slice(input_: Any, begin: Any, size: Any, name: str = "Slice") -> Symbol:
    """The part that begins there, of such lengths; -1 goes to the end."""
    index = tuple(
        builtins.slice(a, None if n == -1 else a + n) for a, n in zip(begin, size, strict=True)
    )
    return apply("getitem", input_, index=index, label=name)


def strided_slice(
    input_: Any, begin: Any, end: Any, strides: Any = None, name: str = "StridedSlice"
) -> Symbol:
    """`x[begin:end:stride]` along each axis."""
    steps = [1] * len(begin) if strides is None else strides
    index = tuple(map(builtins.slice, begin, end, steps))
    return apply("getitem", input_, index=index, label=name)


def reverse(tensor: Any, axis: Any, name: str = "ReverseV2") -> Symbol:
    """The order along axes turned."""
    axes = axis if isinstance(axis, int) else tuple(axis)
    return apply("flip", tensor, axis=axes, label=name)


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str = "Pad", constant_values: Any = 0
) -> Symbol:
    """More elements before and after along each axis, `paddings` as pairs."""
    widths = tuple((int(a), int(b)) for a, b in paddings)
    more = {"constant_values": constant_values} if mode.upper() == "CONSTANT" else {}
    return padded(convert_to_tensor(tensor), widths, mode.lower(), name, **more)


# ---- counting and measuring ----------------------------------------------------------------------


def one_hot(
    indices: Any, depth: int, on_value: Any = 1.0, off_value: Any = 0.0, axis: int = -1,
    dtype: Any = None, name: str = "one_hot",
) -> Symbol:  # fmt: skip
    """A 1 at the place of each index, 0 elsewhere, along a new axis of length `depth`.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     session.run(tf.one_hot([0, 2], 3))
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    x, kind = convert_to_tensor(indices), np.dtype(np.float32) if dtype is None else dtype_of(dtype)
    if x.ndim is None:
        raise ArgumentError(f"{name}: the number of axes of {indices!r} is not known")
    where = axis % (x.ndim + 1)
    classes = np.arange(depth, dtype=x.dtype).reshape((-1,) + (1,) * (x.ndim - where))
    hit = apply("equal", apply("expand_dims", x, axis=where), classes)
    if (on_value, off_value) == (1, 0):
        return cast(hit, kind, name)
    values = (np.asarray(v, kind) for v in (on_value, off_value))
    return apply("where", hit, *values, label=name)


def count_nonzero(x: Any, axis: Any = None, name: str = "count_nonzero") -> Symbol:
    """How many elements are not 0."""
    return apply("sum", cast(apply("not_equal", x, 0), np.int64), axis=axis, label=name)


def cumsum(x: Any, axis: int = 0, name: str = "Cumsum") -> Symbol:
    """The sums up to each element along an axis."""
    return apply("cumsum", x, axis=axis, label=name)


def is_nan(x: Any, name: str = "IsNan") -> Symbol:
    """Where numbers are nan."""
    return apply("isnan", x, label=name)


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False,
    name: str = "norm",
) -> Symbol:  # fmt: skip
    """The Euclidean norm over axes, all of them unless given, or that of another order."""
    axes = tuple(axis) if isinstance(axis, list) else axis
    if ord == "euclidean":
        total = apply("sum", apply("square", tensor), axis=axes, keepdims=keepdims)
        return apply("sqrt", total, label=name)
    return apply("vector_norm", tensor, ord=ord, axis=axes, keepdims=keepdims, label=name)


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Symbol:
    """A constant of numbers in steps, from 0 if only the limit is given."""
    first, last = (0, start) if limit is None else (start, limit)
    if any(isinstance(n, Symbol) for n in (first, last, delta)):
        raise ArgumentError(f"{name}: a length that only a run tells; feed np.arange(n) instead")
    values = np.arange(first, last, delta)
    return constant(
        values, dtype or (np.float32 if values.dtype.kind == "f" else np.int32), name=name
    )


def linspace(start: float, stop: float, num: int, name: str = "LinSpace") -> Symbol:
    """A constant of evenly spaced numbers, both ends among them."""
    return constant(np.linspace(start, stop, num, dtype=np.float32), name=name)


# ---- matrices ------------------------------------------------------------------------------------


def eye(num_rows: int, num_columns: int | None = None, dtype: Any = np.float32) -> Symbol:
    """A constant with ones on the diagonal."""
    return constant(np.eye(num_rows, num_columns, dtype=dtype_of(dtype)), name="eye")


def diag(diagonal: Any, name: str = "Diag") -> Symbol:
    """A matrix with these numbers on its diagonal."""
    return apply("diag", diagonal, label=name)


def diag_part(input: Any, name: str = "DiagPart") -> Symbol:
    """The diagonal of a matrix."""
    return apply("diagonal", input, label=name)


def trace(x: Any, name: str = "Trace") -> Symbol:
    """The sum of the diagonal."""
    return apply("trace", x, label=name)


def matrix_inverse(input: Any, name: str = "MatrixInverse") -> Symbol:
    """The inverse of matrices."""
    return apply("inv", input, label=name)


def matrix_transpose(a: Any, name: str = "matrix_transpose") -> Symbol:
    """The last two axes exchanged."""
    return apply("matrix_transpose", a, label=name)


def einsum(equation: str, *inputs: Any, name: str = "einsum") -> Symbol:
    """Sums of products, by the letters of their axes."""
    return apply("einsum", *inputs, subscripts=equation, label=name)


def tensordot(a: Any, b: Any, axes: Any, name: str = "Tensordot") -> Symbol:
    """The sum of products over axes of both."""
    return apply("tensordot", a, b, axes=axes, label=name)
