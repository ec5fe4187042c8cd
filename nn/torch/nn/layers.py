"""The layers of nn in the face: made when they are first asked for."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import nn
from autograd.engine.lazy_names import homes
from autograd.errors import MissingAttributeError
from nn.torch.devices import check_cpu
from nn.torch.dtypes import as_numpy
from nn.torch.nn import functional
from nn.torch.nn.inplace import into
from nn.torch.nn.module import FACES, Module, bind_layers, face_of, is_plain
from nn.torch.nn.signatures import arguments
from nn.torch.tensor import as_face

__all__ = ["layer"]

# Losses whose function means something else in PyTorch: they go by that.
_BY_FUNCTION = {
    "MSELoss": "mse_loss", "L1Loss": "l1_loss", "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss", "KLDivLoss": "kl_div", "PoissonNLLLoss": "poisson_nll_loss",
    "SoftMarginLoss": "soft_margin_loss", "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss", "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
}  # fmt: skip


def layer(kind: Any) -> Any:
    """The face of a class of nn's layers, and of all that it stands on."""
    if kind in FACES:
        return FACES[kind]
    for base in kind.__bases__:
        if issubclass(base, nn.Module):
            layer(base)
    if (ordinary := kind.__dict__.get("cls_to_become")) is not None:
        layer(ordinary)
    own = dict(_OWN.get(kind.__name__, {}))
    if "__init__" in kind.__dict__ and kind.__name__ in _KNOWN:
        own["__init__"] = _constructor(kind)
    if "forward" in kind.__dict__ and "inplace" in _options(kind):
        own["forward"] = _in_place(kind)
    if (function := _BY_FUNCTION.get(kind.__name__)) is not None:
        own["forward"] = _by_function(kind, function)
    return face_of(kind, **own)


def _options(kind: Any) -> Any:
    return inspect.signature(kind.__init__).parameters


def _constructor(kind: Any) -> Any:
    made = kind.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        args, kwargs = arguments(kind, args, kwargs)
        made(self, *args, **kwargs)

    __init__.__doc__ = made.__doc__
    return __init__


def _in_place(kind: Any) -> Any:
    computed = kind.forward

    @functools.wraps(computed)
    def forward(self: Any, x: Any) -> Any:
        y = computed(self, x)
        return into(x, y) if self.inplace else y

    return forward


def _by_function(kind: Any, name: str) -> Any:
    options = [option for option in _options(kind) if option not in ("self", "rng")]

    def forward(self: Any, input: Any, target: Any) -> Any:
        given = {option: getattr(self, option) for option in options}
        return getattr(functional, name)(input, target, **given)

    return forward


# ---- what differs --------------------------------------------------------------------------------


def _sequence(self: Any, index: Any) -> Any:
    if isinstance(index, slice):
        return type(self)(dict(self._items()[index]))
    return nn.Sequential.__getitem__(self, index)


def _sum(self: Any, other: Any) -> Any:
    if not isinstance(other, nn.Sequential):
        return NotImplemented
    return FACES[nn.Sequential](*self, *other)


def _product(self: Any, times: int) -> Any:
    return FACES[nn.Sequential](*nn.Sequential.__mul__(self, times))


def _list(self: Any, index: Any) -> Any:
    if isinstance(index, slice):
        return type(self)(module for _, module in self._items()[index])
    return nn.ModuleList.__getitem__(self, index)


def _list_sum(self: Any, other: Any) -> Any:
    return FACES[nn.ModuleList]((*self, *other))


def _parameters(self: Any, index: Any) -> Any:
    if isinstance(index, slice):
        return type(self)([*self][index])
    return nn.ParameterList.__getitem__(self, index)


def _mask(sz: int, device: Any = None, dtype: Any = None) -> Any:
    check_cpu(device)
    return as_face(nn.Transformer.generate_square_subsequent_mask(sz, as_numpy(dtype)))


def _typename(value: Any) -> str:
    return str(value.type())


def _listed(self: Any) -> str:
    """A line for each entry of a list, or dict, of parameters."""
    lines = []
    for name in self._names:
        value = self._held(name)
        what = f"Object of type: {type(value).__name__}"
        if isinstance(value, nn.Parameter):
            size = "x".join(map(str, value.shape))
            kind = str(value.dtype if isinstance(self, nn.ParameterList) else _typename(value))
            what = f"Parameter containing: [{kind} of size {size}]"
        lines.append(f"  ({name}): {what}")
    return "\n".join(lines)


_OWN: dict[str, dict[str, Any]] = {
    "Sequential": {
        "__getitem__": _sequence, "__add__": _sum, "__mul__": _product, "__rmul__": _product,
    },
    "ModuleList": {"__getitem__": _list, "__add__": _list_sum},
    "ParameterList": {
        "__getitem__": _parameters, "extra_repr": _listed, "__repr__": Module.__repr__,
    },
    "ParameterDict": {"extra_repr": _listed, "__repr__": Module.__repr__},
    "Transformer": {"generate_square_subsequent_mask": staticmethod(_mask)},
}  # fmt: skip

_KNOWN = homes(f"{(nn.__file__ or '').rpartition('.')[0]}.pyi")


def __getattr__(name: str) -> Any:
    kind = getattr(nn, name) if name in _KNOWN else None
    if not (inspect.isclass(kind) and issubclass(kind, nn.Module) and is_plain(kind)):
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    return layer(kind)


bind_layers(layer)
