"""The functions of the face: TensorFlow's names and arguments for ops of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.engine.row import CONSTANT, INPUT, OPS, Op
from autograd.errors import ArgumentError, DTypeError
from autograd.static.shapes import known_lengths
from autograd.static.symbol import Symbol, apply, as_constant, build, copied
from autograd.static.types import dtype_of

Axis = Any
Lengths = Any


def constant(value: Any, dtype: Any = None, shape: Lengths = None, name: str = "Const") -> Symbol:
    """A symbol for numbers that are known already, filled up to `shape`.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     tf.constant([1.0, 2.0], name="x")
    <Symbol 'x:0' shape=(2,) dtype=float32>
    """
    array = as_constant(value, dtype)
    if shape is not None:
        array = np.broadcast_to(array, shape) if array.ndim == 0 else array.reshape(shape)
    array = np.array(array)
    array.flags.writeable = False
    return build(CONSTANT, (), {"held": array}, name, (array.shape, array.dtype))


def placeholder(dtype: Any, shape: Lengths = None, name: str = "Placeholder") -> Symbol:
    """A symbol whose value is fed to each run; a length that is None may differ from run to run.

    Without a shape the number of axes is open as well.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     tf.placeholder(tf.float32, [None, 2], name="x"), tf.placeholder("float", name="rate")
    (<Symbol 'x:0' shape=(?, 2) dtype=float32>, <Symbol 'rate:0' shape=<unknown> dtype=float32>)
    """
    lengths = (shape,) if isinstance(shape, int) else shape
    known = None if lengths is None else known_lengths(lengths)
    return build(INPUT, (), {"held": None}, name, (known, dtype_of(dtype)))


# ---- the table -----------------------------------------------------------------------------------


def _of(op: str, label: str, count: int) -> Any:
    """A function of one, two or three symbols with a name."""

    def unary(x: Any, name: str = label) -> Symbol:
        return apply(op, x, label=name)

    def binary(x: Any, y: Any, name: str = label) -> Symbol:
        return apply(op, x, y, label=name)

    function = (unary, binary)[count - 1]
    function.__name__ = function.__qualname__ = label
    function.__doc__ = f"`autograd.{op}` of symbols, elementwise."
    return function


exp, log, sqrt, square = (_of(n, n, 1) for n in ("exp", "log", "sqrt", "square"))
sin, cos, tan, tanh = (_of(n, n, 1) for n in ("sin", "cos", "tan", "tanh"))
sigmoid, sign, floor, ceil = (_of(n, n, 1) for n in ("sigmoid", "sign", "floor", "ceil"))
negative, logical_not = (_of(n, n, 1) for n in ("negative", "logical_not"))
log1p, expm1, erf, reciprocal = (_of(n, n, 1) for n in ("log1p", "expm1", "erf", "reciprocal"))
abs, round = _of("abs", "abs", 1), _of("round", "round", 1)
add, subtract, multiply = (_of(n, n, 2) for n in ("add", "subtract", "multiply"))
divide, maximum, minimum = (_of(n, n, 2) for n in ("divide", "maximum", "minimum"))
equal, not_equal, less, less_equal = (
    _of(n, n, 2) for n in ("equal", "not_equal", "less", "less_equal")
)
greater, greater_equal = _of("greater", "greater", 2), _of("greater_equal", "greater_equal", 2)
logical_and, logical_or = _of("logical_and", "logical_and", 2), _of("logical_or", "logical_or", 2)
floordiv, mod = _of("floor_divide", "floordiv", 2), _of("remainder", "mod", 2)
pow, truediv = _of("power", "pow", 2), _of("divide", "truediv", 2)
mul, sub, neg = multiply, subtract, negative


def div(x: Any, y: Any, name: str = "div") -> Symbol:
    """The quotient as Python 2 had it: of integers it is rounded down. `truediv` is `x / y`."""
    dtype = getattr(x if isinstance(x, Symbol) else y, "dtype", None) or as_constant(x).dtype
    return apply("floor_divide" if dtype.kind in "iu" else "divide", x, y, label=name)


def rsqrt(x: Any, name: str = "rsqrt") -> Symbol:
    """One over the square root."""
    return apply("reciprocal", apply("sqrt", x), label=name)


def squared_difference(x: Any, y: Any, name: str = "SquaredDifference") -> Symbol:
    """(x - y)²."""
    return apply("square", apply("subtract", x, y), label=name)


def _reduction(op: str, label: str) -> Any:
    def reduce(
        input_tensor: Any,
        axis: Axis = None,
        keepdims: bool | None = None,
        name: str = label,
        reduction_indices: Axis = None,
        keep_dims: bool | None = None,
    ) -> Symbol:
        axes = reduction_indices if axis is None else axis
        axes = tuple(axes) if isinstance(axes, list) else axes
        keep = bool(keepdims or keep_dims)
        return apply(op, input_tensor, axis=axes, keepdims=keep, label=name)

    reduce.__name__ = reduce.__qualname__ = label
    reduce.__doc__ = f"`autograd.{op}` over axes, all of them unless given."
    return reduce


reduce_sum, reduce_max = _reduction("sum", "reduce_sum"), _reduction("max", "reduce_max")
reduce_min, reduce_prod = _reduction("min", "reduce_min"), _reduction("prod", "reduce_prod")
reduce_all, reduce_any = _reduction("all", "reduce_all"), _reduction("any", "reduce_any")
reduce_logsumexp = _reduction("logsumexp", "reduce_logsumexp")
_mean = _reduction("mean", "reduce_mean")


def reduce_mean(input_tensor: Any, *args: Any, **kwargs: Any) -> Symbol:
    """`autograd.mean` over axes, all of them unless given.

    Integers raise DTypeError: TensorFlow would round their mean down.
    """
    if isinstance(input_tensor, Symbol) and input_tensor.dtype.kind in "iub":
        raise DTypeError(
            f"reduce_mean of {input_tensor.dtype}: the mean of whole numbers is none; "
            "cast(x, float32) first"
        )
    found: Symbol = _mean(input_tensor, *args, **kwargs)
    return found


def argmax(input: Any, axis: int | None = None, name: str = "ArgMax", dimension: Any = None) -> Any:
    """Where the largest number is along an axis, the first unless given."""
    return apply("argmax", input, axis=(dimension or 0) if axis is None else axis, label=name)


def argmin(input: Any, axis: int | None = None, name: str = "ArgMin", dimension: Any = None) -> Any:
    """Where the smallest number is along an axis, the first unless given."""
    return apply("argmin", input, axis=(dimension or 0) if axis is None else axis, label=name)


arg_max, arg_min = argmax, argmin


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str = "MatMul"
) -> Symbol:
    """The product of two matrices, or of stacks of them, either transposed first."""
    a, b = (x if isinstance(x, Symbol) else constant(x) for x in (a, b))
    for x in (a, b):
        if x.ndim is not None and x.ndim < 2:
            raise ArgumentError(f"{name}: {x!r} is no matrix; reshape(x, [-1, 1]) makes it one")
    a = apply("matrix_transpose", a) if transpose_a else a
    b = apply("matrix_transpose", b) if transpose_b else b
    return apply("matmul", a, b, label=name)


def cast(x: Any, dtype: Any, name: str = "Cast") -> Symbol:
    """The same numbers in another dtype."""
    return apply("cast", x, dtype=dtype_of(dtype), label=name)


def to_float(x: Any, name: str = "ToFloat") -> Symbol:
    """`cast(x, float32)`."""
    return cast(x, np.float32, name)


def reshape(tensor: Any, shape: Lengths, name: str = "Reshape") -> Symbol:
    """The same numbers in another shape; one length may be -1, and lengths may be symbols."""
    if not isinstance(shape, Symbol):
        lengths = tuple(-1 if isinstance(n, Symbol) else n for n in shape)
        if lengths.count(-1) < 2:  # one that a run will tell is what is left
            return apply("reshape", tensor, shape=tuple(map(int, lengths)), label=name)
    wanted, known = as_lengths(shape)
    return build(RESHAPED, (tensor, wanted), {}, name, (known, tensor.dtype))


def transpose(a: Any, perm: Any = None, name: str = "transpose") -> Symbol:
    """The axes in another order, reversed unless `perm` gives it."""
    return apply("permute_dims", a, axes=None if perm is None else tuple(perm), label=name)


def concat(values: Sequence[Any], axis: int, name: str = "concat") -> Symbol:
    """Symbols one after the other along an axis."""
    return apply("concat", *values, axis=axis, label=name)


def stack(values: Sequence[Any], axis: int = 0, name: str = "stack") -> Symbol:
    """Symbols of one shape along a new axis."""
    return apply("stack", *values, axis=axis, label=name)


def expand_dims(input: Any, axis: int, name: str = "ExpandDims") -> Symbol:
    """The same with a new axis of length 1."""
    return apply("expand_dims", input, axis=axis, label=name)


def squeeze(input: Any, axis: Axis = None, name: str = "Squeeze") -> Symbol:
    """The same without axes of length 1."""
    axes = tuple(axis) if isinstance(axis, list) else axis
    return apply("squeeze", input, axis=axes, label=name)


def tile(input: Any, multiples: Any, name: str = "Tile") -> Symbol:
    """The whole, so many times along each axis."""
    return apply("tile", input, reps=tuple(multiples), label=name)


def gather(params: Any, indices: Any, axis: int = 0, name: str = "GatherV2") -> Symbol:
    """The slices of an axis that the indices name."""
    return apply("take", params, indices, axis=axis, label=name)


def where(condition: Any, x: Any, y: Any, name: str = "Select") -> Symbol:
    """x where the condition holds, and y elsewhere."""
    return apply("where", condition, x, y, label=name)


def clip_by_value(
    t: Any, clip_value_min: Any, clip_value_max: Any, name: str = "clip_by_value"
) -> Symbol:
    """No less than one bound, and no more than the other."""
    return apply("clip", t, clip_value_min, clip_value_max, label=name)


def identity(input: Any, name: str = "Identity") -> Symbol:
    """The same value under another name."""
    return copied(input, name)


def add_n(inputs: Sequence[Any], name: str = "AddN") -> Symbol:
    """The sum of several symbols."""
    total = inputs[0]
    for x in inputs[1:]:
        total = apply("add", total, x, label=name)
    return total if len(inputs) > 1 else identity(total, name)


def shape(input: Any, name: str = "Shape", out_type: Any = np.int32) -> Symbol:
    """The lengths of the axes, as a symbol."""
    count = None if input.ndim is None else (input.ndim,)
    found = build(SHAPE, (input,), {}, name, (count, np.dtype(np.int32)))
    return found if dtype_of(out_type) == np.int32 else cast(found, out_type)


def as_lengths(lengths: Any) -> tuple[Symbol, Any]:
    """One symbol of lengths, of which some are symbols, and what is known of them."""
    if not isinstance(lengths, Symbol):
        known = tuple(None if isinstance(n, Symbol) else int(n) for n in lengths)
        return stack(
            [n if isinstance(n, Symbol) else constant(n, np.int32) for n in lengths]
        ), known
    if lengths.node.op is SHAPE:
        return lengths, lengths.node.inputs[0].shape
    return lengths, None if lengths.shape is None else (None,) * int(lengths.shape[0])


def _shape(x: Any, /) -> Any:
    """The shape of x."""
    return np.array(raw(x).shape, np.int32)


def _reshaped(x: Any, lengths: Any, /) -> Any:
    """The numbers of x in a shape that a run has found."""
    return OPS["reshape"].record(x, shape=tuple(map(int, raw(lengths))))


def _full(x: Any, /, value: float, dtype: Any) -> Any:
    """One number in the shape of x."""
    return np.full_like(raw(x), value, dtype=dtype)


def _outside(x: Any, /) -> Any:
    """The value alone: no gradient flows on."""
    return raw(x)


def _filled_to(lengths: Any, /, value: float, dtype: Any) -> Any:
    """One number in a shape that a run has found."""
    return np.full(tuple(map(int, raw(lengths))), value, dtype)


FULL, OUTSIDE = Op(_full, "full_like", {}), Op(_outside, "stop_gradient", {})
SHAPE, RESHAPED = Op(_shape, "shape", {}), Op(_reshaped, "reshape_to", {})
FILLED = Op(_filled_to, "fill", {})
FULL.record, OUTSIDE.record, FILLED.record = _full, _outside, _filled_to
SHAPE.record, RESHAPED.record = _shape, _reshaped


def fill(dims: Lengths, value: Any, name: str = "Fill") -> Symbol:
    """One number, in a shape that a run may tell."""
    first = as_constant(value)
    if isinstance(dims, Symbol) or any(isinstance(n, Symbol) for n in dims):
        (lengths, known), params = as_lengths(dims), {"value": first, "dtype": first.dtype}
        return build(FILLED, (lengths,), params, name, (known, first.dtype))
    return constant(first, first.dtype, tuple(dims), name)


def stop_gradient(input: Any, name: str = "StopGradient") -> Symbol:
    """The same value, as a constant for gradients."""
    return build(OUTSIDE, (input,), {}, name)


def _filled(value: float, label: str) -> Any:
    def filled(shape: Lengths, dtype: Any = np.float32, name: str = label) -> Symbol:
        lengths = (shape,) if isinstance(shape, int) else shape
        return fill(lengths, np.asarray(value, dtype_of(dtype)), name)

    def alike(tensor: Any, dtype: Any = None, name: str = f"{label}_like") -> Symbol:
        x = tensor if isinstance(tensor, Symbol) else constant(tensor)
        return build(FULL, (x,), {"value": value, "dtype": dtype_of(dtype or x.dtype)}, name)

    filled.__name__ = filled.__qualname__ = label
    alike.__name__ = alike.__qualname__ = f"{label}_like"
    filled.__doc__ = f"A constant of {label}."
    alike.__doc__ = f"{label.title()} in the shape of a symbol."
    return filled, alike


zeros, zeros_like = _filled(0, "zeros")
ones, ones_like = _filled(1, "ones")
