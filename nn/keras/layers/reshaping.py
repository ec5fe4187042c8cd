"""Layers that only move numbers: other shapes, borders added and cut, pixels repeated."""

from __future__ import annotations

import math
from typing import Any

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn import functional as F
from nn.keras.base.layer import Layer, Option
from nn.keras.layers.weighted import positive

__all__ = [
    "Cropping1D", "Cropping2D", "Cropping3D", "Flatten", "Permute", "RepeatVector", "Reshape",
    "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D",
    "ZeroPadding3D", "axes_of", "pairs", "tuple_of",
]  # fmt: skip


def product(lengths: Any) -> int | None:
    """The product of lengths; None if one is not known."""
    return None if None in lengths else math.prod(lengths)


class Flatten(Layer):
    """All numbers of an example in one axis; (N,) becomes (N, 1)."""

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format
        self.built = True

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = ag.moveaxis(inputs, 1, -1)
        return ag.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], product(input_shape[1:]) if len(input_shape) > 1 else 1)


class Reshape(Layer):
    """The examples in another shape; one length may be -1."""

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple_of(target_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ag.reshape(inputs, (inputs.shape[0], *self._lengths(inputs.shape)[1:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._lengths(tuple(input_shape))

    def _lengths(self, shape: Option) -> Any:
        size, rest = product(shape[1:]), math.prod(n for n in self.target_shape if n != -1)
        if size is None:
            return (shape[0], *(None if n == -1 else n for n in self.target_shape))
        if (-1 not in self.target_shape and size != rest) or (rest and size % rest):
            raise ShapeError(
                f"Reshape {self.name!r}: an example {tuple(shape[1:])} has {size} numbers and "
                f"cannot become {self.target_shape}"
            )
        return (shape[0], *(size // rest if n == -1 else n for n in self.target_shape))


class Permute(Layer):
    """The axes of the examples in another order; they count from 1."""

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != [*range(1, len(self.dims) + 1)]:
            raise ArgumentError(
                f"Permute: dims are the axes 1 to {len(self.dims)} in some order, got {self.dims}"
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ag.permute_dims(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape[i] for i in (0, *self.dims))


class RepeatVector(Layer):
    """The vector of each example, n times: (N, F) -> (N, n, F)."""

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive("RepeatVector", "n", n)
        self.built = True

    def call(self, inputs: Any) -> Any:
        shape = (inputs.shape[0], self.n, inputs.shape[1])
        return ag.broadcast_to(inputs[:, None], shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.n, input_shape[1])


# ---- over the axes of places ---------------------------------------------------------------------


class Spatial(Layer):
    """Base of layers over the axes of places, which stand before or behind the channels."""

    _rank = 2

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = check_format(type(self).__name__, data_format)
        self.built = True

    def changed(self, lengths: Any) -> Any:
        """The lengths of the places in the output."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        axes = axes_of(self._rank, self.data_format)
        new = iter(self.changed([input_shape[a] for a in axes]))
        return tuple(next(new) if a in axes else n for a, n in enumerate(input_shape))


class _Padding(Spatial):
    def __init__(self, padding: Option = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.padding = pairs(type(self).__name__, "padding", padding, self._rank)

    def call(self, inputs: Any) -> Any:
        widths = [(0, 0)] * inputs.ndim
        for axis, width in zip(axes_of(self._rank, self.data_format), self.padding, strict=True):
            widths[axis] = width
        return ag.pad(inputs, tuple(widths))

    def changed(self, lengths: Any) -> Any:
        return [n if n is None else n + sum(p) for n, p in zip(lengths, self.padding, strict=True)]


class ZeroPadding1D(_Padding):
    """Zeros before and after a sequence."""

    _rank = 1


class ZeroPadding2D(_Padding):
    """Zeros around images: a number, (rows, columns), or ((top, bottom), (left, right))."""


class ZeroPadding3D(_Padding):
    """Zeros around volumes."""

    _rank = 3


class _Cropping(Spatial):
    def __init__(self, cropping: Any = None, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        name = type(self).__name__
        default = 0 if self._rank == 2 else 1
        self.cropping = pairs(
            name, "cropping", default if cropping is None else cropping, self._rank
        )

    def call(self, inputs: Any) -> Any:
        index = [slice(None)] * inputs.ndim
        for axis, (a, b) in zip(axes_of(self._rank, self.data_format), self.cropping, strict=True):
            if a + b >= inputs.shape[axis]:
                raise ShapeError(
                    f"{self.name}: cropping {self.cropping} leaves nothing of {inputs.shape}"
                )
            index[axis] = slice(a, inputs.shape[axis] - b)
        return inputs[tuple(index)]

    def changed(self, lengths: Any) -> Any:
        return [n if n is None else n - sum(p) for n, p in zip(lengths, self.cropping, strict=True)]


class Cropping1D(_Cropping):
    """A sequence without its ends."""

    _rank = 1


class Cropping2D(_Cropping):
    """Images without their borders."""


class Cropping3D(_Cropping):
    """Volumes without their borders."""

    _rank = 3


class _UpSampling(Spatial):
    def __init__(self, size: Option = 2, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.size = numbers(type(self).__name__, "size", size, self._rank)

    def call(self, inputs: Any) -> Any:
        for axis, n in zip(axes_of(self._rank, self.data_format), self.size, strict=True):
            inputs = inputs if n == 1 else ag.repeat(inputs, n, axis=axis)
        return inputs

    def changed(self, lengths: Any) -> Any:
        return [n if n is None else n * k for n, k in zip(lengths, self.size, strict=True)]


class UpSampling1D(_UpSampling):
    """Each step of a sequence `size` times."""

    _rank = 1


class UpSampling2D(_UpSampling):
    """Each pixel as a block of `size`, or between pixels on straight lines ("bilinear")."""

    def __init__(
        self,
        size: Option = 2,
        data_format: Any = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(size, data_format, **kwargs)
        if interpolation not in ("nearest", "bilinear"):
            raise ArgumentError(
                f"UpSampling2D: interpolation is 'nearest' or 'bilinear' here, got "
                f"{interpolation!r}"
            )
        self.interpolation = interpolation

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return super().call(inputs)
        last = self.data_format == "channels_last"
        x = ag.moveaxis(inputs, -1, 1) if last else inputs
        x = F.interpolate(x, scale_factor=self.size, mode="bilinear")
        return ag.moveaxis(x, 1, -1) if last else x


class UpSampling3D(_UpSampling):
    """Each voxel as a block of `size`."""

    _rank = 3


# ---- numbers for axes ----------------------------------------------------------------------------


def check_format(layer: str, data_format: str | None) -> str:
    """ "channels_last", which is the default, or "channels_first"."""
    if data_format in (None, "channels_last", "channels_first"):
        return data_format or "channels_last"
    raise ArgumentError(
        f"{layer}: data_format is 'channels_last' or 'channels_first', got {data_format!r}"
    )


def axes_of(rank: int, data_format: str) -> tuple[int, ...]:
    """The axes of places."""
    first = 1 if data_format == "channels_last" else 2
    return tuple(range(first, first + rank))


def tuple_of(value: Option) -> tuple[Any, ...]:
    """A number, or several, as a tuple."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def numbers(layer: str, what: str, value: Option, rank: int) -> tuple[int, ...]:
    """A number for each axis, from one or several."""
    values = tuple_of(value)
    values = values * rank if len(values) == 1 else values
    if len(values) != rank:
        raise ArgumentError(f"{layer}: {what} is a number, or {rank} of them, got {value!r}")
    return tuple(positive(layer, what, n) for n in values)


def pairs(layer: str, what: str, value: Option, rank: int) -> tuple[tuple[int, int], ...]:
    """(before, after) for each axis, from a number, a number for each, or pairs."""
    values = tuple_of(value)
    if rank == 1 and len(values) == 2:
        values = (values,)
    values = values * rank if len(values) == 1 and not isinstance(values[0], tuple) else values
    found = tuple(tuple_of(v) * (2 if len(tuple_of(v)) == 1 else 1) for v in values)
    if len(found) != rank or any(len(p) != 2 or min(p) < 0 for p in found):
        raise ArgumentError(
            f"{layer}: {what} is a number, one for each of {rank} axes, or a pair (before, after) "
            f"for each, got {value!r}"
        )
    return found
