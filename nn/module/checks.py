"""Checks of arguments that several families of layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor, asarray
from autograd.engine.checks import Check
from autograd.engine.diagnose import check_choice, here
from autograd.engine.kinds import KINDS
from autograd.errors import DTypeError, ShapeError

__all__ = [
    "as_input", "as_lengths", "check_channels", "check_choice", "check_floating", "check_last_axes",
]  # fmt: skip

_INPUT = Check("input", "Array", (KINDS["Array"],))


def as_input(name: str, input: Any) -> Any:
    """What a layer is called with, as a Tensor; DTypeError if it is no array."""
    return input if isinstance(input, Tensor) else asarray(_INPUT(name, input))


def check_floating(name: str, input: Any, ndim: int) -> tuple[int, ...]:
    """The shape of an input that has `ndim` axes at least and holds real floating numbers."""
    shape = getattr(input, "shape", None)  # np.shape takes 3 µs for a Tensor
    shape = np.shape(input) if shape is None else tuple(shape)
    if len(shape) < ndim:
        raise ShapeError(f"{name}: input is {shape}; it needs {ndim} axes at least{here()}")
    dtype = getattr(input, "dtype", None)
    if getattr(dtype, "kind", "f") != "f":
        raise DTypeError(f"{name}: input is {dtype}; it must hold real floating numbers{here()}")
    return shape


def check_channels(name: str, shape: tuple[int, ...], **numbers: Any) -> None:
    """Raise ShapeError unless all numbers that are given are one for each channel, axis 1."""
    for what, value in numbers.items():
        given = getattr(value, "shape", None)
        if value is not None and (np.shape(value) if given is None else given) != (shape[1],):
            raise ShapeError(
                f"{name}: input is {shape}, so it has {shape[1]} channels; {what} is "
                f"{np.shape(value)}: expected ({shape[1]},){here()}"
            )


def as_lengths(shape: int | Sequence[int]) -> tuple[int, ...]:
    """One length, or several, as a tuple."""
    return tuple(map(int, shape)) if isinstance(shape, (tuple, Sequence)) else (int(shape),)


def check_last_axes(
    name: str, shape: tuple[int, ...], lengths: tuple[int, ...], **numbers: Any
) -> None:
    """Raise ShapeError unless the last axes have these lengths, and the numbers just them."""
    if not lengths:
        raise ShapeError(f"{name}: normalized_shape is empty; it needs one axis at least{here()}")
    if shape[-len(lengths) :] != lengths:
        expected = ", ".join(["*", *map(str, lengths)])
        raise ShapeError(
            f"{name}: input is {shape}, normalized_shape is {lengths}: expected "
            f"({expected}){here()}"
        )
    for what, value in numbers.items():
        given = getattr(value, "shape", None)
        if value is not None and (np.shape(value) if given is None else given) != lengths:
            raise ShapeError(
                f"{name}: normalized_shape is {lengths}, {what} is {np.shape(value)}: they must "
                f"be the same{here()}"
            )
