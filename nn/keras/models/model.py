"""Model: layers that are trained together, as a graph of calls or by a `call` of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import ArgumentError, MissingMethodError, ShapeError
from nn.keras.base.layer import Layer
from nn.keras.configs import restored_options
from nn.keras.engine.symbolic import KerasTensor, in_order, is_symbolic, run_nodes, traced
from nn.keras.layers.inputs import InputLayer
from nn.keras.models.files import graph_config, graph_of
from nn.keras.models.training import TrainedByKeras
from nn.keras.naming import renamed, unique_name
from nn.keras.structure import flatten, mapped, packed

__all__ = ["Model"]


class Model(Layer, TrainedByKeras):
    """`Model(inputs, outputs)` of KerasTensors, or the base of models with a `call` of their own.

    >>> import numpy as np
    >>> from nn import keras
    >>> inputs = keras.Input((3,))
    >>> outputs = keras.layers.Dense(1)(keras.layers.Dense(4, activation="relu")(inputs))
    >>> model = keras.Model(inputs, outputs)
    >>> model.predict(np.ones((2, 3)), verbose=0).shape, model.count_params()
    ((2, 1), 21)
    """

    _nodes: Any = None  # of a functional model
    _operations: Any = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = renamed("Model", kwargs, {"input": "inputs", "output": "outputs"}, stacklevel=4)
        given = dict(zip(("inputs", "outputs", "name"), args, strict=False)) | kwargs
        inputs, outputs = given.pop("inputs", None), given.pop("outputs", None)
        if inputs is not None and type(self) is Model and not given.get("name"):
            given["name"] = unique_name("functional")
        super().__init__(**given)
        if (inputs is None) is not (outputs is None):
            raise ArgumentError("Model takes inputs and outputs: keras.Model(inputs, outputs)")
        if inputs is not None:
            self._set_graph(inputs, outputs)

    def _set_graph(self, inputs: Any, outputs: Any) -> None:
        for what, structure in (("inputs", inputs), ("outputs", outputs)):
            for x in flatten(structure):
                if not isinstance(x, KerasTensor):
                    raise ArgumentError(
                        f"Model: {what} are KerasTensors, of keras.Input and of layers called on "
                        f"them; got {type(x).__name__}"
                    )
        self._inputs_form, self._outputs_form = inputs, outputs
        self._nodes, self._operations = in_order(flatten(inputs), flatten(outputs))
        for number, layer in enumerate(self.layers):
            self.register_module(f"layer_{number}", layer)
        self.built = True

    # ---- what it is made of --------------------------------------------------------------------

    @property
    def layers(self) -> list[Any]:
        """The layers: of a functional model in the order of its graph."""
        return self._all_layers()

    @layers.setter
    def layers(self, value: Any) -> None:
        raise ArgumentError(
            f"{type(self).__name__}.layers is the list of all layers of a model: give your own "
            "another name, such as self.blocks"
        )

    def _all_layers(self) -> list[Any]:
        if self._nodes is not None:
            return [op for op in self._operations if isinstance(op, Layer)]
        return self._sublayers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of a name, or at a place."""
        if index is not None:
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ArgumentError(
            f"{self.name} has no layer {name!r}; it has {', '.join(x.name for x in self.layers)}"
        )

    @property
    def inputs(self) -> list[Any]:
        """The KerasTensors that go in."""
        return flatten(self._form("_inputs_form"))

    @property
    def outputs(self) -> list[Any]:
        """The KerasTensors that come out."""
        return flatten(self._form("_outputs_form"))

    @property
    def input(self) -> Any:
        return self._form("_inputs_form")

    @property
    def output(self) -> Any:
        return self._form("_outputs_form")

    def _form(self, which: str) -> Any:
        if not hasattr(self, which):
            raise ArgumentError(
                f"{self.name} has no inputs and outputs yet: begin it with keras.Input, or call it "
                "on data"
            )
        return getattr(self, which)

    @property
    def input_shape(self) -> Any:
        """The shape of the input, with None for the batch; a list of several."""
        return mapped(lambda x: x.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, with None for the batch; a list of several."""
        return mapped(lambda x: x.shape, self.output)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [x.name for x in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that the outputs come from."""
        if not hasattr(self, "_outputs_form"):
            return []
        return [x._keras_history.operation.name for x in self.outputs]

    # ---- calling -------------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs of the graph; a model of one's own writes its own."""
        if self._nodes is None:
            raise MissingMethodError(
                f"{type(self).__name__} has no call(): define call(self, inputs) in the class, or "
                "give inputs and outputs"
            )
        flat = [self._fitting(x, to) for x, to in zip(self._flat(inputs), self.inputs, strict=True)]
        values = {id(to): x for x, to in zip(flat, self.inputs, strict=True)}
        run_nodes(self._nodes, values)
        out = packed(self._outputs_form, (values[id(x)] for x in self.outputs))
        return out[0] if isinstance(out, list) and len(out) == 1 else out

    def _flat(self, inputs: Any) -> list[Any]:
        """The inputs in the order of the model's, which may go by name."""
        wanted = self.inputs
        if isinstance(inputs, dict) and not isinstance(self._inputs_form, dict):
            missing = [x.name for x in wanted if x.name not in inputs]
            if missing:
                raise ArgumentError(
                    f"{self.name} has the inputs {', '.join(self.input_names)}; {missing[0]!r} is "
                    "not given"
                )
            return [inputs[x.name] for x in wanted]
        if isinstance(inputs, dict):
            return flatten({name: inputs[name] for name in self._inputs_form})
        flat = flatten(inputs)
        if len(flat) != len(wanted):
            raise ArgumentError(
                f"{self.name} takes {len(wanted)} inputs, {', '.join(self.input_names)}; got "
                f"{len(flat)}"
            )
        return flat

    def _fitting(self, x: Any, wanted: KerasTensor) -> Any:
        """An input in the shape and kind of numbers that it was declared with."""
        shape = wanted.shape
        if x.ndim == len(shape) + 1 and x.shape[-1] == 1:
            x = x[..., 0]
        elif x.ndim == len(shape) - 1 and shape[-1] == 1:
            x = x[..., None]
        if x.ndim != len(shape) or any(
            n is not None and n != m for n, m in zip(shape[1:], x.shape[1:], strict=True)
        ):
            raise ShapeError(
                f"{self.name}: the input {wanted.name!r} is declared {shape}; got {x.shape}"
            )
        whole = isinstance(x, Tensor) and x.dtype.kind in "iub"
        if whole and np.dtype(wanted.dtype).kind == "f" and not self._is_of_indices(wanted):
            return x.astype(wanted.dtype)
        return x

    def _is_of_indices(self, wanted: KerasTensor) -> bool:
        """Whether an input goes to layers of indices, which take whole numbers as they are."""
        if not hasattr(self, "_indexed"):
            self._indexed = {
                id(x) for node in self._nodes for x in node.parents
                if getattr(node.operation, "_own_dtype", False)
            }  # fmt: skip
        return id(wanted) in self._indexed

    def fitted(self, x: Any) -> Any:
        """Data as the model takes them: one-dimensional ones as (N, 1) where nothing else fits."""
        if self._nodes is not None or not isinstance(x, Tensor) or x.ndim != 1:
            return x
        return x[:, None]

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        if self._nodes is None or len(args) != 1:
            return traced(self, args, kwargs)
        given = [x.shape[1:] for x in flatten(args[0])]
        if given == [x.shape[1:] for x in self.inputs]:
            return mapped(lambda x: KerasTensor(x.shape, x.dtype), self._single(self._outputs_form))
        return traced(self, args, kwargs)

    @staticmethod
    def _single(form: Any) -> Any:
        return form[0] if isinstance(form, list) and len(form) == 1 else form

    def compute_output_shape(self, input_shape: Any) -> Any:
        several = isinstance(input_shape, (list, dict)) and not isinstance(input_shape[0], int)
        shapes = input_shape if several else [input_shape]
        made = [KerasTensor(shape, self.dtype, "x") for shape in shapes]
        given = made if several else made[0]
        return mapped(lambda x: x.shape, self.compute_output_spec(given))

    def build(self, input_shape: Any = None) -> None:
        """Make the weights, for inputs of this shape."""
        if input_shape is None or self._nodes is not None or type(self).call is Model.call:
            self.built = True
            return
        several = isinstance(input_shape, (list, dict)) and not isinstance(
            next(iter(input_shape)), (int, type(None))
        )
        shapes = input_shape if several else [tuple(input_shape)]
        made = [InputLayer(batch_shape=tuple(s), name="input").tensor for s in shapes]
        self.built = True
        traced(self, (made if several else made[0],), {})

    def _build_for(self, args: Any, kwargs: Any) -> None:
        if type(self).build is Model.build:  # the layers in it are built when they are called
            self.built = True
            return
        super()._build_for(args, kwargs)

    def get_config(self) -> dict[str, Any]:
        """The layers and calls of a functional model; the options of one of one's own."""
        return super().get_config() if self._nodes is None else graph_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model of this config; its weights are drawn anew."""
        return cls._from_config(config, custom_objects)

    @classmethod
    def _from_config(cls, config: dict[str, Any], custom: Any) -> Any:
        if "calls" in config:
            return graph_of(cls, config, custom)
        return cls(**restored_options(config, custom))

    def reset_states(self) -> None:
        """Let recurrent layers that keep their states begin with zeros."""
        for layer in self.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if args and self._nodes is not None and not is_symbolic(args):
            args = (self._plain(args[0]), *args[1:])
        return super().__call__(*args, **kwargs)

    def _plain(self, x: Any) -> Any:
        """Lists of numbers as an array; lists of arrays as they are."""
        several = len(self.inputs) > 1
        return np.asarray(x) if isinstance(x, list) and not several and not any(
            hasattr(part, "shape") for part in x) else x  # fmt: skip
