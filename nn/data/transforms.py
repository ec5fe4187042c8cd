"""Transforms of images: of a batch, an array (N, C, H, W) or (N, H, W), or of one, a Tensor.

A transform is a function of a batch and a generator, and gives an array; those that draw nothing
ignore the generator, and without one they draw from the default one. A Tensor, such as `ToTensor`
makes of a picture, is one image (..., H, W) as in torchvision, and the result is a Tensor too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import asarray
from autograd.engine.arguments import guard
from autograd.engine.operands import tensor_types
from autograd.engine.ranges import Count, Probability
from autograd.errors import ArgumentError, ArgumentTypeError, MissingMethodError, ShapeError
from autograd.extend import raw
from autograd.random import generator

__all__ = [
    "CenterCrop",
    "Compose",
    "Grayscale",
    "Lambda",
    "Normalize",
    "OneHot",
    "Pad",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomShift",
    "RandomVerticalFlip",
    "ToFloat",
    "ToTensor",
]

Transform = Callable[..., Any]


class _OfImages:
    """A transform that is written for a batch, and takes a Tensor as a batch of one image."""

    def __call__(self, x: Any, rng: Any = None) -> Any:
        rng = generator(rng)
        if type(x) in tensor_types:
            return asarray(self._batch(raw(x)[None], rng)[0])
        x = np.asarray(x)
        if x.ndim < 3:
            raise ShapeError(
                f"{type(self).__name__}: a batch of images has the axes (N, H, W) or (N, C, H, W), "
                f"got {x.shape}; one image is a Tensor (ToTensor makes one of a picture)"
            )
        return self._batch(x, rng)

    def _batch(self, x: Any, rng: np.random.Generator) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no _batch()")


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
            x = transform(x, rng) if _takes_generator(transform) else transform(x)
        return x


def _takes_generator(transform: Any) -> bool:
    """Whether a transform takes a second argument, and that is the generator."""
    if type(transform).__module__ == __name__:
        return True
    try:
        _, second, *_ = inspect.signature(transform).parameters.values()
    except (TypeError, ValueError):
        return False  # it has no signature, or takes the image alone
    return second.name in ("rng", "generator") or (
        second.default is second.empty
        and second.kind in (second.POSITIONAL_ONLY, second.POSITIONAL_OR_KEYWORD)
    )


class Lambda:
    """A function of the images alone, `lambd`, as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, x: Any, rng: Any = None) -> Any:
        return self.lambd(x)


class ToTensor:
    """A picture, (H, W, C) or (H, W), as a Tensor (C, H, W); bytes become float32 from 0 to 1.

    It may be an array or an image of Pillow.

    >>> import nn
    >>> import numpy as np
    >>> nn.data.transforms.ToTensor()(np.full((2, 2, 3), 255, np.uint8)).shape
    (3, 2, 2)
    """

    def __call__(self, pic: object, rng: Any = None) -> Any:
        array = np.asarray(pic)
        if array.ndim not in (2, 3) or array.dtype.kind not in "biuf":
            raise ArgumentTypeError(
                f"ToTensor: pic must be a picture, (H, W) or (H, W, C), got {array.dtype} of shape "
                f"{array.shape}"
            )
        array = np.atleast_3d(array).transpose(2, 0, 1)
        if array.dtype == np.uint8 or array.dtype == bool:
            scale = np.float32(1 if array.dtype == bool else 255)
            return asarray(np.divide(array, scale, dtype=np.float32))
        return asarray(np.ascontiguousarray(array))


class ToFloat:
    """Bytes from 0 to 255 as float32 from 0 to 1."""

    def __init__(self, scale: float = 1 / 255) -> None:
        self.scale = scale

    def __call__(self, x: Any, rng: Any = None) -> Any:
        return np.multiply(x, np.float32(self.scale), dtype=np.float32)


class Normalize(_OfImages):
    """(x - mean) / std, by channel where mean and std are sequences: (N, C, H, W).

    `inplace` is PyTorch's, and has no effect: the input stays as it is.

    >>> import nn
    >>> import numpy as np
    >>> nn.data.transforms.Normalize([1.0], [2.0])(np.full((1, 1, 1, 2), 5.0), None).tolist()
    [[[[2.0, 2.0]]]]
    """

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        self.mean = np.asarray(mean, np.float64)
        self.std = np.asarray(std, np.float64)
        if not np.all(np.isfinite(self.mean)):
            raise ArgumentError(f"Normalize: mean must be finite, got {mean}")
        if not np.all((self.std > 0) & np.isfinite(self.std)):
            raise ArgumentError(f"Normalize: std must be positive and finite, got {std}")

    def _batch(self, x: Any, rng: Any) -> Any:
        mean, std = (self._shaped(v, x) for v in (self.mean, self.std))
        return (x - mean) / std

    def _shaped(self, value: Any, x: Any) -> Any:
        value = value.astype(x.dtype if x.dtype.kind == "f" else np.float32)
        if not value.ndim:
            return value
        if x.ndim < 4 or x.shape[-3] != len(value):
            raise ShapeError(
                f"Normalize: {len(value)} channels are described, the batch is {x.shape}; "
                f"expected (N, {len(value)}, H, W)"
            )
        return value[:, None, None]


class RandomHorizontalFlip(_OfImages):
    """Each image turned left to right with probability p."""

    def __init__(self, p: Probability = 0.5) -> None:
        self.p = p

    def _batch(self, x: Any, rng: np.random.Generator) -> Any:
        turned = rng.random(len(x)) < self.p
        x = np.array(x)
        x[turned] = x[turned, ..., ::-1]
        return x


class RandomVerticalFlip(_OfImages):
    """Each image turned upside down with probability p."""

    def __init__(self, p: Probability = 0.5) -> None:
        self.p = p

    def _batch(self, x: Any, rng: np.random.Generator) -> Any:
        turned = rng.random(len(x)) < self.p
        x = np.array(x)
        x[turned] = x[turned, ..., ::-1, :]
        return x


class Pad(_OfImages):
    """Images with `padding` pixels of the value `fill` on each side: (left, top, right, bottom).

    `padding` is one number, two (left and right, top and bottom) or all four, as in torchvision.
    """

    def __init__(self, padding: int | Sequence[int], fill: float = 0) -> None:
        given = (padding,) if isinstance(padding, int) else tuple(padding)
        if len(given) not in (1, 2, 4):
            raise ArgumentError(f"padding must be 1, 2 or 4 numbers, got {len(given)}")
        self.padding = given * (4 // len(given))
        self.fill = fill

    def _batch(self, x: Any, rng: Any) -> Any:
        left, top, right, bottom = self.padding
        around = [(0, 0)] * (x.ndim - 2) + [(top, bottom), (left, right)]
        return np.pad(x, around, constant_values=self.fill)


class CenterCrop(_OfImages):
    """The middle of each image, of the given size; an image that is smaller is padded with zeros.

    `size` is a length for both axes, or (height, width).
    """

    def __init__(self, size: int | tuple[int, int]) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)

    def _batch(self, x: Any, rng: Any) -> Any:
        short = [max(want - have, 0) for have, want in zip(x.shape[-2:], self.size, strict=True)]
        around = [(n // 2, n - n // 2) for n in short]
        x = np.pad(x, [(0, 0)] * (x.ndim - 2) + around)
        top, left = (
            round((have - want) / 2.0) for have, want in zip(x.shape[-2:], self.size, strict=True)
        )
        return x[..., top : top + self.size[0], left : left + self.size[1]]


class Grayscale(_OfImages):
    """The brightness of images in red, green and blue, in `num_output_channels` equal channels."""

    def __init__(self, num_output_channels: Count = 1) -> None:
        self.num_output_channels = num_output_channels

    def _batch(self, x: Any, rng: Any) -> Any:
        if x.ndim < 4 or x.shape[-3] != 3:
            raise ShapeError(f"Grayscale: expected three channels, (N, 3, H, W), got {x.shape}")
        shares = np.array([0.2989, 0.587, 0.114], x.dtype if x.dtype.kind == "f" else np.float32)
        gray = np.tensordot(np.moveaxis(x, -3, -1), shares, 1)[..., None, :, :].astype(x.dtype)
        return np.repeat(gray, self.num_output_channels, -3)


class RandomCrop(_OfImages):
    """From each image, padded with zeros, a random window of the given size."""

    def __init__(self, size: int | tuple[int, int], padding: int = 0) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.padding = padding

    def _batch(self, x: Any, rng: np.random.Generator) -> Any:
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


class RandomShift(_OfImages):
    """Each image moved by up to so many pixels in both directions, zeros moving in."""

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels

    def _batch(self, x: Any, rng: np.random.Generator) -> Any:
        return RandomCrop(x.shape[-2:], self.pixels)._batch(x, rng)


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
