"""Resampling along axes: the op that interpolation, adaptive averages and padding are made of."""

from __future__ import annotations

import numpy as np

from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.convolution import resampling
from autograd.kernels.convolution.resampling import Resampling, matrix

__all__ = ["Resampling", "resample"]

UP = Resampling("linear", 3, 7, 3 / 7)
DOWN = Resampling("area", 5, 3)


def _by_matrix(x: Array, axis: int, table: Resampling, transposed: bool = False) -> Array:
    dense = matrix(table)
    dense = dense.T if transposed else dense
    return np.moveaxis(np.tensordot(dense, x, (1, axis)), 0, axis)


@op(
    "W x",
    wide=True,
    x=lambda g, axis, table, transposed: resample(g, axis, table, not transposed),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), axis=1, table=UP),
        lambda: sample(draw(7, 2), axis=0, table=UP, transposed=True),
        lambda: sample(draw(2, 5, 2), axis=1, table=DOWN),
        lambda: sample(draw(2, 3, 1), axis=-2, table=DOWN, transposed=True),
        lambda: sample(draw(4), axis=0, table=Resampling("reflect", 4, 8, before=2)),
        lambda: sample(draw(8), axis=0, table=Resampling("replicate", 4, 8, before=2),
                       transposed=True),
        lambda: sample(draw(3), axis=0, table=Resampling("cubic", 3, 5, 0.5, corners=True)),
        lambda: sample(draw(2), axis=0, table=Resampling("nearest", 5, 2, 2.5), transposed=True),
        lambda: sample(draw(0, 3), axis=1, table=UP, label="empty"),
    ),
    reference=_by_matrix,
)  # fmt: skip
def resample(x: Array, /, axis: int, table: Resampling, transposed: bool = False) -> Array:
    """Along one axis the weighted sums that a table tells; `transposed` goes back."""
    return resampling.resample(x, axis, Resampling(*table), transposed)
