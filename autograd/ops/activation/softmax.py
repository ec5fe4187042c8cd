"""Activations along an axis: softmax and its kin, gated and maxout units."""

from __future__ import annotations

import numpy as np

from autograd.errors import ArgumentError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.activation import softmax as kernels
from autograd.ops.elementwise.logistic import sigmoid
from autograd.ops.shape.shape import normal_axis, reshape

_ROWS = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3, 2), axis=1),
    lambda: sample(draw(2, 3, 2), axis=(0, -1)),
    lambda: sample(draw(3, 2).T, label="not contiguous"),
    lambda: sample(draw(4, 1), label="length 1"),
    lambda: sample(draw(0, 3), label="no rows"),
    lambda: sample(draw(2, 0), label="length 0"),
    lambda: sample(np.array([[1e3, 0.0, -1e3], [1e30, 1e30, -1e30]]), label="huge", smooth=False),
    lambda: sample(np.array([0.5, -np.inf, 1.0]), label="a masked place", smooth=False),
)

Axis = int | tuple[int, ...]


@op(
    "softmax x",
    wide=True,
    x=lambda g, out, axis: kernels.softmax_pull(g, out, axis),
    jvp={"x": lambda t, out, axis: out * (t - np.sum(out * t, axis=axis, keepdims=True))},
    real_only=True,
    samples=_ROWS,
    reference=lambda x, axis=-1: (
        np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
        / np.sum(
            np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)),
            axis=axis,
            keepdims=True,
        )
    ),
)
def softmax(x: Array, /, axis: Axis = -1) -> Array:
    """exp(x) divided by its sum over an axis (or several): positive weights that sum to 1.

    A shift of x along the axis changes nothing: the largest is taken off first, so nothing
    overflows.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.softmax(ag.Tensor([0.0, 0.0, 1000.0]))
    Tensor([0., 0., 1.], dtype=float32)
    """
    if not x.size:
        return x
    return kernels.softmax(x, axis)


def _scipy_log_softmax(x: Array, axis: Axis = -1) -> Array:
    from scipy.special import log_softmax

    return log_softmax(x, axis) if x.size else x


@op(
    "log softmax x",
    wide=True,
    x=lambda g, out, axis: kernels.log_softmax_pull(g, out, axis),
    jvp={"x": lambda t, out, axis: t - np.sum(np.exp(out) * t, axis=axis, keepdims=True)},
    real_only=True,
    samples=_ROWS,
    reference=_scipy_log_softmax,
)
def log_softmax(x: Array, /, axis: Axis = -1) -> Array:
    """The logarithm of softmax, accurate also where softmax is 0: x - logsumexp(x).

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.log_softmax(ag.Tensor([0.0, 1000.0]))
    Tensor([-1000.,     0.], dtype=float32)
    """
    if not x.size:
        return x
    return kernels.log_softmax(x, axis)


@composite(
    "softmin x",
    real_only=True,
    samples=samples(lambda: sample(draw(2, 3)), lambda: sample(draw(2, 3), axis=0)),
    reference=lambda x, axis=-1: np.exp(-x) / np.exp(-x).sum(axis, keepdims=True),
)
def softmin(x: Array, /, axis: Axis = -1) -> Array:
    """softmax(-x): the smallest element gets the largest weight.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.softmin(ag.Tensor([0.0, 1000.0]))
    Tensor([1., 0.], dtype=float32)
    """
    x = x + 0.0 if x.dtype.kind in "biu" else x  # whose negatives wrap around
    return softmax(-x, axis)


@composite(
    "a σ(b)",
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 6)),
        lambda: sample(draw(4, 3), axis=0),
        lambda: sample(draw(0, 2)),
    ),
    reference=lambda x, axis=-1: np.split(x, 2, axis)[0] / (1 + np.exp(-np.split(x, 2, axis)[1])),
)
def glu(x: Array, /, axis: int = -1) -> Array:
    """The first half of an axis times the sigmoid of the second (Dauphin et al., 2017).

    Shape: (..., 2N, ...) -> (..., N, ...) along `axis`. Integers give floats; complex numbers raise
    DTypeError. An odd length is an error.

    >>> import autograd as ag
    >>> ag.glu(ag.Tensor([1.0, 2.0, 0.0, 1000.0]))
    Tensor([0.5, 2. ], dtype=float32)
    """
    length = x.shape[normal_axis(axis, x.ndim)]
    if length % 2:
        raise ArgumentError(f"glu: axis {axis} has odd length {length} and cannot be halved")
    behind = (slice(None),) * (x.ndim - 1 - axis % x.ndim)
    half = length // 2
    return x[(..., slice(None, half), *behind)] * sigmoid(x[(..., slice(half, None), *behind)])


@composite(
    "maxout x",
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 6), num_pieces=3),
        lambda: sample(draw(4, 2, 3), num_pieces=2, axis=0),
        lambda: sample(draw(0, 4), num_pieces=2),
    ),
    reference=lambda x, num_pieces, axis=-1: np.stack(
        [np.take(x, range(k, x.shape[axis], num_pieces), axis) for k in range(num_pieces)]
    ).max(0),
)
def maxout(x: Array, /, num_pieces: int, axis: int = -1) -> Array:
    """The largest of every `num_pieces` neighbours along an axis (Goodfellow et al., 2013).

    A convex function is learnt piece by piece. Ties share the gradient evenly.

    Shape: (..., K·num_pieces, ...) -> (..., K, ...) along `axis`. Complex numbers raise DTypeError.
    A length that is no multiple is an error.

    >>> import autograd as ag
    >>> ag.maxout(ag.Tensor([1.0, 5.0, 3.0, 2.0]), num_pieces=2)
    Tensor([5., 3.], dtype=float32)
    """
    axis = normal_axis(axis, x.ndim)
    length = x.shape[axis]
    if length % num_pieces:
        raise ArgumentError(f"maxout: axis {axis} has length {length}, no multiple of {num_pieces}")
    shape = (*x.shape[:axis], length // num_pieces, num_pieces, *x.shape[axis + 1 :])
    return np.max(reshape(x, shape), axis=axis + 1)
