"""Shape: the same elements in another arrangement; broadcasting; joining and splitting."""

from __future__ import annotations

import numpy as np

from autograd.op import Array, op
from autograd.samples import draw, sample, samples

__all__ = ["astype", "broadcast_to", "expand_dims", "reshape"]


@op(
    "reshape x",
    x=lambda g, x_shape: np.reshape(g, x_shape),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), shape=(3, -1)),
        lambda: sample(draw(2, 3), shape=(6,)),
        lambda: sample(draw(1, 1), shape=()),
        lambda: sample(draw(0, 3), shape=(3, 0)),
    ),
    reference="numpy.reshape",
)
def reshape(x: Array, /, shape: int | tuple[int, ...]) -> Array:
    """The elements of x in another shape; one length may be -1 and follows from the others.

    >>> import autograd as ag
    >>> ag.reshape(ag.Tensor([1.0, 2.0, 3.0, 4.0]), (2, 2))
    Tensor([[1., 2.],
            [3., 4.]], dtype=float32)
    """
    return np.reshape(x, shape)


@op(
    "broadcast x",
    x=lambda g: g,  # the engine sums over the axes that were repeated
    linear=True,
    samples=samples(
        lambda: sample(draw(3), shape=(2, 3)),
        lambda: sample(draw(3, 1), shape=(2, 3, 4)),
        lambda: sample(draw(), shape=(2,)),
        lambda: sample(draw(1, 3), shape=(0, 3)),
    ),
    reference="numpy.broadcast_to",
)
def broadcast_to(x: Array, /, shape: tuple[int, ...]) -> Array:
    """x repeated to a larger shape without copying.

    >>> import autograd as ag
    >>> ag.broadcast_to(ag.Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]], dtype=float32)
    """
    return np.broadcast_to(x, shape)


@op(
    "expand x",
    x=lambda g, x_shape: np.reshape(g, x_shape),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), axis=1),
        lambda: sample(draw(2), axis=(0, -1)),
        lambda: sample(draw(), axis=0),
        lambda: sample(draw(0), axis=-1),
    ),
    reference="numpy.expand_dims",
)
def expand_dims(x: Array, /, axis: int | tuple[int, ...]) -> Array:
    """x with new axes of length 1 at the given places of the result.

    >>> import autograd as ag
    >>> ag.expand_dims(ag.Tensor([1.0, 2.0]), 0).shape
    (1, 2)
    """
    return np.expand_dims(x, axis)


@op(
    "cast x",
    x=lambda g: g,  # the engine casts a cotangent to its input's dtype
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), dtype="float64"),
        lambda: sample(draw(), dtype="float64"),
        lambda: sample(draw(0, 2), dtype="complex128"),
    ),
    reference=lambda x, dtype: np.asarray(x).astype(dtype),
)
def _cast(x: Array, /, dtype: np.dtype[Array]) -> Array:
    return x.astype(dtype)


def astype(x: Array, dtype: Array) -> Array:
    """x in another dtype; the gradient is cast back. Integers and booleans leave the graph.

    >>> import autograd as ag
    >>> ag.astype(ag.Tensor([1.5, 2.5]), "int64")
    Tensor([1, 2], dtype=int64)
    """
    from autograd.dtypes import as_dtype

    dtype = as_dtype(dtype)
    if dtype.kind not in "fc" and hasattr(x, "detach"):
        x = x.detach()
    return _cast(x, dtype)
