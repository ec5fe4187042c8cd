"""More functions of the face, by TensorFlow's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.static.functions import _of, add_n, constant, identity, less
from autograd.static.shapes import known_lengths
from autograd.static.symbol import Symbol, apply, as_constant
from autograd.static.types import dtype_of

acos, asin, atan = (_of(op, label, 1) for op, label in (
    ("acos", "Acos"), ("asin", "Asin"), ("atan", "Atan")))  # fmt: skip
sinh, cosh, digamma, erfc = (_of(n, n.title(), 1) for n in ("sinh", "cosh", "digamma", "erfc"))
lgamma, rint = _of("gammaln", "Lgamma", 1), _of("rint", "Rint", 1)
is_inf, is_finite = _of("isinf", "IsInf", 1), _of("isfinite", "IsFinite", 1)
atan2, logical_xor = _of("atan2", "Atan2", 2), _of("logical_xor", "LogicalXor", 2)
floor_div = _of("floor_divide", "FloorDiv", 2)
cholesky, matrix_determinant = _of("cholesky", "Cholesky", 1), _of("det", "MatrixDeterminant", 1)


def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str = "MatrixSolve") -> Symbol:
    """x of `matrix @ x = rhs`."""
    matrix = apply("matrix_transpose", matrix) if adjoint else matrix
    return apply("solve", matrix, rhs, label=name)


def placeholder_with_default(
    input: Any, shape: Any, name: str = "PlaceholderWithDefault"
) -> Symbol:
    """A symbol that is `input` where a run feeds nothing else.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     keep = tf.placeholder_with_default(1.0, [])
    ...     session.run(keep), session.run(keep, {keep: 0.5})
    (np.float32(1.0), np.float32(0.5))
    """
    found = identity(input if isinstance(input, Symbol) else constant(as_constant(input)), name)
    lengths = None if shape is None else known_lengths(shape)
    found.node.spec = lengths, found.dtype
    return found


def cumprod(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str = "Cumprod"
) -> Symbol:
    """Products of all up to each, along an axis."""
    if exclusive or reverse:
        raise ArgumentError("cumprod: exclusive and reverse are False here; tf.scan multiplies on")
    return apply("cumprod", x, axis=axis, label=name)


def broadcast_to(input: Any, shape: Sequence[int], name: str = "BroadcastTo") -> Symbol:
    """The same numbers, repeated to a shape."""
    return apply("broadcast_to", input, shape=tuple(map(int, shape)), label=name)


def sequence_mask(
    lengths: Any, maxlen: int | None = None, dtype: Any = bool, name: str = "SequenceMask"
) -> Symbol:
    """Which places of rows of `maxlen` lie within their lengths."""
    if not isinstance(maxlen, (int, np.integer)):
        raise ArgumentError("sequence_mask: maxlen= is a number here")
    places = constant(np.arange(maxlen, dtype=lengths.dtype))
    found = less(places, apply("expand_dims", lengths, axis=-1), name)
    wanted = np.dtype(bool) if dtype is bool else dtype_of(dtype)
    return found if wanted == found.dtype else apply("cast", found, dtype=wanted)


def accumulate_n(inputs: Sequence[Any], shape: Any = None, name: str = "AccumulateN") -> Symbol:
    """The sum of several symbols."""
    return add_n(inputs, name)


def lin_space(start: Any, stop: Any, num: int, name: str = "LinSpace") -> Symbol:
    """Numbers spaced evenly, both ends among them."""
    return constant(np.linspace(start, stop, num, dtype=np.float32), name=name)
