"""Dense, Activation, Embedding, Lambda and others that most models are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentTypeError, ShapeError
from nn import functional as F
from nn.keras import activations, constraints, initializers, regularizers
from nn.keras.base.layer import Layer, Option, specs
from nn.keras.engine.masks import set_mask
from nn.keras.engine.symbolic import traced
from nn.keras.layers.dropout import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from nn.keras.layers.inputs import Input, InputLayer
from nn.keras.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from nn.keras.layers.weighted import Weighted, last_length, positive

__all__ = [
    "Activation", "ActivityRegularization", "AlphaDropout", "Dense", "Dropout", "EinsumDense",
    "Embedding", "Flatten", "GaussianDropout", "GaussianNoise", "Identity", "Input", "InputLayer",
    "Lambda", "Masking", "Permute", "RepeatVector", "Reshape", "SpatialDropout1D",
    "SpatialDropout2D", "SpatialDropout3D",
]  # fmt: skip


class Dense(Weighted):
    """activation(x · kernel + bias), over the last axis.

    >>> import numpy as np
    >>> from nn.keras import layers
    >>> layer = layers.Dense(2, activation="relu")
    >>> layer(np.ones((4, 3))).shape, [w.shape for w in layer.get_weights()]
    ((4, 2), [(3, 2), (2,)])
    """

    supports_masking = True
    _positions = (
        "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
        "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        units: Any,
        activation: Option = None,
        use_bias: bool = True,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, use_bias, *args, **kwargs)
        self.units = positive("Dense", "units", units)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) < 2:
            raise ShapeError(
                f"Dense {self.name!r} takes inputs of 2 axes or more, with that of the batch; got "
                f"{tuple(input_shape)}: write x[:, None] or x.reshape(-1, 1)"
            )
        self.kernel = self.add_kernel((last_length(self, input_shape), self.units))
        self.add_bias(self.units)
        self.built = True

    def call(self, inputs: Any) -> Any:
        if inputs.dtype != self.kernel.dtype:
            inputs = inputs.astype(self.kernel.dtype)
        if inputs.shape[-1] != self.kernel.shape[0]:
            raise ShapeError(
                f"Dense {self.name!r} was built for inputs (..., {self.kernel.shape[0]}); got "
                f"{inputs.shape}"
            )
        return self.activated(ag.linear(inputs, self.kernel.mT, self.bias))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.units)


class EinsumDense(Weighted):
    """activation(einsum(equation, x, kernel) + bias); `bias_axes` are those that the bias has."""

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Option = None,
        bias_axes: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, bias_axes is not None, **kwargs)
        self.equation, self.bias_axes = equation, bias_axes
        self.partial = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)

    def build(self, input_shape: Any) -> None:
        left, of_out = self.equation.split("->")
        of_x, of_w = left.split(",")
        rank = len(of_out.replace("...", ""))
        lengths = dict(zip(of_out.replace("...", "")[-len(self.partial) :] if rank else "",
                           self.partial, strict=False))  # fmt: skip
        named = of_x.replace("...", "")
        shape = input_shape[-len(named) :]
        lengths |= {c: n for c, n in zip(named, shape, strict=True) if n is not None}
        self.kernel = self.add_kernel([lengths[c] for c in of_w])
        if self.use_bias:
            places = [i for i, c in enumerate(of_out) if c in (self.bias_axes or "")]
            letters = of_out[places[0] :]
            self.add_bias(*(lengths[c] if c in (self.bias_axes or "") else 1 for c in letters))
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        kept = len(input_shape) - len(self.partial)
        letters = self.equation.split("->")[1]
        if "..." in letters or len(letters) != len(input_shape):
            return super().compute_output_shape(input_shape)
        return (*input_shape[:kept], *self.partial)

    def call(self, inputs: Any) -> Any:
        out = ag.einsum(self.equation, inputs, self.kernel)
        return self.activated(out if self.bias is None else out + self.bias)


class Activation(Layer):
    """An activation as a layer of its own."""

    supports_masking = True

    def __init__(self, activation: Option, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Identity(Layer):
    """What it is given."""

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Embedding(Layer):
    """A row of `output_dim` numbers for each of `input_dim` indices.

    With `mask_zero` the index 0 stands for no step: recurrent layers and losses leave it out.
    """

    _own_dtype = True
    supports_masking = True

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Option = None,
        lora_rank: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(weights=weights, **kwargs)
        self.input_dim = positive("Embedding", "input_dim", input_dim)
        self.output_dim = positive("Embedding", "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero

    def build(self, input_shape: Any = None) -> None:
        self.embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        indices = inputs if inputs.dtype.kind in "iu" else inputs.astype("int32")
        out = F.embedding(indices, self.embeddings)
        if self.mask_zero:
            set_mask(out, np.asarray(indices.detach() != 0))
        return out

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return np.asarray(inputs.detach() != 0) if self.mask_zero else previous_mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.output_dim)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return specs(self.compute_output_shape(args[0].shape), self.dtype)


class Lambda(Layer):
    """A function as a layer; it has no weights. `arguments` are options of the function."""

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentTypeError(
                f"Lambda takes a function, got {type(function).__name__}; a saved Lambda is loaded "
                "with custom_objects={name: function}, of a function that has a name"
            )
        self.function, self.arguments = function, arguments or {}
        self._output_shape = output_shape
        self.built = True

    def call(self, inputs: Any, **kwargs: Any) -> Any:
        return self.function(inputs, **{**self.arguments, **kwargs})

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return traced(self, args, kwargs)


class Masking(Layer):
    """Steps of which all numbers are `mask_value` do not count: later layers leave them out."""

    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.built = True

    def call(self, inputs: Any) -> Any:
        counts = np.any(np.asarray(inputs.detach()) != self.mask_value, axis=-1)
        out = inputs * counts[..., None].astype(str(inputs.dtype))
        set_mask(out, counts)
        return out

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return np.any(np.asarray(inputs.detach()) != self.mask_value, axis=-1)
