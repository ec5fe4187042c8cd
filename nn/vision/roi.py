"""Regions of interest: what a feature map holds in each of some boxes, in one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.trail import note_decision
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, raw


@checked
def roi_align(
    input: Any,
    boxes: Array | Sequence[Array],
    output_size: int | Sequence[int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    """The means of bilinear samples in the cells of a grid on each box, image by image.

    `boxes` are (K, 5), each with the number of its image before its corners, or a list with a
    (L, 4) for each image; they are multiplied by `spatial_scale`. `output_size` counts the cells
    down and across, and `sampling_ratio` the samples along each side of a cell; not above 0 it is
    as many as there are pixels. With `aligned` boxes are moved by half a pixel, so that pixels
    count at their middles; without it they are one pixel wide at least. The input has a gradient,
    and so have boxes.

    Shape: (N, C, H, W) and (K, 5) -> (K, C, Hₒ, Wₒ).

    Source: He et al., Mask R-CNN (2017).

    >>> import autograd as ag
    >>> import nn
    >>> nn.vision.roi_align(ag.arange(16.0).reshape(1, 1, 4, 4), [[0.0, 0.0, 0.0, 2.0, 2.0]], 1)
    Tensor([[[[5.]]]], dtype=float32)
    """
    input = input if isinstance(input, Tensor) else ag.asarray(input)
    if input.ndim != 4 or input.dtype.kind != "f":
        raise ShapeError(
            f"roi_align: input is {input.shape} {input.dtype}; expected floating (N, C, H, W)"
            f"{here()}"
        )
    cells = (output_size,) * 2 if isinstance(output_size, int) else tuple(map(int, output_size))
    if len(cells) != 2:
        raise ShapeError(f"roi_align: output_size is {cells}; write (height, width)")
    image, corners = _regions(input, boxes)
    corners = corners.astype(input.dtype) * spatial_scale - (0.5 if aligned else 0.0)
    rows, columns = (
        _weights(corners[:, k], corners[:, k + 2], n, length, sampling_ratio, aligned)
        for k, n, length in ((1, cells[0], input.shape[2]), (0, cells[1], input.shape[3]))
    )
    order = np.argsort(image, kind="stable")
    parts = [
        _of_image(input[int(n)], rows[own], columns[own])
        for n in np.unique(image)
        for own in [order[image[order] == n]]
    ]
    if not parts:
        return input.reshape(-1)[:0].reshape(0, input.shape[1], *cells)
    return ag.concat(parts, axis=0)[np.argsort(order)]


def _regions(input: Tensor, boxes: Any) -> tuple[Any, Tensor]:
    """The number of the image of each box, and its corners."""
    if isinstance(boxes, (list, tuple)) and all(np.ndim(b) == 2 for b in boxes) and boxes:
        parts = [b if isinstance(b, Tensor) else ag.asarray(b) for b in boxes]
        if any(part.shape[1] != 4 for part in parts):
            shapes = ", ".join(str(part.shape) for part in parts)
            raise ShapeError(f"roi_align: the list of boxes has {shapes}; each must be (L, 4)")
        image = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        corners = ag.concat(parts, axis=0)
    else:
        boxes = boxes if isinstance(boxes, Tensor) else ag.asarray(boxes)
        if boxes.ndim != 2 or boxes.shape[1] != 5:
            raise ShapeError(
                f"roi_align: boxes is {boxes.shape}; expected (K, 5), the number of the image "
                "before the corners, or a list of (L, 4)"
            )
        image, corners = _seen(boxes[:, 0]).astype(np.int64), boxes[:, 1:]
    if image.size and not 0 <= image.min() <= image.max() < len(input):
        wrong = image.max() if image.min() >= 0 else image.min()
        raise ArgumentError(f"roi_align: a box is of image {wrong}, and there are {len(input)}")
    return image, corners


def _weights(low: Any, high: Any, cells: int, length: int, ratio: int, aligned: bool) -> Any:
    """(K, cells, length): along one axis, how much each pixel counts in each cell."""
    span = high - low if aligned else np.maximum(high - low, 1.0)
    side = span / cells
    counts = np.full(low.shape, ratio) if ratio > 0 else np.ceil(_seen(side))
    counts = np.maximum(counts, 0).astype(np.int64)
    most = int(counts.max(initial=0))
    each = np.maximum(counts, 1)[:, None].astype(low.dtype)
    samples = (np.arange(most) + 0.5).astype(low.dtype) / each  # (K, most), in sides of a cell
    start = low[:, None] + np.arange(cells).astype(low.dtype) * side[:, None]
    place = start[:, :, None] + samples[:, None, :] * side[:, None, None]
    there = (np.arange(most) < counts[:, None])[:, None] & (place >= -1) & (place <= length)
    shares = there.astype(low.dtype) / each[:, :, None]
    place = ag.clip(place, 0, length - 1)
    hat = np.maximum(1 - np.abs(place[..., None] - np.arange(length).astype(low.dtype)), 0)
    return ag.sum(hat * shares[..., None], axis=2)


def _seen(tensor: Tensor) -> Any:
    """The numbers of a Tensor, by which Python goes on."""
    note_decision(tensor, "the value")
    return raw(tensor)


def _of_image(features: Any, rows: Any, columns: Any) -> Any:
    """Features (C, H, W) by weights (L, Hₒ, H) and (L, Wₒ, W): (L, C, Hₒ, Wₒ)."""
    count, high, _ = rows.shape
    channels, _, width = features.shape
    across = ag.tensordot(rows.reshape(count * high, -1), features, ([1], [1]))
    across = across.reshape(count, high * channels, width) @ columns.mT
    return ag.swapaxes(across.reshape(count, high, channels, -1), 1, 2)
