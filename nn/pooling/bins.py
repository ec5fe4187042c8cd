"""The maximum of bins of any shape: each bin is a list of places in the flat plane."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.convolution import pooling
from nn.pooling.planes import scatter_planes

__all__ = ["max_of_bins", "product_of_bins"]

SHARED = np.array([[0, 1, 1], [1, 2, 3], [3, 4, 4]])  # in planes of 5 elements
OWN = np.array([[[0, 4], [1, 2]], [[3, 3], [2, 4]]])  # for each of two planes


def _binned(x: Array, bins: Array) -> Array:
    """The elements of each bin: (..., plane) -> (..., bins, places)."""
    return np.take(x, bins, -1) if bins.ndim == 2 else pooling.gather_planes(x, bins, 1)


def _listed(x: Array, bins: Array, f: Any) -> Array:
    """f(plane, bin) for all planes and bins, for references."""
    lead = x.shape[:-1]
    bins = np.broadcast_to(bins, (*lead, *bins.shape[-2:])).reshape(-1, *bins.shape[-2:])
    planes = zip(x.reshape(-1, x.shape[-1]), bins, strict=True) if x.size else ()
    found = [f(plane, places) for plane, own in planes for places in own]
    return np.array(found, float).reshape(*lead, bins.shape[1] if x.size else SHARED.shape[0])


@op(
    "argmax of bins of x",
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 5), SHARED),
        lambda: sample(draw(2, 5), OWN),
        lambda: sample(np.array([[1.0, 1.0, 0.0, 0.0, 0.0]]), SHARED, label="ties"),
        lambda: sample(draw(0, 5), SHARED, label="empty"),
    ),
    reference=lambda x, bins: _listed(
        x, bins, lambda plane, places: max(places, key=lambda i: plane[i])
    ).astype(int),
)
def _argmax_of_bins(x: Array, bins: Array, /) -> Array:
    """Where in its plane each bin has its maximum; the first place of several."""
    values = _binned(x, bins)
    first = np.argmax(values, axis=-1)[..., None]
    return np.take_along_axis(np.broadcast_to(bins, values.shape), first, -1)[..., 0]


@op(
    "max of bins of x",
    x=lambda g, x, bins: scatter_planes(g, _argmax_of_bins(x, bins), x.shape, 1),
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 5), SHARED),
        lambda: sample(draw(2, 5), OWN),
        lambda: sample(draw(0, 5), SHARED, label="empty"),
    ),
    reference=lambda x, bins: _listed(x, bins, lambda plane, places: max(plane[places])),
)
def _max_of_bins(x: Array, bins: Array, /) -> Array:
    """The maximum of each bin: (..., plane) and (bins, places) -> (..., bins)."""
    return np.max(_binned(x, bins), axis=-1)


def max_of_bins(input: Any, bins: Array, sizes: tuple[int, ...], return_indices: bool) -> Any:
    """The maxima of the bins of the last axes, in an output of given lengths, and their places."""
    lead = input.shape[: input.ndim - len(sizes)]
    plane = math.prod(input.shape[len(lead) :])
    flat = ag.reshape(input, (*lead, plane))
    maximum = ag.reshape(_max_of_bins(flat, bins), (*lead, *sizes))
    if not return_indices:
        return maximum
    return maximum, ag.reshape(_argmax_of_bins(flat, bins), (*lead, *sizes))


def product_of_bins(bins: list[Array], lengths: tuple[int, ...]) -> Array:
    """Bins of the plane from those along its axes: (..., size, places) each."""
    found = bins[0]
    for own, length in zip(bins[1:], lengths[1:], strict=True):
        sums = found[..., :, None, :, None] * length + own[..., None, :, None, :]
        *lead, a, b, i, j = sums.shape
        found = sums.reshape(*lead, a * b, i * j)
    return found
