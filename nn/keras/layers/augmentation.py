"""Images changed at random in training, and brought to one size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from autograd.random import generator
from nn import functional as F
from nn.keras.base.layer import Layer
from nn.keras.layers.convolving import channels_first, channels_last
from nn.keras.layers.reshaping import Spatial
from nn.keras.layers.weighted import positive

__all__ = [
    "CenterCrop", "RandomBrightness", "RandomContrast", "RandomFlip", "RandomRotation",
    "RandomTranslation", "RandomZoom", "Resizing",
]  # fmt: skip

_BORDERS = {"reflect": "reflection", "constant": "zeros", "nearest": "border"}


class _Augmentation(Layer):
    """Base of layers that change images (N, H, W, C) in training alone."""

    def __init__(self, seed: Any = None, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed, self.data_format = seed, data_format or "channels_last"
        self._rng = None if seed is None else generator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        alone = inputs.ndim == 3
        images = inputs[None] if alone else inputs
        if images.ndim != 4:
            raise ShapeError(f"{self.name} takes images (N, H, W, C), got {inputs.shape}")
        out = self.changed(channels_first(images, self.data_format), generator(self._rng))
        out = channels_last(out, self.data_format)
        return out[0] if alone else out

    def changed(self, x: Any, rng: Any) -> Any:
        """The images (N, C, H, W), each changed in its own way."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class RandomFlip(_Augmentation):
    """Images mirrored, each with probability a half: "horizontal", "vertical", or both."""

    def __init__(
        self, mode: str = "horizontal_and_vertical", seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        if mode not in ("horizontal", "vertical", "horizontal_and_vertical"):
            raise ArgumentError(
                "RandomFlip: mode is 'horizontal', 'vertical' or 'horizontal_and_vertical', got "
                f"{mode!r}"
            )
        self.mode = mode

    def changed(self, x: Any, rng: Any) -> Any:
        for name, axis in (("horizontal", 3), ("vertical", 2)):
            if name in self.mode:
                turned = rng.random(len(x)) < 0.5
                x = ag.where(turned[:, None, None, None], ag.flip(x, axis), x)
        return x


class RandomContrast(_Augmentation):
    """Images farther from their means, or nearer, by a factor around 1."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.factor, self.value_range = factor, value_range

    def changed(self, x: Any, rng: Any) -> Any:
        low, high = _pair(self.factor)
        factors = _numbers(rng.uniform(1 + low, 1 + high, len(x)), x)
        mean = ag.mean(x, axis=(2, 3), keepdims=True)
        return ag.clip((x - mean) * factors + mean, *self.value_range)


class RandomBrightness(_Augmentation):
    """Images lighter or darker, by a share of the range of values."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.factor, self.value_range = factor, value_range

    def changed(self, x: Any, rng: Any) -> Any:
        first, last = self.value_range
        added = rng.uniform(*_pair(self.factor), len(x)) * (last - first)
        return ag.clip(x + _numbers(added, x), first, last)


class _Affine(_Augmentation):
    """Base of those that read the images at other places."""

    def __init__(
        self,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        if fill_mode not in _BORDERS or fill_value:
            raise ArgumentError(
                f"{type(self).__name__}: fill_mode is 'reflect', 'nearest' or 'constant' with "
                f"fill_value 0 here, got {fill_mode!r}"
            )
        self.fill_mode, self.interpolation = fill_mode, interpolation

    def changed(self, x: Any, rng: Any) -> Any:
        theta = self.places(len(x), x.shape[2:], rng).astype(str(x.dtype))
        grid = F.affine_grid(ag.Tensor(theta), x.shape, align_corners=False)
        return F.grid_sample(
            x, grid, mode=self.interpolation, padding_mode=_BORDERS[self.fill_mode],
            align_corners=False,
        )  # fmt: skip

    def places(self, count: int, size: Any, rng: Any) -> Any:
        """The maps (N, 2, 3) from places of the output to places of the input."""
        raise NotImplementedError


class RandomRotation(_Affine):
    """Images turned, by a share of a full turn to either side."""

    def __init__(self, factor: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.factor = factor

    _positions = ("fill_mode", "interpolation", "seed", "fill_value")

    def places(self, count: int, size: Any, rng: Any) -> Any:
        angles = 2 * math.pi * rng.uniform(*_pair(self.factor), count)
        height, width = size
        theta = np.zeros((count, 2, 3))
        theta[:, 0, 0] = theta[:, 1, 1] = np.cos(angles)
        theta[:, 0, 1] = -np.sin(angles) * height / width
        theta[:, 1, 0] = np.sin(angles) * width / height
        return theta


class RandomZoom(_Affine):
    """Images seen from farther (above 0) or nearer (below), by a share of their size."""

    _positions = ("fill_mode", "interpolation", "seed", "fill_value")

    def __init__(
        self, height_factor: Any, width_factor: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor

    def places(self, count: int, size: Any, rng: Any) -> Any:
        theta = np.zeros((count, 2, 3))
        theta[:, 1, 1] = 1 + rng.uniform(*_pair(self.height_factor), count)
        theta[:, 0, 0] = theta[:, 1, 1] if self.width_factor is None else (
            1 + rng.uniform(*_pair(self.width_factor), count)
        )  # fmt: skip
        return theta


class RandomTranslation(_Affine):
    """Images moved, by shares of their height and width."""

    _positions = ("fill_mode", "interpolation", "seed", "fill_value")

    def __init__(self, height_factor: Any, width_factor: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor

    def places(self, count: int, size: Any, rng: Any) -> Any:
        theta = np.zeros((count, 2, 3))
        theta[:, 0, 0] = theta[:, 1, 1] = 1
        theta[:, 1, 2] = -2 * rng.uniform(*_pair(self.height_factor), count)
        theta[:, 0, 2] = -2 * rng.uniform(*_pair(self.width_factor), count)
        return theta


# ---- one size ------------------------------------------------------------------------------------


class Resizing(Spatial):
    """Images at another size, "bilinear" or "nearest"."""

    def __init__(
        self,
        height: Any,
        width: Any,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        data_format: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        name = type(self).__name__
        if interpolation not in ("bilinear", "nearest") or crop_to_aspect_ratio:
            raise ArgumentError(
                f"{name}: interpolation is 'bilinear' or 'nearest' here, without "
                "crop_to_aspect_ratio"
            )
        self.height, self.width = positive(name, "height", height), positive(name, "width", width)
        self.interpolation = interpolation

    def call(self, inputs: Any) -> Any:
        x = inputs if inputs.dtype.kind == "f" else inputs.astype(self.dtype)
        x = channels_first(x, self.data_format)
        mode = "nearest-exact" if self.interpolation == "nearest" else self.interpolation
        return channels_last(
            F.interpolate(x, (self.height, self.width), mode=mode), self.data_format
        )

    def changed(self, lengths: Any) -> Any:
        return [self.height, self.width]


class CenterCrop(Spatial):
    """The middle of images."""

    def __init__(self, height: Any, width: Any, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        name = type(self).__name__
        self.height, self.width = positive(name, "height", height), positive(name, "width", width)

    def call(self, inputs: Any) -> Any:
        x = channels_first(inputs, self.data_format)
        height, width = x.shape[2:]
        if height < self.height or width < self.width:
            raise ShapeError(
                f"{self.name}: images of {(height, width)} have no middle of "
                f"{(self.height, self.width)}; resize them first"
            )
        top, left = (height - self.height) // 2, (width - self.width) // 2
        x = x[:, :, top : top + self.height, left : left + self.width]
        return channels_last(x, self.data_format)

    def changed(self, lengths: Any) -> Any:
        return [self.height, self.width]


def _pair(factor: Any) -> tuple[float, float]:
    """(lowest, highest), from both or one number to either side."""
    return tuple(factor) if isinstance(factor, (tuple, list)) else (-factor, factor)


def _numbers(values: Any, like: Any) -> Any:
    """A number for each image."""
    return values[:, None, None, None].astype(str(like.dtype))
