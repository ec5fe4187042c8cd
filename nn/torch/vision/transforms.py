"""nn.torch.vision.transforms: images as arrays (H, W) or (H, W, C), or as Tensors (C, H, W)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd.random import generator
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.absent import refusing, unknown
from nn.torch.tensor import as_face

__all__ = [
    "CenterCrop",
    "Compose",
    "Lambda",
    "Normalize",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
    "ToTensor",
]


class Compose:
    """Transforms one after the other."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image


class Lambda:
    """A function as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise ArgumentTypeError("Lambda: argument lambd should be callable")
        self.lambd = lambd

    def __call__(self, image: Any) -> Any:
        return self.lambd(image)


class ToTensor:
    """An array (H, W, C) or (H, W) as a Tensor (C, H, W); bytes become numbers from 0 to 1."""

    def __call__(self, pic: Any) -> Any:
        image = np.asarray(pic)
        if image.ndim not in (2, 3):
            raise ShapeError(f"ToTensor: an image has 2 or 3 axes, not {image.ndim}")
        image = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
        if image.dtype == np.uint8:
            image = image.astype(np.float32) / np.float32(255)
        return as_face(ag.asarray(np.ascontiguousarray(image)))


class Normalize:
    """Each channel less its `mean`, by its `std`."""

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        self.mean, self.std, self.inplace = mean, std, inplace
        if not np.all(np.asarray(std)):
            raise ArgumentError("Normalize: std is zero, so it cannot divide")

    def __call__(self, tensor: Any) -> Any:
        if not isinstance(tensor, PlainTensor):
            raise ArgumentTypeError(
                f"Normalize takes a Tensor, not {type(tensor).__name__}; put ToTensor() before it"
            )
        dtype = np.asarray(tensor).dtype
        mean, std = (np.asarray(x, dtype).reshape(-1, 1, 1) for x in (self.mean, self.std))
        return as_face((tensor - ag.asarray(mean)) / ag.asarray(std))


def _size(size: Any) -> tuple[int, int]:
    if isinstance(size, int):
        return size, size
    return (size[0], size[0]) if len(size) == 1 else (size[0], size[1])


def _axes(image: Any) -> tuple[int, int]:
    """Height and width: the last axes of a Tensor, the first of an array."""
    shape = np.shape(image)
    return shape[-2:] if isinstance(image, PlainTensor) else shape[:2]


def _cut(image: Any, top: int, left: int, height: int, width: int) -> Any:
    place = (slice(top, top + height), slice(left, left + width))
    return image[(..., *place)] if isinstance(image, PlainTensor) else image[place]


def _padded(image: Any, padding: Any, fill: Any = 0) -> Any:
    sides = (padding,) * 4 if isinstance(padding, int) else tuple(padding)
    left, top, right, bottom = sides if len(sides) == 4 else (*sides, *sides)
    widths = [(top, bottom), (left, right)]
    others = [(0, 0)] * (np.ndim(image) - 2)
    if isinstance(image, PlainTensor):
        return ag.pad(image, others + widths, constant_values=fill)
    return np.pad(image, widths + others, constant_values=fill)


class RandomCrop:
    """A piece of this size at a random place, of the image after `padding`."""

    def __init__(
        self,
        size: Any,
        padding: Any = None,
        pad_if_needed: bool = False,
        fill: Any = 0,
        padding_mode: str = "constant",
    ) -> None:
        if padding_mode != "constant":
            raise ArgumentError(f"RandomCrop pads with a constant, not by {padding_mode!r}")
        self.size, self.padding, self.fill = _size(size), padding, fill
        self.pad_if_needed = pad_if_needed

    def __call__(self, image: Any) -> Any:
        if self.padding is not None:
            image = _padded(image, self.padding, self.fill)
        (h, w), (height, width) = _axes(image), self.size
        if self.pad_if_needed and (h < height or w < width):
            image = _padded(image, (max(width - w, 0), max(height - h, 0)), self.fill)
            h, w = _axes(image)
        if h < height or w < width:
            raise ShapeError(f"RandomCrop: {self.size} is larger than the image, {(h, w)}")
        rng = generator()
        top, left = int(rng.integers(h - height + 1)), int(rng.integers(w - width + 1))
        return _cut(image, top, left, height, width)


class CenterCrop:
    """The middle of an image, padded with zeros where it is smaller."""

    def __init__(self, size: Any) -> None:
        self.size = _size(size)

    def __call__(self, image: Any) -> Any:
        (h, w), (height, width) = _axes(image), self.size
        if h < height or w < width:
            low, across = max(height - h, 0), max(width - w, 0)
            sides = (across // 2, low // 2, (across + 1) // 2, (low + 1) // 2)
            image = _padded(image, sides)
            h, w = _axes(image)
        top, left = round((h - height) / 2.0), round((w - width) / 2.0)
        return _cut(image, top, left, height, width)


class _Flip:
    """An image mirrored with a probability."""

    axis = -1  # of a Tensor

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, image: Any) -> Any:
        if generator().random() >= self.p:
            return image
        if isinstance(image, PlainTensor):
            return ag.flip(image, self.axis)
        return np.flip(image, self.axis + 2)


class RandomHorizontalFlip(_Flip):
    """Left and right exchanged with probability `p`."""


class RandomVerticalFlip(_Flip):
    """Top and bottom exchanged with probability `p`."""

    axis = -2


_PILLOW = "it needs Pillow; write a function of the array, in Lambda(...)"
__getattr__ = refusing(
    "torchvision.transforms",
    unknown(__name__),
    {
        "Resize": "write Lambda(lambda x: F.interpolate(x[None], size=...)[0]) after ToTensor()",
        **dict.fromkeys(
            (
                "ColorJitter", "Grayscale", "RandomAffine", "RandomResizedCrop", "RandomRotation",
                "ToPILImage", "PILToTensor", "v2", "functional",
            ),
            _PILLOW,
        ),
    },
)  # fmt: skip
