"""Sequential: layers one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ArgumentTypeError
from nn.keras.base.layer import Layer
from nn.keras.engine.symbolic import KerasTensor
from nn.keras.layers.inputs import InputLayer
from nn.keras.models.files import chain_config, chain_of
from nn.keras.models.model import Model

__all__ = ["Sequential"]


class Sequential(Model):
    """Layers one after the other; with an Input, or `input_shape=`, they are built at once.

    >>> from nn import keras
    >>> model = keras.Sequential()
    >>> model.add(keras.layers.Dense(32, input_dim=2, activation="relu"))
    >>> model.add(keras.layers.Dense(1, activation="sigmoid"))
    >>> model.output_shape, model.count_params()
    ((None, 1), 129)
    """

    def __init__(self, layers: Any = None, trainable: Any = True, name: str | None = None) -> None:
        super().__init__(name=name)
        if isinstance(trainable, Layer):
            raise ArgumentTypeError("layers come in a list: write Sequential([a, b])")
        self._chain: list[Any] = []
        self._head: Any = None  # the KerasTensor that goes in, once it is known
        if isinstance(layers, Layer):
            layers = [layers]
        for layer in layers or ():
            self._append(layer)
        self._trainable = trainable
        self._connect()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer behind the others."""
        count = len(self._chain)
        self._append(layer)
        if self._nodes is None or len(self._chain) == count:
            self._connect()
        else:
            self.register_module(f"layer_{count}", layer)
            self._extend(layer)

    def pop(self, rebuild: bool = True) -> Any:
        """Take the last layer away."""
        if not self._chain:
            raise ArgumentError(f"{self.name} has no layer to take away")
        layer = self._chain.pop()
        self._connect()
        return layer

    def _append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor):
            layer = layer._keras_history.operation
        if isinstance(layer, InputLayer):
            if self._chain or self._head is not None:
                raise ArgumentError(f"{self.name}: an Input stands before all layers")
            self._head = layer.tensor
            return
        if not isinstance(layer, Layer):
            given = f"the class {layer.__name__}: write {layer.__name__}(...)" if isinstance(
                layer, type) else f"{type(layer).__name__}"  # fmt: skip
            raise ArgumentTypeError(f"Sequential takes layers of nn.keras, got {given}")
        if any(layer.name == other.name for other in self._chain):
            raise ArgumentError(
                f"{self.name} has two layers called {layer.name!r}: give one another name="
            )
        if not self._chain and self._head is None:
            if layer._input_shape_arg is not None:
                shape = layer._input_shape_arg
                self._head = InputLayer(batch_shape=shape, name="input_layer").tensor
            elif isinstance(layer, Model) and layer._nodes is not None and len(layer.inputs) == 1:
                first = layer.inputs[0]
                self._head = InputLayer(batch_shape=first.shape, dtype=first.dtype).tensor
        self._chain.append(layer)

    def _connect(self) -> None:
        """The graph from the Input through the layers, if the Input is known."""
        for name in [n for n in self._modules if n.startswith("layer_")]:
            delattr(self, name)
        for number, layer in enumerate(self._chain):
            self.register_module(f"layer_{number}", layer)
        self._nodes, self.built = None, False
        if self._head is None:
            return
        self._inputs_form = self._outputs_form = self._head
        self._nodes, self._operations = [], []
        for layer in self._chain:
            self._extend(layer)

    def _extend(self, layer: Any) -> None:
        """The graph, by one call more."""
        self._outputs_form = layer(self._outputs_form)
        self._nodes.append(layer._inbound_nodes[-1])
        self._operations.append(layer)
        self.__dict__.pop("_indexed", None)
        self.built = True

    def _all_layers(self) -> list[Any]:
        return list(self._chain)

    @property
    def _sublayers(self) -> list[Any]:
        return list(self._chain)

    def build(self, input_shape: Any = None) -> None:
        """Build the layers, for inputs of this shape, with that of the batch."""
        if not self._chain:
            raise ArgumentError(f"{self.name} has no layers: add(...) some")
        if self._head is None and input_shape is not None:
            shape = (None, *tuple(input_shape)[1:])
            self._head = InputLayer(batch_shape=shape, name="input_layer").tensor
            self._connect()

    def _build_for(self, args: Any, kwargs: Any) -> None:
        self.build(tuple(np.shape(args[0])))

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The output of the last layer."""
        x = self._fitting(self._flat(inputs)[0], self._head)
        for layer in self._chain:
            x = layer(x)
        return x

    def fitted(self, x: Any) -> Any:
        """One-dimensional data as (N, 1), unless the Input says otherwise."""
        if self._head is None and getattr(x, "ndim", 0) == 1:
            return x[:, None]
        return x

    def get_config(self) -> dict[str, Any]:
        """The layers, and what goes in."""
        return chain_config(self)

    @classmethod
    def _from_config(cls, config: dict[str, Any], custom: Any) -> Any:
        return chain_of(cls, config, custom)

    def __getitem__(self, place: int | slice) -> Any:
        return self._chain[place]

    def __len__(self) -> int:
        return len(self._chain)

    def __bool__(self) -> bool:
        return True
