"""Weights of a layer: how they are made, listed, read and written; and the penalties of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ShapeError
from autograd.extend import raw
from nn.keras import constraints, initializers, regularizers
from nn.keras.base.containers import tracked
from nn.keras.engine.variable import Variable
from nn.keras.structure import flatten
from nn.module.module import Module

__all__ = ["UNTRACKED", "Weights"]

# What layers and models keep for themselves, which holds no layers of theirs.
UNTRACKED = {
    "_chain", "_kernels", "_losses", "_nodes", "_operations", "_options", "_inputs_form",
    "_outputs_form", "_input_shape_arg", "_weights_arg", "_masks_of_dropout", "_example",
}  # fmt: skip


class Weights(Module):
    """A module with Keras' view of its weights, in Keras' order."""

    name: str
    dtype: str
    built: bool
    _trainable: bool
    _losses: list[Any]

    def _place_child(self, name: str, old: str, child: Any) -> None:
        """A variable keeps the name it was given, wherever its layer is; `path` says where."""
        if not isinstance(child, Variable):
            super()._place_child(name, old, child)
        elif child.name is None:
            child.name = name

    # ---- weights -------------------------------------------------------------------------------

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> Variable:
        """A new weight of this layer; `initializer` is a name or a function of shape and dtype."""
        if isinstance(shape, str):  # Keras 2: the name first
            shape, name = kwargs.pop("shape", initializer), shape
            initializer = None if initializer is shape else initializer
        shape = () if shape is None else (shape,) if isinstance(shape, (int, np.integer)) else shape
        if any(n is None for n in shape):
            raise ShapeError(
                f"{self.name}: a weight would be {tuple(shape)}; lengths of inputs that weights "
                "depend on must be known: give them in the Input's shape"
            )
        kind = self.dtype if dtype is None else np.dtype(dtype).name
        make = initializers.get("glorot_uniform" if initializer is None else initializer)
        label = name or f"variable_{len(self._parameters)}"
        value = np.asarray(raw(make(tuple(shape), dtype=kind)), kind)
        made = Variable(value, trainable, None, label, f"{self.name}/{label}")
        made.regularizer = regularizers.get(regularizer)
        made.constraint = constraints.get(constraint)
        if not self._trainable:
            made.requires_grad_(False)
        self._register("_parameters", f"_own_{len(self._parameters)}_{label}", made)
        return made

    add_variable = add_weight

    @property
    def _own_weights(self) -> list[Variable]:
        """Those of this layer alone: trained ones first."""
        own = [p for p in {id(p): p for p in self._parameters.values()}.values() if p is not None]
        return sorted(own, key=lambda v: not getattr(v, "wanted", True))  # type: ignore[arg-type]

    @property
    def _sublayers(self) -> list[Weights]:
        return [child for child in self.children() if isinstance(child, Weights)]

    @property
    def weights(self) -> list[Variable]:
        """All weights: this layer's, then those of the layers in it; shared ones once."""
        found = {id(v): v for v in self._own_weights}
        for layer in self._sublayers:
            found |= {id(v): v for v in layer.weights if id(v) not in found}
        return [*found.values()]

    variables = weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that are trained."""
        if not self._trainable:
            return []
        found = {id(v): v for v in self._own_weights if getattr(v, "wanted", True)}
        for layer in self._sublayers:
            found |= {id(v): v for v in layer.trainable_weights if id(v) not in found}
        return [*found.values()]

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that are not trained."""
        trained = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in trained]

    non_trainable_variables = non_trainable_weights

    @property
    def trainable(self) -> bool:
        """Whether it is trained; setting it sets all layers in it too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for v in self._own_weights:
            v.requires_grad_(bool(value and v.wanted and v.dtype.kind in "fc"))
        for layer in self._sublayers:
            layer.trainable = value

    def get_weights(self) -> list[Any]:
        """The numbers of all weights, as arrays in Keras' order and layout."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Give all weights other numbers, in the order of `get_weights`."""
        own, given = self.weights, [np.asarray(raw(w)) for w in weights]
        if len(own) != len(given):
            raise ArgumentError(
                f"{self.name} has {len(own)} weights and was given {len(given)}"
                + ("" if self.built else "; it is not built: call it on data, or build(shape)")
            )
        for v, array in zip(own, given, strict=True):
            if v.shape != array.shape:
                raise ShapeError(
                    f"{self.name}: the weight {v.path} is {v.shape} and was given {array.shape}; "
                    "weights come in the order and layout of get_weights()"
                )
        for v, array in zip(own, given, strict=True):
            v.assign(array)

    def count_params(self) -> int:
        """The number of numbers in all weights."""
        if not self.built:
            raise ArgumentError(
                f"{self.name} is not built, so its weights are not there: call it on data, or "
                "build(input_shape) it, or give an Input"
            )
        return sum(v.size for v in self.weights)

    # ---- losses --------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add a number to the loss of the model, in this call."""
        self._losses += flatten(loss)

    @property
    def losses(self) -> list[Any]:
        """The penalties of the weights, and what `add_loss` has added in the last call."""
        layers = [m for m in self.modules() if isinstance(m, Weights)]
        added = [loss for layer in layers for loss in layer._losses]
        trained = [v for v in self.trainable_weights if getattr(v, "regularizer", None)]
        return added + [v.regularizer(v) for v in trained]

    # ---- what is held --------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        held = "_modules" in self.__dict__ and isinstance(value, (list, tuple, dict))
        if held and name not in UNTRACKED:
            value = tracked(self, name, value)
        if isinstance(value, Variable):
            self._named_anew(value)
        super().__setattr__(name, value)

    def _named_anew(self, variable: Variable) -> None:
        """Leave a weight to the attribute that it is set as."""
        for held in [n for n, v in self._parameters.items() if v is variable and n[:5] == "_own_"]:
            delattr(self, held)
