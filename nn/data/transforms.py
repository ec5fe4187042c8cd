"""Transforms of batches of images (N, C, H, W) or (N, H, W): plain arrays in, plain arrays out.

A transform is a function of a batch and a generator; those that draw nothing ignore it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.arguments import guard
from autograd.engine.ranges import Probability
from autograd.errors import ArgumentError, ShapeError

__all__ = [
    "Compose",
    "Normalize",
    "OneHot",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomShift",
    "ToFloat",
]

Transform = Callable[[Any, np.random.Generator], Any]


class Compose:
    """Several transforms, one after the other.

    >>> import nn
    >>> import numpy as np
    >>> t = nn.data.transforms.Compose([nn.data.transforms.ToFloat()])
    >>> t(np.array([[0, 255]], np.uint8), None)
    array([[0., 1.]], dtype=float32)
    """

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self.transforms = list(transforms)

    def __call__(self, x: Any, rng: Any = None) -> Any:
        for transform in self.transforms:
            x = transform(x, rng)
        return x


class ToFloat:
    """Bytes from 0 to 255 as float32 from 0 to 1."""

    def __init__(self, scale: float = 1 / 255) -> None:
        self.scale = scale

    def __call__(self, x: Any, rng: Any = None) -> Any:
        return np.multiply(x, np.float32(self.scale), dtype=np.float32)


class Normalize:
    """(x - mean) / std, by channel where mean and std are sequences: (N, C, H, W).

    >>> import nn
    >>> import numpy as np
    >>> nn.data.transforms.Normalize([1.0], [2.0])(np.full((1, 1, 1, 2), 5.0), None).tolist()
    [[[[2.0, 2.0]]]]
    """

    def __init__(self, mean: Any, std: Any) -> None:
        self.mean = np.asarray(mean, np.float64)
        self.std = np.asarray(std, np.float64)
        if not np.all(np.isfinite(self.mean)):
            raise ArgumentError(f"Normalize: mean must be finite, got {mean}")
        if not np.all((self.std > 0) & np.isfinite(self.std)):
            raise ArgumentError(f"Normalize: std must be positive and finite, got {std}")

    def __call__(self, x: Any, rng: Any = None) -> Any:
        mean, std = (self._shaped(v, x) for v in (self.mean, self.std))
        return (x - mean) / std

    def _shaped(self, value: Any, x: Any) -> Any:
        value = value.astype(x.dtype if x.dtype.kind == "f" else np.float32)
        if not value.ndim:
            return value
        if x.ndim != 4 or x.shape[1] != len(value):
            raise ShapeError(
                f"Normalize: {len(value)} channels are described, the batch is {x.shape}; "
                f"expected (N, {len(value)}, H, W)"
            )
        return value[:, None, None]


class RandomHorizontalFlip:
    """Each image turned left to right with probability p."""

    def __init__(self, p: Probability = 0.5) -> None:
        self.p = p

    def __call__(self, x: Any, rng: np.random.Generator) -> Any:
        turned = rng.random(len(x)) < self.p
        x = np.array(x)
        x[turned] = x[turned, ..., ::-1]
        return x


class RandomCrop:
    """From each image, padded with zeros, a random window of the given size."""

    def __init__(self, size: int | tuple[int, int], padding: int = 0) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.padding = padding

    def __call__(self, x: Any, rng: np.random.Generator) -> Any:
        p = self.padding
        padded = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(p, p), (p, p)])
        room = [have - want for have, want in zip(padded.shape[-2:], self.size, strict=True)]
        if min(room) < 0:
            raise ShapeError(
                f"RandomCrop: no window of {self.size} fits images of {x.shape[-2:]} with "
                f"padding {p}"
            )
        tops, lefts = (rng.integers(0, r + 1, len(x)) for r in room)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.size, axis=(-2, -1))
        picked = windows.reshape(len(x), -1, *windows.shape[-4:])[np.arange(len(x)), :, tops, lefts]
        return np.ascontiguousarray(picked.reshape(*x.shape[:-2], *self.size))


class RandomShift:
    """Each image moved by up to so many pixels in both directions, zeros moving in."""

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels

    def __call__(self, x: Any, rng: np.random.Generator) -> Any:
        return RandomCrop(x.shape[-2:], self.pixels)(x, rng)


class OneHot:
    """Labels (N,) as rows of zeros with a one (N, num_classes), float32."""

    def __init__(self, num_classes: int) -> None:
        self.num_classes = num_classes

    def __call__(self, x: Any, rng: Any = None) -> Any:
        labels = np.asarray(x)
        wrong = np.flatnonzero((labels < 0) | (labels >= self.num_classes))
        if wrong.size:
            raise ArgumentError(
                f"OneHot: label {labels.ravel()[wrong[0]]} is out of range: there are "
                f"{self.num_classes} classes, 0 to {self.num_classes - 1}"
            )
        return np.eye(self.num_classes, dtype=np.float32)[labels]


guard(__name__, __all__)
