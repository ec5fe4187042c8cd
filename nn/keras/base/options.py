"""The options that all layers take."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError

__all__ = ["as_dtype", "given_shape", "options_of"]


def as_dtype(dtype: Any) -> str:
    """The name of a dtype, of a DTypePolicy too; the default one for None."""
    if isinstance(dtype, str) and "mixed" in dtype:
        raise ArgumentError(f"dtype={dtype!r}: there is no mixed precision here; take 'float32'")
    name = getattr(dtype, "name", dtype)  # a DTypePolicy has one
    return np.dtype(ag.get_default_dtype() if name is None else name).name


def given_shape(kind: str, kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """What `input_shape`, `input_dim` or `batch_input_shape` say, with the batch."""
    batch, shape = kwargs.pop("batch_input_shape", None), kwargs.pop("input_shape", None)
    dim, length = kwargs.pop("input_dim", None), kwargs.pop("input_length", None)
    kwargs.pop("batch_size", None)
    if batch is not None:
        return tuple(batch)
    if shape is not None:
        return (None, *((shape,) if isinstance(shape, (int, np.integer)) else shape))
    if dim is not None:
        return (None, dim) if length is None else (None, length, dim)
    return None if length is None else (None, length)


def options_of(cls: type) -> list[str]:
    """The names of what a layer takes."""
    names = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    own = [name for name in names if name not in ("self", "args", "kwargs")]
    return own + [name for name in ("name", "trainable", "dtype") if name not in own]
