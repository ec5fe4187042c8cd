"""nn.torch.nn.utils.parametrize: weights that are computed from others."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from autograd.errors import MissingAttributeError
from nn.torch.absent import refusing
from nn.torch.nn.utils.adapted import adapted
from nn.utils import parametrize as own

_NAMES = (
    "cached", "is_parametrized", "register_parametrization", "remove_parametrizations",
    "type_before_parametrizations",
)  # fmt: skip
__all__ = [*(*_NAMES, "ParametrizationList")]


def _found(name: str) -> Any:
    if name not in __all__:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(own, name)
    if inspect.isfunction(value) and name != "cached":
        value = adapted(value)
    elif inspect.isclass(value):
        from nn.torch.nn.layers import layer

        value = layer(value)
    setattr(sys.modules[__name__], name, value)
    return value


__getattr__ = refusing(
    "torch.nn.utils.parametrize",
    _found,
    {"transfer_parametrizations_and_params": "register the parametrizations on the other module"},
)
