"""nn.torch.vision.utils: images side by side in one."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import MissingPackageError
from nn.torch.tensor import as_face

__all__ = ["make_grid", "save_image"]


def make_grid(
    tensor: Any,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Any:
    """Images (N, C, H, W), `nrow` in a row, with a border, as one (3, H', W')."""
    images = np.stack([np.asarray(t) for t in tensor]) if isinstance(tensor, list) else (
        np.array(tensor)
    )  # fmt: skip
    if images.ndim == 2:
        images = images[None]
    if images.ndim == 3:
        images = images[None]
    if images.shape[1] == 1:
        images = np.repeat(images, 3, 1)
    if normalize:
        for part in images if scale_each else [images]:
            low, high = value_range or (part.min(), part.max())
            part[...] = (np.clip(part, low, high) - low) / max(high - low, 1e-5)
    if len(images) == 1:
        return as_face(ag.asarray(images[0]))
    across = min(nrow, len(images))
    down = -(-len(images) // across)
    height, width = images.shape[2] + padding, images.shape[3] + padding
    shape = (images.shape[1], down * height + padding, across * width + padding)
    grid = np.full(shape, pad_value, images.dtype)
    for n, image in enumerate(images):
        top, left = n // across * height + padding, n % across * width + padding
        grid[:, top : top + height - padding, left : left + width - padding] = image
    return as_face(ag.asarray(grid))


def save_image(tensor: Any, fp: Any, **kwargs: Any) -> None:
    """Write images as one picture, with Pillow."""
    try:
        pillow: Any = importlib.import_module("PIL.Image")
    except ImportError:
        raise MissingPackageError("save_image writes with Pillow:  pip install pillow") from None
    grid = np.asarray(make_grid(tensor, **kwargs))
    pixels = np.clip(grid * 255 + 0.5, 0, 255).transpose(1, 2, 0).astype(np.uint8)
    pillow.fromarray(pixels).save(fp)
