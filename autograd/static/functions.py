"""The functions of the face: TensorFlow's names and arguments for ops of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.dtypes import as_dtype
from autograd.engine.operands import raw
from autograd.engine.row import CONSTANT, DRAW, INPUT, Op
from autograd.errors import ArgumentError, DTypeError
from autograd.static.graph import get_default_graph
from autograd.static.symbol import Symbol, apply, as_constant, build

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

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     tf.placeholder(tf.float32, [None, 2], name="x")
    <Symbol 'x:0' shape=(?, 2) dtype=float32>
    """
    if shape is None:
        raise ArgumentError(
            f"placeholder {name!r}: give it a shape; [None, 2] leaves a length open, and a number "
            "of axes cannot be left open here"
        )
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    spec = tuple(None if n is None else int(n) for n in lengths), as_dtype(dtype)
    return build(INPUT, (), {"held": None}, name, spec)


# ---- random numbers ------------------------------------------------------------------------------


def _random(
    label: str, shape: Lengths, dtype: Any, seed: int | None, drawn: Callable[..., Any], name: Any
) -> Symbol:
    kind = np.dtype(np.float32) if dtype is None else as_dtype(dtype)
    lengths = tuple(int(n) for n in ((shape,) if isinstance(shape, int) else shape))
    params = {"method": label, "drawn": lambda g: np.asarray(drawn(g, lengths), kind), "seed": seed}
    return build(DRAW, (), params, name or label, (lengths, kind))


def random_normal(
    shape: Lengths,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Symbol:
    """Normal numbers, others at every run."""
    return _random(
        "random_normal", shape, dtype, seed, lambda g, n: g.normal(mean, stddev, n), name
    )


def random_uniform(
    shape: Lengths,
    minval: float = 0,
    maxval: float | None = None,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Symbol:
    """Numbers spread evenly from `minval` up to `maxval` (1 unless given), which integers need."""
    whole = dtype is not None and as_dtype(dtype).kind in "iu"
    if whole and maxval is None:
        raise ArgumentError("random_uniform: integers need maxval=")
    high = 1.0 if maxval is None else maxval

    def drawn(g: Any, n: Any) -> Any:
        return g.integers(minval, high, n) if whole else g.uniform(minval, high, n)

    return _random("random_uniform", shape, dtype, seed, drawn, name)


def truncated_normal(
    shape: Lengths,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Symbol:
    """Normal numbers, those beyond two standard deviations drawn again."""

    def drawn(g: Any, n: Any) -> Any:
        found = g.standard_normal(n)
        while np.any(far := np.abs(found) > 2):
            found = np.where(far, g.standard_normal(n), found)
        return mean + stddev * found

    return _random("truncated_normal", shape, dtype, seed, drawn, name)


def set_random_seed(seed: int) -> None:
    """Let the random nodes of the default graph draw the same in every session."""
    get_default_graph().seed = seed


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
mul, sub, neg, div = multiply, subtract, negative, truediv


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


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str = "MatMul"
) -> Symbol:
    """The product of two matrices, or of stacks of them, either transposed first."""
    a, b = (x if isinstance(x, Symbol) else constant(x) for x in (a, b))
    for x in (a, b):
        if x.ndim < 2:
            raise ArgumentError(f"{name}: {x!r} is no matrix; reshape(x, [-1, 1]) makes it one")
    a = apply("matrix_transpose", a) if transpose_a else a
    b = apply("matrix_transpose", b) if transpose_b else b
    return apply("matmul", a, b, label=name)


def cast(x: Any, dtype: Any, name: str = "Cast") -> Symbol:
    """The same numbers in another dtype."""
    return apply("cast", x, dtype=as_dtype(dtype), label=name)


def to_float(x: Any, name: str = "ToFloat") -> Symbol:
    """`cast(x, float32)`."""
    return cast(x, np.float32, name)


def reshape(tensor: Any, shape: Lengths, name: str = "Reshape") -> Symbol:
    """The same numbers in another shape; one length may be -1."""
    return apply("reshape", tensor, shape=tuple(shape), label=name)


def transpose(a: Any, perm: Any = None, name: str = "transpose") -> Symbol:
    """The axes in another order, reversed unless `perm` gives it."""
    order = tuple(reversed(range(a.ndim))) if perm is None else tuple(perm)
    return apply("permute_dims", a, axes=order, label=name)


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
    return apply("positive", input, label=name)


def add_n(inputs: Sequence[Any], name: str = "AddN") -> Symbol:
    """The sum of several symbols."""
    total = inputs[0]
    for x in inputs[1:]:
        total = apply("add", total, x, label=name)
    return total if len(inputs) > 1 else identity(total, name)


def _full(x: Any, /, value: float, dtype: Any) -> Any:
    """One number in the shape of x."""
    return np.full_like(raw(x), value, dtype=dtype)


def _outside(x: Any, /) -> Any:
    """The value alone: no gradient flows on."""
    return raw(x)


FULL, OUTSIDE = Op(_full, "full_like", {}), Op(_outside, "stop_gradient", {})
FULL.record, OUTSIDE.record = _full, _outside


def stop_gradient(input: Any, name: str = "StopGradient") -> Symbol:
    """The same value, as a constant for gradients."""
    return build(OUTSIDE, (input,), {}, name)


def _filled(value: float, label: str) -> Any:
    def fill(shape: Lengths, dtype: Any = np.float32, name: str = label) -> Symbol:
        return constant(value, dtype, (shape,) if isinstance(shape, int) else tuple(shape), name)

    def alike(tensor: Any, dtype: Any = None, name: str = f"{label}_like") -> Symbol:
        x = tensor if isinstance(tensor, Symbol) else constant(tensor)
        return build(FULL, (x,), {"value": value, "dtype": as_dtype(dtype or x.dtype)}, name)

    fill.__name__ = fill.__qualname__ = label
    alike.__name__ = alike.__qualname__ = f"{label}_like"
    fill.__doc__ = f"A constant of {label}."
    alike.__doc__ = f"{label.title()} in the shape of a symbol."
    return fill, alike


zeros, zeros_like = _filled(0, "zeros")
ones, ones_like = _filled(1, "ones")
