"""Sampling images at the points of a grid, and the grids of affine maps."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.modes import capturing
from autograd.engine.trail import choice
from autograd.errors import ArgumentError, ShapeError
from nn.module.checks import check_choice
from nn.pooling.planes import gather_planes

SLOPE = -0.75  # of Keys' kernel at distance 1


@checked
def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Tensor:
    """The points that an affine map takes the pixels of an image to: a grid for `grid_sample`.

    `theta` holds the maps and `size` is the image's (N, C, H, W) or (N, C, D, H, W). Points have
    coordinates (x, y) or (x, y, z), which run from -1 to 1, with `align_corners` between the
    middles of the outer pixels, else between their edges.

    Source: Jaderberg et al., Spatial transformer networks (2015).

    Shape: (N, 2, 3) -> (N, H, W, 2), or (N, 3, 4) -> (N, D, H, W, 3).

    >>> import autograd as ag
    >>> import nn
    >>> theta = ag.Tensor([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]])
    >>> nn.functional.affine_grid(theta, (1, 1, 1, 2), align_corners=False)
    Tensor([[[[0., 0.],
              [1., 0.]]]], dtype=float32)
    """
    theta = theta if isinstance(theta, ag.Tensor) else ag.asarray(theta)
    batch, _, *lengths = map(int, size)
    rank = len(lengths)
    if rank not in (2, 3) or theta.shape != (batch, rank, rank + 1):
        raise ShapeError(
            f"affine_grid: theta is {theta.shape} and size {tuple(size)}; they must be (N, 2, 3) "
            f"with (N, C, H, W), or (N, 3, 4) with (N, C, D, H, W){here()}"
        )
    axes = [_middles(n, bool(align_corners)) for n in lengths]
    points = [*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(lengths)]
    flat = np.stack(points, axis=-1).reshape(1, math.prod(lengths), rank + 1)
    moved = ag.matmul(flat.astype(theta.dtype), theta.mT)
    return ag.reshape(moved, (batch, *lengths, rank))


def _middles(length: int, corners: bool) -> Any:
    """Where the middles of the pixels lie between -1 and 1."""
    if corners:
        return np.linspace(-1, 1, length) if length > 1 else np.zeros(1)
    return (2 * np.arange(length) + 1) / length - 1


@checked
def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """The values of images (N, C, H, W) at the points of a grid (N, Hₒ, Wₒ, 2): (N, C, Hₒ, Wₒ).

    Or of volumes (N, C, D, H, W) at (N, Dₒ, Hₒ, Wₒ, 3). The points are those of `affine_grid`.
    `mode` is "bilinear" (of volumes trilinear), "nearest", or for images "bicubic". Outside of the
    image there are zeros, with `padding_mode` "border" its outer pixels, with "reflection" the
    image mirrored. Images and points both have a gradient.

    Source: Jaderberg et al., Spatial transformer networks (2015).

    Shape: (N, C, H, W), (N, Hₒ, Wₒ, 2) -> (N, C, Hₒ, Wₒ), or (N, C, D, H, W), (N, Dₒ, Hₒ, Wₒ, 3) ->
    (N, C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> image, points = ag.Tensor([[[[0.0, 4.0]]]]), ag.Tensor([[[[0.0, 0.0], [0.25, 0.0]]]])
    >>> nn.functional.grid_sample(image, points, align_corners=False)
    Tensor([[[[2., 3.]]]], dtype=float32)
    """
    check_choice("mode", mode, ("bilinear", "nearest", "bicubic"))
    check_choice("padding_mode", padding_mode, ("zeros", "border", "reflection"))
    input = input if isinstance(input, ag.Tensor) else ag.asarray(input)
    grid = grid if isinstance(grid, ag.Tensor) else ag.asarray(grid)
    _check(input, grid, mode)
    batch, channels, *lengths = input.shape
    rank, count = len(lengths), math.prod(grid.shape[1:-1])
    points = ag.reshape(grid, (batch, count, rank))
    taps = [
        _taps(points[..., rank - 1 - axis], n, mode, padding_mode, bool(align_corners))
        for axis, n in enumerate(lengths)
    ]
    total: Any = 0
    for corner in itertools.product(*taps):
        places, weights = zip(*corner, strict=True)
        flat = np.ravel_multi_index(places, tuple(lengths))
        flat = np.broadcast_to(flat[:, None], (batch, channels, count))
        values = gather_planes(ag.reshape(input, (batch, channels, math.prod(lengths))), flat, 1)
        total = total + values * ag.expand_dims(math.prod(weights), 1)
    return ag.reshape(total, (batch, channels, *grid.shape[1:-1]))


def _check(input: Any, grid: Any, mode: str) -> None:
    rank = input.ndim - 2
    if rank not in (2, 3) or grid.ndim != rank + 2 or grid.shape[-1] != rank:
        raise ShapeError(
            f"grid_sample: the input is {input.shape} and the grid {grid.shape}; they must be "
            f"(N, C, H, W) with (N, Hₒ, Wₒ, 2), or (N, C, D, H, W) with (N, Dₒ, Hₒ, Wₒ, 3){here()}"
        )
    if input.shape[0] != grid.shape[0]:
        raise ShapeError(f"grid_sample: {input.shape[0]} images and {grid.shape[0]} grids{here()}")
    if 0 in input.shape[1:]:
        raise ShapeError(
            f"grid_sample: the input is {input.shape}; of its axes only the batch may be "
            f"empty{here()}"
        )
    if mode == "bicubic" and rank == 3:
        raise ArgumentError(f"grid_sample: mode 'bicubic' is for images, not for volumes{here()}")


def _taps(
    point: Any, length: int, mode: str, padding_mode: str, corners: bool
) -> list[tuple[Any, Any]]:
    """Along one axis: the pixels that count for each point, and how much."""
    place = (point + 1) * ((length - 1) / 2) if corners else ((point + 1) * length - 1) / 2
    if mode != "bicubic":
        place = _inside(place, length, padding_mode, corners)
    if mode == "nearest":
        near, weights = np.rint(choice(place)), [ag.ones_like(place)]
    else:
        near = np.floor(choice(place))
        share = place - near
        weights = [1 - share, share] if mode == "bilinear" else _cubic_weights(share)
    first = -1 if mode == "bicubic" else 0
    found = []
    for step, weight in enumerate(weights, start=first):
        pixel = near + step
        if mode == "bicubic":
            pixel = choice(_inside(ag.asarray(pixel), length, padding_mode, corners))
        kept = (pixel >= 0) & (pixel < length)
        if capturing() or not kept.all():
            weight = weight * kept.astype(weight.dtype)
        found.append((np.where(kept, pixel, 0).astype(np.intp), weight))
    return found


def _inside(place: Any, length: int, padding_mode: str, corners: bool) -> Any:
    """Places outside of the axis brought inside, as far as the mode wants it."""
    if padding_mode == "zeros":
        return place
    if padding_mode == "reflection":
        low, span = (0.0, length - 1.0) if corners else (-0.5, float(length))
        if span == 0:
            place = place * 0
        else:
            turned = ag.remainder(place - low, 2 * span)
            place = span - ag.abs(span - turned) + low
    return ag.clip(place, 0, length - 1)


def _cubic_weights(share: Any) -> list[Any]:
    """Keys' kernel at the distances 1 + t, t, 1 - t and 2 - t."""
    a = SLOPE
    near = [((a + 2) * t - (a + 3)) * t * t + 1 for t in (share, 1 - share)]
    far = [a * (((t - 5) * t + 8) * t - 4) for t in (1 + share, 2 - share)]
    return [far[0], *near, far[1]]
