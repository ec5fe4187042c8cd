"""nn.torch.nn.functional: the functions of nn.functional, called as PyTorch's are."""

from __future__ import annotations

import functools
import inspect
import math
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, MissingAttributeError
from autograd.extend import raw
from nn import functional as own
from nn.torch.absent import refusing
from nn.torch.dtypes import as_numpy
from nn.torch.functions import elementwise
from nn.torch.nn.inplace import into
from nn.torch.nn.signatures import arguments, theirs
from nn.torch.promotion import cast
from nn.torch.tensor import as_face

_NAMES: list[str] = list(vars(own)["__all__"])
_REFUSED = {
    "conv_tbc": "write conv1d(x.permute(1, 2, 0), weight.permute(2, 1, 0)).permute(2, 0, 1)",
    "grouped_mm": "write one matmul a group",
    "scaled_mm": "there are no 8-bit floats; write matmul",
    "scaled_grouped_mm": "there are no 8-bit floats; write matmul",
    "embedding_renorm_": "write embedding(..., max_norm=)",
}
_BROADCASTS = {  # losses, and whether PyTorch warns of it
    "mse_loss": True, "l1_loss": True, "smooth_l1_loss": True, "huber_loss": True,
    "kl_div": False, "poisson_nll_loss": False, "soft_margin_loss": False,
}  # fmt: skip
_IN_PLACE = ("celu", "elu", "hardtanh", "leaky_relu", "relu", "rrelu", "selu", "threshold")


def faced(value: Any) -> Any:
    """What a function of nn gave, with its Tensors in the face."""
    if type(value) is tuple:
        return tuple(map(as_face, value))
    return as_face(value)


def _called(function: Callable[..., Any]) -> Any:
    """A function of nn with PyTorch's arguments."""
    name = function.__name__
    parameters = inspect.signature(function).parameters
    order, beside = theirs(function)
    asks = beside | {"dtype"} & parameters.keys()  # what a call must name to be another here
    first = next((i for i, n in enumerate(order) if n in asks), len(order) if beside else 1 << 30)
    in_place = [*parameters].index("inplace") if "inplace" in parameters else -1
    broadcasts = name in _BROADCASTS
    means = "reduction" in parameters

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > first or not asks.isdisjoint(kwargs):
            args, kwargs = arguments(function, args, kwargs)
        if broadcasts:
            args, kwargs = _alike(name, args, kwargs)
        if means:
            return faced(mean_of_nothing(function, args, kwargs))
        result = faced(function(*args, **kwargs))
        if in_place > 0 and (kwargs.get("inplace") or (len(args) > in_place and args[in_place])):
            return into(args[0] if args else kwargs["input"], result)
        return result

    call.__module__ = __name__
    return call


def mean_of_nothing(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What a loss gives; the mean of no losses is nan in PyTorch, where nn has an error."""
    try:
        return function(*args, **kwargs)
    except ArgumentError as error:
        if "the mean over nothing" not in str(error):
            raise
    bound = inspect.signature(function).bind(*args, **kwargs).arguments
    return function(**(bound | {"reduction": "sum"})) * math.nan


def _alike(name: str, args: Any, kwargs: Any) -> tuple[Any, Any]:
    """A loss's input and target broadcast to each other, with PyTorch's warning."""
    kwargs = dict(kwargs)
    input = args[0] if args else kwargs.pop("input")
    target = args[1] if len(args) > 1 else kwargs.pop("target")
    shapes = np.shape(raw(input)), np.shape(raw(target))
    if shapes[0] != shapes[1]:
        if _BROADCASTS[name]:
            warnings.warn(
                f"Using a target size ({list(shapes[1])}) that is different to the input size "
                f"({list(shapes[0])}). This will likely lead to incorrect results due to "
                "broadcasting. Please ensure they have the same size.",
                stacklevel=4,
            )
        shape = np.broadcast_shapes(*shapes)
        input, target = ag.broadcast_to(input, shape), ag.broadcast_to(target, shape)
    if name == "huber_loss":  # which computes in the dtype of its input
        target = cast(target, raw(input).dtype)
    return (input, target, *args[2:]), kwargs


def _softmax(function: Callable[..., Any]) -> Any:
    """A softmax, of which the third argument is one that nobody gives."""

    @functools.wraps(function)
    def call(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        return as_face(function(input, _implicit(call.__name__, input, dim), as_numpy(dtype)))

    return call


def _implicit(name: str, input: Any, dim: int | None) -> int:
    """The axis that PyTorch takes where none is given, with its warning."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        stacklevel=4,
    )
    return 0 if np.ndim(input) in (0, 1, 3) else 1


def _underscored(name: str) -> Any:
    function = getattr(own, name)

    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        return into(input, faced(function(input, *args, **kwargs)))

    call.__name__ = call.__qualname__ = f"{name}_"
    call.__doc__ = f"`{name}`, whose result the input becomes."
    return call


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The cross entropy of classes, or of weights of all classes, which need not sum to 1."""
    if size_average is not None or reduce is not None:
        older = {"size_average": size_average, "reduce": reduce}
        reduction = arguments(own.cross_entropy, (), older)[1]["reduction"]
    if raw(target).dtype.kind != "f" or np.shape(raw(target)) != np.shape(raw(input)):
        given = (input, target, weight, ignore_index, reduction, label_smoothing)
        return as_face(mean_of_nothing(own.cross_entropy, given, {}))
    axis = min(np.ndim(raw(input)) - 1, 1)
    shape = np.shape(raw(input))
    weighted = target * (1 - label_smoothing) + label_smoothing / shape[axis]
    if weight is not None:
        weighted = weighted * ag.reshape(
            weight, tuple(-1 if n == axis else 1 for n in range(len(shape)))
        )
    losses = -ag.sum(ag.log_softmax(input, axis=axis) * weighted, axis=axis)
    if reduction == "none":
        return as_face(losses)
    return as_face(ag.sum(losses) if reduction == "sum" else ag.mean(losses))


def sigmoid(input: Any) -> Any:
    """1 / (1 + e⁻ˣ)."""
    return elementwise.sigmoid(input)


def tanh(input: Any) -> Any:
    """tanh x."""
    return elementwise.tanh(input)


def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """The input with more around it; `pad` says how much before and after the last axes first."""
    return as_face(own.pad(input, pad, mode, float(value) if value is True else value or 0))


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """Each vector along `dim` divided by its norm."""
    result = as_face(own.normalize(input, p, dim, eps))
    return result if out is None else into(out, result)


def assert_int_or_pair(arg: Any, arg_name: str, message: str) -> None:
    """Whether an argument is a whole number or two."""
    assert isinstance(arg, int) or len(arg) == 2, message.format(arg_name)


def _found(name: str) -> Any:
    module = sys.modules[__name__]
    if name.endswith("_") and name[:-1] in _IN_PLACE:
        value = _underscored(name[:-1])
    elif name in _NAMES and inspect.isroutine(function := getattr(own, name)):
        value = _softmax(function) if name in _SOFTMAXES else _called(function)
    else:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    setattr(module, name, value)
    return value


_SOFTMAXES = ("softmax", "log_softmax", "softmin")
__getattr__ = refusing("torch.nn.functional", _found, _REFUSED)
_OWN = ("assert_int_or_pair",)
__all__ = [*dict.fromkeys([*_NAMES, *_OWN, *(f"{name}_" for name in _IN_PLACE)])]


def __dir__() -> list[str]:
    return __all__
