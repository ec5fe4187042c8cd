"""Taking from planes, and putting into them, at places that are numbers in the flat plane.

A plane is what the last axes of an array make; all axes before them are common to x and the places.
"""

from __future__ import annotations

import math

import numpy as np

from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.convolution import pooling

__all__ = ["gather_planes", "scatter_planes"]

PLACES = np.array([[[3, 0], [1, 1]], [[5, 2], [4, 0]]])  # in planes of (2, 3)


def _added(
    v: Array, indices: Array, shape: tuple[int, ...], rank: int, disjoint: bool = False
) -> Array:
    out = np.zeros((math.prod(shape[:-rank]), math.prod(shape[-rank:])), v.dtype)
    for plane, values, places in zip(out, v.reshape(2, -1), indices.reshape(2, -1), strict=True):
        np.add.at(plane, places, values)
    return out.reshape(shape)


@op(
    "0[i] + v",
    wide=True,
    v=lambda g, indices, rank, disjoint: gather_planes(g, indices, rank, disjoint),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 2, 2), PLACES, shape=(2, 2, 3), rank=2),
        lambda: sample(draw(2, 1, 2), PLACES[:, :1], shape=(2, 2, 3), rank=2, disjoint=True),
        lambda: sample(draw(1, 2, 4), PLACES.reshape(1, 2, 4), shape=(1, 2, 6), rank=1),
    ),
    reference=_added,
)
def scatter_planes(
    v: Array,
    indices: Array,
    /,
    shape: tuple[int, ...],
    rank: int,
    disjoint: bool = False,
) -> Array:
    """Zeros of a shape with v added at flat places of its last `rank` axes."""
    return pooling.scatter_planes(v, indices, shape, rank, disjoint)


@op(
    "x[i]",
    x=lambda g, indices, x_shape, rank, disjoint: scatter_planes(
        g, indices, x_shape, rank, disjoint
    ),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 2, 3), PLACES, rank=2),
        lambda: sample(draw(2, 2, 3), PLACES[:, :1], rank=2, disjoint=True),
        lambda: sample(draw(1, 2, 6), PLACES.reshape(1, 2, 4), rank=1),
    ),
    reference=lambda x, indices, rank, disjoint=False: np.stack(
        [
            np.ravel(plane)[places.ravel()]
            for plane, places in zip(x.reshape(2, -1), indices.reshape(2, -1), strict=True)
        ]
    ).reshape(indices.shape),
)
def gather_planes(x: Array, indices: Array, /, rank: int, disjoint: bool = False) -> Array:
    """The elements of x at flat places of its last `rank` axes; `disjoint`: none comes twice."""
    return pooling.gather_planes(x, indices, rank)
