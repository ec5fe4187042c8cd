"""Layer: a Module with Keras' life: options, `build` at the first input, `call`."""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from typing import Any, Self, TypeAlias

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.modes import as_given
from autograd.errors import ArgumentError, ArgumentTypeError, MissingMethodError
from nn.keras import regularizers
from nn.keras.base.old_options import MadeByOldNames
from nn.keras.base.options import as_dtype, given_shape, options_of
from nn.keras.base.weights import Weights
from nn.keras.configs import bound_options, restored_options
from nn.keras.engine.masks import has_masks, mask_of, set_mask
from nn.keras.engine.symbolic import KerasTensor, Node, is_symbolic, record, traced
from nn.keras.naming import snake, unique_name
from nn.keras.structure import flatten, leaves, mapped
from nn.module.module import Module

__all__ = ["Layer", "Option", "specs", "training_now"]

Option: TypeAlias = Any  # checked by the layer itself, not by what the name means elsewhere

_training: ContextVar[bool | None] = ContextVar("training", default=None)


def training_now() -> bool:
    """Whether the call that runs now is one of training."""
    return bool(_training.get())


class Layer(Weights, metaclass=MadeByOldNames):
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
        Module.__init__(self)  # what is set before super().__init__() is kept, as in Keras
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
        self.name = name if name is not None else unique_name(snake(type(self).__name__))
        self.dtype = as_dtype(dtype)
        self.autocast = autocast
        self.built = False
        self._trainable = trainable
        self._losses: list[Any] = []
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._input_shape_arg = given_shape(type(self).__name__, kwargs)
        self._weights_arg = kwargs.pop("weights", None)
        if kwargs:
            raise ArgumentTypeError(
                f"{type(self).__name__} has no option {next(iter(kwargs))!r}; it takes "
                f"{', '.join(options_of(type(self)))}"
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
        return cls(**restored_options(config))

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
        if "mask" in self._takes[len(args) :] and args and isinstance(args[0], (list, tuple)):
            kwargs.setdefault("mask", [None] * len(args[0]))
        if _training.get() is None:  # the outermost call: what the last one has added is gone
            for layer in self.modules():
                if getattr(layer, "_losses", None):
                    layer._losses = []
        token = _training.set(bool(training))
        try:
            out = self._run(*args, **kwargs)
        finally:
            _training.reset(token)
        if args and (masks is not None or self._makes_masks):
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
        return specs(shape, dtype)

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
            kind, casts = x.dtype, self.autocast and not self._own_dtype
            if kind.kind == "f" and kind != self.dtype and casts and not as_given.get():
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

    @property
    def _makes_masks(self) -> bool:
        """Whether a class of the user's own says what the mask is."""
        own = type(self).compute_mask
        return not own.__module__.startswith("nn.keras.") and own is not Layer.compute_mask

    def _hand_on(self, args: Any, masks: Any, out: Any) -> None:
        if self.supports_masking or self._makes_masks:
            found = self.compute_mask(args[0], masks)
            several = found if isinstance(found, (list, tuple)) else [found]
            for x, mask in zip(flatten(out), several, strict=False):
                set_mask(x, mask)

    # ---- its first call -------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The KerasTensors that the layer was called on first."""
        node = self._first_node()
        return node.args[0] if node.args else [*node.parents]

    @property
    def output(self) -> Any:
        """The KerasTensors that came out of its first call."""
        return self._first_node().outputs

    @property
    def input_shape(self) -> Any:
        """The shape that the layer was called on first."""
        return mapped(lambda x: x.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape that came out of its first call."""
        return mapped(lambda x: x.shape, self.output)

    def _first_node(self) -> Node:
        if not self._inbound_nodes:
            raise ArgumentError(
                f"the layer {self.name!r} has not been called on a KerasTensor, so it has no input "
                "and output: begin the model with keras.Input"
            )
        return self._inbound_nodes[0]

    def extra_repr(self) -> str:
        return f"name={self.name!r}"


def specs(shape: Any, dtype: Any) -> Any:
    """The KerasTensor of a shape, or those of several."""
    if shape and isinstance(shape, (list, tuple)) and isinstance(shape[0], (list, tuple)):
        return type(shape)(KerasTensor(s, dtype) for s in shape)
    return KerasTensor(shape, dtype)


_FLAGS = {"training", "return_attention_scores", "use_causal_mask"}


def _shape(x: Any) -> Any:
    return tuple(x.shape) if hasattr(x, "shape") else None


def _has_floats(x: Any) -> bool:
    return any(isinstance(leaf, float) for leaf in leaves(x))
