"""Products of vectors, matrices and stacks of them: matmul and its kin."""

from __future__ import annotations

import math

import numpy as np

from autograd.engine.typed import Tensor
from autograd.extend import Array, composite, draw, hands_on, op, sample, samples
from autograd.kernels.matrix.dense import MANY, dense, product
from autograd.ops.product.product_hints import linear_hint, matmul_hint
from autograd.ops.product.tensor_products import tensordot


def flat(x: Array) -> Array:
    """x with all axes but the last in one: (..., n) -> (N, n). A product of two is one GEMM."""
    return x if x.ndim == 2 else np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def d_matmul_x(g: Array, y: Array) -> Array:
    if y.ndim == 1:
        return np.expand_dims(g, -1) * y
    if g.ndim < y.ndim:  # x is a vector
        return (y @ np.expand_dims(g, -1))[..., 0]
    return d_linear_x(g, y.mT) if y.ndim == 2 else g @ y.mT


def d_linear_x(g: Array, weight: Array) -> Array:
    if g.ndim <= 2:
        return _product(g, weight, g)
    # one product: NumPy would make one for each of the stack, and BLAS wake its threads for each
    return np.reshape(_product(flat(g), weight, flat(g)), (*g.shape[:-1], weight.shape[-1]))


def _product(a: Array, b: Array, batch: Array) -> Array:
    """a @ b; of arrays in tiles if the batch has many rows, else by the method, which asks less."""
    if type(a) is type(b) is np.ndarray and batch.ndim == 2:
        return product(a, b) if len(batch) >= MANY else a.dot(b)
    return a @ b


def d_matmul_y(g: Array, x: Array, y_shape: tuple[int, ...]) -> Array:
    if x.ndim == 1:
        return x * g if len(y_shape) == 1 else np.expand_dims(x, -1) * np.expand_dims(g, -2)
    if len(y_shape) == 1:
        return (x.mT @ np.expand_dims(g, -1))[..., 0]
    if len(y_shape) == 2:
        return flat(x).mT @ flat(g)  # one GEMM sums over the stack
    return x.mT @ g


def _lies_in_rows(x: Array) -> bool:
    """Whether its rows are those of one matrix without a copy; symbols may know how they lie."""
    flags = getattr(x, "flags", None)
    return flags.c_contiguous if flags is not None else True


@op(
    "x @ y",
    x=d_matmul_x,
    y=d_matmul_y,
    multilinear=True,
    samples=samples(
        lambda: sample(draw(2, 3), draw(3, 4, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1), label="vectors"),
        lambda: sample(draw(3), draw(3, 2, seed=1), label="vector @ matrix"),
        lambda: sample(draw(2, 3), draw(3, seed=1), label="matrix @ vector"),
        lambda: sample(draw(3), draw(2, 3, 4, seed=1), label="vector @ stack"),
        lambda: sample(draw(2, 4, 3), draw(3, seed=1), label="stack @ vector"),
        lambda: sample(draw(2, 4, 3), draw(3, 2, seed=1), label="stack @ matrix"),
        lambda: sample(draw(4, 3), draw(2, 3, 2, seed=1), label="matrix @ stack"),
        lambda: sample(draw(2, 1, 4, 3), draw(5, 3, 2, seed=1), label="stacks"),
        lambda: sample(draw(3, 2).T, draw(4, 3, seed=1).T, label="transposed"),
        lambda: sample(draw(2, 0), draw(0, 3), label="empty inner axis"),
        lambda: sample(draw(2, 3, 0), draw(0, 2), label="stack with an empty inner axis"),
        lambda: sample(draw(0, 2, 3), draw(3, 2), label="empty stack"),
        lambda: sample(draw(2, 3, complex_=True), draw(3, 2, complex_=True), label="complex"),
    ),
    hint=matmul_hint,
)
def matmul(x: Array, y: Array, /) -> Array:
    """The matrix product x @ y; stacks of matrices broadcast, a vector is a row or a column.

    Shape: (..., M, N), (..., N, K) -> (..., M, K); the axis of a vector (N,) goes. Inner lengths
    that differ, and numbers without axes, raise ShapeError.

    >>> import autograd as ag
    >>> ag.matmul(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), ag.Tensor([1.0, 1.0]))
    Tensor([3., 7.], dtype=float32)
    """
    ranks = getattr(x, "ndim", 0), getattr(y, "ndim", 0)
    if ranks == (2, 2):
        return np.dot(x, y)
    if ranks[1] == 2 and ranks[0] > 2 and _lies_in_rows(x):
        rows = flat(x)
        found = product(rows, y) if len(rows) >= MANY else np.dot(rows, y)
        return np.reshape(found, (*x.shape[:-1], y.shape[-1]))
    try:
        return np.matmul(x, y)
    except ValueError:  # NumPy speaks of gufunc signatures
        raise ValueError("the shapes do not fit") from None


@op(
    "x @ wᵀ + b",
    weighted=True,
    x=d_linear_x,
    weight=lambda g, x: _product(flat(g).mT, flat(x), flat(x)),
    bias=hands_on,  # the engine sums over the batch
    jvp={
        "x": lambda t, weight: t @ weight.mT,
        "weight": lambda t, x: x @ t.mT,
        "bias": lambda t: t,
    },
    samples=samples(
        lambda: sample(draw(4, 3), draw(2, 3, seed=1), draw(2, seed=2)),
        lambda: sample(draw(4, 3), draw(2, 3, seed=1)),
        lambda: sample(draw(2, 5, 3), draw(2, 3, seed=1), draw(2, seed=2), label="stack"),
        lambda: sample(draw(3), draw(2, 3, seed=1), draw(2, seed=2), label="vector"),
        lambda: sample(draw(3, 4).T, draw(3, 2, seed=1).T, draw(2), label="transposed"),
        lambda: sample(draw(0, 3), draw(2, 3), draw(2), label="empty batch"),
        lambda: sample(draw(2, 2, 0), draw(3, 0), draw(3), label="no features"),
    ),
    reference=lambda x, weight, bias=None: x @ weight.T + (0 if bias is None else bias),
    hint=linear_hint,
)
def linear(x: Array, weight: Array, bias: Array = None, /) -> Array:
    """x @ weight.mT + bias as one op: a dense layer.

    Shape: x (..., I), weight (O, I), bias (O,) or None -> (..., O). Others raise ShapeError.
    Integers are taken in the dtype of the others.

    >>> import autograd as ag
    >>> ag.linear(ag.Tensor([[1.0, 2.0]]), ag.Tensor([[3.0, 4.0]]), ag.Tensor([5.0]))
    Tensor([[16.]], dtype=float32)
    """
    ndim = x.ndim
    if weight.ndim != 2 or ndim == 0 or (bias is not None and bias.shape != weight.shape[:1]):
        raise ValueError("the shapes do not fit")
    if ndim == 1:
        out = weight.dot(x)  # np.dot, which asks 0.25 µs longer whose function it is
    elif len(rows := x if ndim == 2 else flat(x)) < MANY:
        out = dense(rows, weight)
    elif bias is not None and bias.dtype == x.dtype == weight.dtype:
        out, bias = product(rows, weight.T, bias), None
    else:
        out = product(rows, weight.T)
    if bias is not None:
        if bias.dtype == out.dtype:
            out += bias  # out is fresh: nobody else has seen it
        else:
            out = out + bias
    return out if ndim <= 2 else np.reshape(out, (*x.shape[:-1], out.shape[-1]))


@op(
    "Σ x̄ · y",
    x=lambda g, y: np.conj(np.expand_dims(g, -1) * y),
    y=lambda g, x: np.expand_dims(g, -1) * np.conj(x),
    multilinear=True,
    samples=samples(
        lambda: sample(draw(3), draw(3, seed=1)),
        lambda: sample(draw(2, 1, 3), draw(4, 3, seed=1)),
        lambda: sample(draw(2, 0), draw(2, 0), label="empty sum"),
        lambda: sample(draw(0, 3), draw(3), label="empty"),
        lambda: sample(draw(2, 3, complex_=True), draw(3, complex_=True), label="complex"),
    ),
    reference="numpy.vecdot",
)
def _vecdot(x: Array, y: Array, /) -> Array:
    return np.vecdot(x, y)


def vecdot(x: Array, y: Array, axis: int = -1) -> Array:
    """The inner products of the vectors along an axis; x is conjugated, and other axes broadcast.

    Shape: (..., N), (..., N) -> (...). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.vecdot(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), ag.Tensor([1.0, 1.0]))
    Tensor([3., 7.], dtype=float32)
    """
    if axis != -1:
        x, y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    return _vecdot(x, y)


@composite(
    "x · y",
    samples=samples(
        lambda: sample(draw(2, 3), draw(3, 2, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1)),
        lambda: sample(draw(2, 3), draw(seed=1), label="scalar"),
        lambda: sample(draw(2, 3), draw(2, 3, 4, seed=1), label="matrix · stack"),
        lambda: sample(draw(0), draw(0), label="empty"),
    ),
)
def dot(x: Array, y: Array, /) -> Array:
    """NumPy's dot: the last axis of x with the last but one of y (or its only one).

    For stacks `matmul` is what is mostly meant.

    Shape: (..., N), (..., N, K) -> (..., ..., K); a number without axes multiplies. Lengths that
    differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.dot(ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0]))
    Tensor(11., dtype=float32)
    """
    ranks = np.ndim(x), np.ndim(y)
    if 0 in ranks:
        return np.multiply(x, y)
    return tensordot(x, y, (-1, -2)) if ranks[0] > 1 and ranks[1] > 2 else matmul(x, y)


@composite(
    "Σ x̄ · y",
    samples=samples(
        lambda: sample(draw(2, 3), draw(2, 3, seed=1)),
        lambda: sample(draw(0), draw(0), label="empty"),
        lambda: sample(draw(3, complex_=True), draw(3, seed=1, complex_=True), label="complex"),
    ),
)
def vdot(x: Array, y: Array, /) -> Array:
    """The sum of conj(x) * y over all elements.

    Shape: any, any of the same size -> (). Sizes that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.vdot(ag.Tensor([[1.0, 2.0]]), ag.Tensor([[3.0, 4.0]]))
    Tensor(11., dtype=float32)
    """
    return _vecdot(np.reshape(x, (-1,)), np.reshape(y, (-1,)))


@op(
    "x ⊗ y",
    x=lambda g, y, x_shape: np.reshape(matmul(g, np.reshape(y, (-1,))), x_shape),
    y=lambda g, x, y_shape: np.reshape(matmul(np.reshape(x, (-1,)), g), y_shape),
    multilinear=True,
    samples=samples(
        lambda: sample(draw(2), draw(3, seed=1)),
        lambda: sample(draw(2, 2), draw(), label="flattened"),
        lambda: sample(draw(0), draw(2), label="empty"),
        lambda: sample(draw(2, complex_=True), draw(3, seed=1, complex_=True), label="complex"),
    ),
)
def outer(x: Array, y: Array, /) -> Array:
    """All products of an element of x with one of y.

    Shape: any, any -> (x.size, y.size).

    >>> import autograd as ag
    >>> ag.outer(ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0]))
    Tensor([[3., 4.],
            [6., 8.]], dtype=float32)
    """
    return np.reshape(x, (-1, 1)) * np.reshape(y, (1, -1))


@op(
    "x × y",
    x=lambda g, y: _cross(y, g),
    y=lambda g, x: _cross(g, x),
    multilinear=True,
    samples=samples(
        lambda: sample(draw(3), draw(3, seed=1)),
        lambda: sample(draw(2, 1, 3), draw(4, 3, seed=1)),
        lambda: sample(draw(0, 3), draw(3), label="empty"),
        lambda: sample(draw(3, complex_=True), draw(3, seed=1, complex_=True), label="complex"),
    ),
    reference="numpy.cross",
)
def _cross(x: Array, y: Array, /) -> Array:
    if np.shape(x)[-1:] != (3,) or np.shape(y)[-1:] != (3,):
        raise ValueError("the axis must have size 3 in both")
    return np.cross(x, y)


def cross(
    x: Array,
    y: Array,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """The cross product of vectors of 3 components along an axis; other axes broadcast.

    `axis` overrides `axisa`, `axisb` (the axis in x, in y) and `axisc` (in the result).

    Shape: (..., 3), (..., 3) -> (..., 3). Other lengths raise ShapeError. Booleans raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.cross(ag.Tensor([1.0, 0.0, 0.0]), ag.Tensor([0.0, 1.0, 0.0]))
    Tensor([0., 0., 1.], dtype=float32)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x = x if axisa == -1 else np.moveaxis(x, axisa, -1)
    y = y if axisb == -1 else np.moveaxis(y, axisb, -1)
    out: Array = _cross(x, y)
    return out if axisc == -1 else np.moveaxis(out, -1, axisc)
