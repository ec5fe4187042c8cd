"""Layers made of a layer: both directions of a sequence, and every step by itself."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn.keras.base.layer import Layer, Option
from nn.keras.engine.masks import set_mask
from nn.keras.engine.symbolic import KerasTensor
from nn.keras.layers.weighted import last_length

__all__ = ["Bidirectional", "TimeDistributed", "Wrapper"]


class Wrapper(Layer):
    """Base of layers made of a layer."""

    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise ArgumentError(f"{type(self).__name__} takes a layer, got {type(layer).__name__}")
        self.layer = layer


class TimeDistributed(Wrapper):
    """A layer on every step of (N, T, ...) by itself."""

    def build(self, input_shape: Any) -> None:
        if len(input_shape) < 3:
            raise ShapeError(
                f"TimeDistributed takes inputs of 3 axes or more, (N, T, ...), got "
                f"{tuple(input_shape)}"
            )
        if not self.layer.built:
            self.layer._build_for((KerasTensor((None, *input_shape[2:]), self.dtype, "x"),), {})
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        n, t = inputs.shape[:2]
        out = self.layer(ag.reshape(inputs, (n * t, *inputs.shape[2:])))
        out = ag.reshape(out, (n, t, *out.shape[1:]))
        set_mask(out, mask)
        return out

    def compute_output_shape(self, input_shape: Any) -> Any:
        n, t, *rest = input_shape
        return (n, t, *self.layer.compute_output_shape((n, *rest))[1:])


class Bidirectional(Wrapper):
    """A recurrent layer from the beginning and one from the end, their outputs merged.

    `merge_mode` is "concat", "sum", "mul", "ave", or None for a list of both.
    """

    def __init__(
        self, layer: Any, merge_mode: str | None = "concat", weights: Option = None,
        backward_layer: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(layer, weights=weights, **kwargs)
        if merge_mode not in ("concat", "sum", "mul", "ave", None):
            raise ArgumentError(
                "Bidirectional: merge_mode is 'concat', 'sum', 'mul', 'ave' or None, got "
                f"{merge_mode!r}"
            )
        del self.layer
        self.merge_mode = merge_mode
        self.forward_layer = layer
        if backward_layer is None:
            config = copy.deepcopy({**layer.get_config(), "name": layer.name})
            config["go_backwards"] = not layer.go_backwards
            backward_layer = type(layer).from_config(config)
            backward_layer.name = f"backward_{layer.name}"
            layer.name = f"forward_{layer.name}"
        self.backward_layer = backward_layer
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state
        if self.return_sequences:  # steps that do not count stand at different ends
            layer.zero_output_for_mask = backward_layer.zero_output_for_mask = True

    def build(self, input_shape: Any, *_: Any) -> None:
        last_length(self, input_shape)
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(input_shape)
        self.built = True

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        first = second = None
        if initial_state is not None:
            half = len(initial_state) // 2
            first, second = initial_state[:half], initial_state[half:]
        options = {"mask": mask, "training": training}
        one = self.forward_layer(sequences, initial_state=first, **options)
        two = self.backward_layer(sequences, initial_state=second, **options)
        states: list[Any] = []
        if self.return_state:
            one, *rest = one
            two, *others = two
            states = [*rest, *others]
        if self.return_sequences:
            two = ag.flip(two, 1)
        out = self._merged(one, two)
        if mask is not None and self.return_sequences and self.merge_mode:
            set_mask(out, np.asarray(mask))
        if states:
            return [*(out if isinstance(out, list) else [out]), *states]
        return out

    def _merged(self, one: Any, two: Any) -> Any:
        if self.merge_mode is None:
            return [one, two]
        if self.merge_mode == "concat":
            return ag.concat([one, two], axis=-1)
        if self.merge_mode == "mul":
            return one * two
        return one + two if self.merge_mode == "sum" else (one + two) / 2

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return previous_mask if self.return_sequences else None

    def compute_output_spec(self, sequences: Any, *_: Any, **__: Any) -> Any:
        both = [
            layer.compute_output_spec(sequences)
            for layer in (self.forward_layer, self.backward_layer)
        ]
        (one, *rest), (two, *others) = (x if isinstance(x, list) else [x] for x in both)
        if self.merge_mode is None:
            return [one, two, *rest, *others]
        if self.merge_mode == "concat":
            one = KerasTensor((*one.shape[:-1], one.shape[-1] + two.shape[-1]), self.dtype)
        return [one, *rest, *others] if self.return_state else one

    def compute_output_shape(self, input_shape: Any) -> Any:
        out = self.compute_output_spec(KerasTensor(input_shape, self.dtype, "x"))
        return [x.shape for x in out] if isinstance(out, list) else out.shape
