"""nn.torch.nn.utils: the helpers of nn.utils, on the modules and Tensors of the face."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from autograd.errors import MissingAttributeError
from nn import utils as own
from nn.torch.absent import refusing
from nn.torch.nn.utils import parametrizations, parametrize, rnn
from nn.torch.nn.utils.adapted import adapted

_NAMES = (
    "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm",
    "parameters_to_vector", "remove_spectral_norm", "remove_weight_norm", "spectral_norm",
    "vector_to_parameters", "weight_norm",
)  # fmt: skip
_ROOMS = ("clip_grad", "convert_parameters", "spectral_norm", "weight_norm")
_FUSES = "call the two layers one after the other; in eval mode the result is the same"
_REFUSED = {
    "prune": "set weights to zero, as in weight.data *= mask",
    "fuse_conv_bn_eval": _FUSES,
    "fuse_conv_bn_weights": _FUSES,
    "fuse_linear_bn_eval": _FUSES,
    "fuse_linear_bn_weights": _FUSES,
    "convert_conv2d_weight_memory_format": "there is one memory format",
    "convert_conv3d_weight_memory_format": "there is one memory format",
    "stateless": "write torch.func.functional_call",
}
__all__ = [*_NAMES, "clip_grad_norm", "parametrizations", "parametrize", "rnn", "skip_init"]


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """A module of this class; its parameters are drawn all the same."""
    return module_cls(*args, **kwargs)


def _found(name: str) -> Any:
    if name == "clip_grad_norm":
        name = "clip_grad_norm_"
    if name not in _NAMES:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    function = getattr(own, name)
    value = adapted(function) if inspect.isfunction(function) else function
    setattr(sys.modules[__name__], name, value)
    return value


__getattr__ = refusing("torch.nn.utils", _found, _REFUSED)
for _room in ("clip_grad", "convert_parameters"):  # from torch.nn.utils.clip_grad import ...
    sys.modules[f"{__name__}.{_room}"] = sys.modules[__name__]


def __dir__() -> list[str]:
    return __all__
