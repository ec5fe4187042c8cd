"""Layer: a Module with Keras' life: options, `build` at the first input, `call`."""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from typing import Any, Self, TypeAlias

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.errors import ArgumentError, ArgumentTypeError, MissingMethodError, ShapeError
from autograd.extend import raw
from nn.keras import constraints, initializers, regularizers
from nn.keras.configs import bound_options, restored
from nn.keras.engine.masks import has_masks, mask_of, set_mask
from nn.keras.engine.symbolic import KerasTensor, Node, is_symbolic, record, traced
from nn.keras.engine.variable import Variable
from nn.keras.naming import snake, unique_name
from nn.keras.structure import flatten, leaves, mapped
from nn.module.module import Module

__all__ = ["Layer", "Option", "training_now"]

Option: TypeAlias = Any  # checked by the layer itself, not by what the name means elsewhere

_training: ContextVar[bool | None] = ContextVar("training", default=None)


def training_now() -> bool:
    """Whether the call that runs now is one of training."""
    return bool(_training.get())


class Layer(Module):
    """Base of layers: `build(input_shape)` makes weights, `call(inputs)` computes.

    `name` is what it is called in a summary, and `get_layer` finds it by; `trainable=False` freezes
    it. `input_shape`, `input_dim` or `batch_input_shape` say what the first layer of a Sequential
    will be given.

    >>> import numpy as np
    >>> from nn.keras import layers
    >>> class Scale(layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=input_shape[-1:], initializer="ones")
    ...
    ...     def call(self, inputs):
    ...         return self.factor * inputs
    >>> scale = Scale(name="scale")
    >>> scale(np.ones((2, 3))).shape, scale.count_params()
    ((2, 3), 3)
    """

    supports_masking = False
    _own_dtype = False  # takes inputs of any dtype as they are
    _options: dict[str, Any]
    _inbound_nodes: list[Node]
    _call_takes: list[str]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        object.__setattr__(self, "_options", bound_options(cls, args, kwargs))
        object.__setattr__(self, "_inbound_nodes", [])
        return self

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Option = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.name = name if name is not None else unique_name(snake(type(self).__name__))
        self.dtype = _dtype(dtype)
        self.autocast = autocast
        self.built = False
        self._trainable = trainable
        self._losses: list[Any] = []
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._input_shape_arg = _given_shape(type(self).__name__, kwargs)
        self._weights_arg = kwargs.pop("weights", None)
        if kwargs:
            raise ArgumentTypeError(
                f"{type(self).__name__} has no option {next(iter(kwargs))!r}; it takes "
                f"{', '.join(_options_of(type(self)))}"
            )

    # ---- what a subclass writes ----------------------------------------------------------------

    def build(self, input_shape: Any, *others: Any) -> None:
        """Make the weights for inputs of this shape, or of these shapes."""
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the layer computes."""
        raise MissingMethodError(
            f"{type(self).__name__} has no call(): define call(self, inputs) in the class"
        )

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the output for inputs of this shape, with None for unknown lengths."""
        made = traced(self, tuple(KerasTensor(shape, self.dtype, "x") for shape in args), kwargs)
        return mapped(lambda x: x.shape, made)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output, of that of the input."""
        return previous_mask

    def get_config(self) -> dict[str, Any]:
        """The options that the layer was made with."""
        shown = {"name": self.name, "trainable": self._trainable, "dtype": self.dtype}
        return shown | {k: v for k, v in self._options.items() if k != "dtype" or v}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer of these options."""
        return cls(**{name: restored(value) for name, value in config.items()})

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
    def _sublayers(self) -> list[Layer]:
        return [child for child in self.children() if isinstance(child, Layer)]

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
        layers = [m for m in self.modules() if isinstance(m, Layer)]
        added = [loss for layer in layers for loss in layer._losses]
        trained = [v for v in self.trainable_weights if getattr(v, "regularizer", None)]
        return added + [v.regularizer(v) for v in trained]

    # ---- calling -------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if is_symbolic((args, kwargs)):
            return self._call_symbolic(args, kwargs)
        args = tuple(self._numbers(x) for x in args)
        if kwargs:
            kwargs = {k: v if k in _FLAGS else self._numbers(v) for k, v in kwargs.items()}
        if not self.built:
            self._build_for(args, kwargs)
        training = kwargs.pop("training", None)
        if training is None:
            training = _training.get()
        if "training" in self._takes and not self._has_position("training", len(args)):
            kwargs["training"] = bool(training)
        masks = self._masks(args, kwargs) if has_masks() else None
        if _training.get() is None:  # the outermost call: what the last one has added is gone
            for layer in self.modules():
                if getattr(layer, "_losses", None):
                    layer._losses = []
        token = _training.set(bool(training))
        try:
            out = self._run(*args, **kwargs)
        finally:
            _training.reset(token)
        if masks is not None:
            self._hand_on(args, masks, out)
        if self.activity_regularizer is not None:
            for x in leaves(out):
                self.add_loss(self.activity_regularizer(x) / max(len(x), 1))
        return out

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What `Module` runs: `call`."""
        return self.call(*args, **kwargs)

    def _call_symbolic(self, args: Any, kwargs: Any) -> Any:
        if not self.built:
            self._build_for(args, kwargs)
        return record(self, args, kwargs, self.compute_output_spec(*args, **kwargs))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The KerasTensors that come out, for those that go in."""
        if type(self).compute_output_shape is Layer.compute_output_shape or len(args) != 1:
            return traced(self, args, kwargs)
        shape = self.compute_output_shape(mapped(np.shape, args[0]))
        dtype = next((x.dtype for x in leaves(args) if isinstance(x, KerasTensor)), self.dtype)
        if np.dtype(dtype).kind == "f" or not self._own_dtype:
            dtype = self.dtype
        if isinstance(shape, list) and shape and not isinstance(shape[0], (int, type(None))):
            return [KerasTensor(s, dtype) for s in shape]
        return KerasTensor(shape, dtype)

    def _build_for(self, args: Any, kwargs: Any) -> None:
        """Build for these inputs: by the shape of the first, or of as many as `build` takes."""
        given = {**dict(zip(self._takes, args, strict=False)), **kwargs}
        wanted = [*inspect.signature(self.build).parameters]
        named = [name for name in wanted if name.removesuffix("_shape") in self._takes]
        if len(named) > 1:  # query_shape, value_shape, ...
            inputs = {name: given.get(name.removesuffix("_shape")) for name in named}
            self.build(**{k: mapped(_shape, x) for k, x in inputs.items() if x is not None})
        elif given:
            self.build(mapped(_shape, next(iter(given.values()))))
        self.built = True
        if self._weights_arg is not None:
            self.set_weights(self._weights_arg)
            self._weights_arg = None

    @property
    def _takes(self) -> list[str]:
        """The names of what `call` takes, in order."""
        cls = type(self)
        if "_call_takes" not in cls.__dict__:
            found = inspect.signature(cls.call).parameters
            cls._call_takes = [*found][1:]
        return cls._call_takes

    def _has_position(self, name: str, count: int) -> bool:
        return self._takes.index(name) < count

    def _numbers(self, x: Any) -> Any:
        """A value as Tensors, floating numbers in the layer's dtype; other things as they are."""
        if isinstance(x, Tensor):
            kind = x.dtype
            if kind.kind == "f" and kind != self.dtype and self.autocast and not self._own_dtype:
                return x.astype(self.dtype)
            return x
        if isinstance(x, np.ndarray):
            return self._numbers(ag.Tensor(x)) if x.dtype.kind in "fiubc" else x
        if isinstance(x, (list, tuple, dict)) and x:
            if isinstance(x, list) and isinstance(next(leaves(x)), (int, float)):
                return self._numbers(np.asarray(x, self.dtype if _has_floats(x) else None))
            return mapped(self._numbers, x)
        return x

    def _masks(self, args: Any, kwargs: Any) -> Any:
        """The masks of the first input; handed to `call`, if it takes one and has none."""
        for name, x in zip(self._takes, args, strict=False):  # query_mask of the query, ...
            if f"{name}_mask" in self._takes and kwargs.get(f"{name}_mask") is None:
                kwargs[f"{name}_mask"] = mask_of(x)
        masks = mapped(mask_of, args[0]) if args else None
        if all(m is None for m in leaves(masks)):
            return None
        if "mask" in self._takes and kwargs.get("mask") is None:
            kwargs["mask"] = masks
        return masks

    def _hand_on(self, args: Any, masks: Any, out: Any) -> None:
        if self.supports_masking and isinstance(out, Tensor):
            set_mask(out, self.compute_mask(args[0], masks))

    # ---- what is held --------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if "_modules" in self.__dict__ and name[0] != "_" and isinstance(value, (list, dict)):
            value = self._tracked(name, value)
        if isinstance(value, Variable):
            self._named_anew(value)
        super().__setattr__(name, value)

    def _named_anew(self, variable: Variable) -> None:
        """Leave a weight to the attribute that it is set as."""
        for held in [n for n, v in self._parameters.items() if v is variable and n[:5] == "_own_"]:
            delattr(self, held)

    def _tracked(self, name: str, value: Any) -> Any:
        if type(value) is list:
            return LayerList(value, self, name)
        for key, part in value.items() if type(value) is dict else ():
            if isinstance(part, Module):
                self.register_module(f"{name}_{key}".replace(".", "_"), part)
        return value

    @property
    def input(self) -> Any:
        """The KerasTensors that the layer was called on first."""
        node = self._first_node()
        return node.args[0] if node.args else [*node.parents]

    @property
    def output(self) -> Any:
        """The KerasTensors that came out of its first call."""
        return self._first_node().outputs

    def _first_node(self) -> Node:
        if not self._inbound_nodes:
            raise ArgumentError(
                f"the layer {self.name!r} has not been called on a KerasTensor, so it has no input "
                "and output: begin the model with keras.Input"
            )
        return self._inbound_nodes[0]

    def extra_repr(self) -> str:
        return f"name={self.name!r}"


class LayerList(list[Any]):
    """A list set on a layer, which learns of the layers that it is given later too."""

    def __init__(self, values: Any, owner: Layer, name: str) -> None:
        super().__init__()
        self._owner, self._name = owner, name
        self.extend(values)

    def append(self, value: Any) -> None:
        if isinstance(value, Module):
            self._owner.register_module(f"{self._name}_{len(self)}", value)
        super().append(value)

    def extend(self, values: Any) -> None:
        for value in values:
            self.append(value)

    def __iadd__(self, values: Any) -> Self:  # type: ignore[misc]
        self.extend(values)
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return [*self]


_FLAGS = {"training", "return_attention_scores", "use_causal_mask"}


def _shape(x: Any) -> Any:
    return tuple(x.shape) if hasattr(x, "shape") else None


def _has_floats(x: Any) -> bool:
    return any(isinstance(leaf, float) for leaf in leaves(x))


def _dtype(dtype: Any) -> str:
    if isinstance(dtype, str) and "mixed" in dtype:
        raise ArgumentError(f"dtype={dtype!r}: there is no mixed precision here; take 'float32'")
    name = getattr(dtype, "name", dtype)  # a DTypePolicy has one
    return np.dtype(ag.get_default_dtype() if name is None else name).name


def _given_shape(kind: str, kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
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


def _options_of(cls: type) -> list[str]:
    names = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    own = [name for name in names if name not in ("self", "args", "kwargs")]
    return own + [name for name in ("name", "trainable", "dtype") if name not in own]
