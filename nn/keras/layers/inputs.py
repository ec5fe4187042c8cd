"""Input: where the data of a model go in."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from nn.keras.base.layer import Layer, Option
from nn.keras.engine.symbolic import KerasTensor, record

__all__ = ["Input", "InputLayer", "InputSpec"]


class InputLayer(Layer):
    """The layer that an Input stands for: it hands its input on."""

    _own_dtype = True

    def __init__(
        self,
        shape: Option = None,
        batch_size: int | None = None,
        dtype: Option = None,
        sparse: Any = None,
        ragged: Any = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        if sparse or ragged:
            raise ArgumentError("Input: sparse and ragged tensors are not here; give dense ones")
        if shape is None and batch_shape is None and self._input_shape_arg is None:
            raise ArgumentError("Input takes the shape of one example: keras.Input(shape=(784,))")
        given: Any = batch_shape if batch_shape is not None else self._input_shape_arg
        if shape is not None:
            if isinstance(shape, (int, np.integer)):
                raise ArgumentError(
                    f"Input: shape is a tuple, the shape of one example; for a vector of {shape} "
                    f"numbers write shape=({shape},)"
                )
            given = (batch_size, *shape)
        self.batch_shape = tuple(given)
        self._options = {"batch_shape": self.batch_shape, "dtype": dtype}
        self.built = True
        made = KerasTensor(self.batch_shape, self.dtype, self.name)
        self.tensor = record(self, (), {}, made)

    def call(self, inputs: Any = None) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any = None) -> Any:
        return self.batch_shape


def Input(
    shape: Option = None,
    batch_size: int | None = None,
    dtype: Option = None,
    sparse: Any = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Option = None,
    optional: bool = False,
    ragged: Any = None,
) -> Any:
    """A KerasTensor for data whose examples have this shape.

    >>> from nn import keras
    >>> keras.Input((28, 28), name="image").shape
    (None, 28, 28)
    """
    if isinstance(tensor, KerasTensor):
        return tensor
    return InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, optional=optional, name=name
    ).tensor


class InputSpec:
    """What a layer says of its inputs; kept, and not checked."""

    def __init__(
        self, dtype: Option = None, shape: Option = None, ndim: Any = None, max_ndim: Any = None,
        min_ndim: Any = None, axes: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.dtype, self.shape, self.ndim, self.axes = dtype, shape, ndim, axes
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
