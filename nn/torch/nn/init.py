"""nn.torch.nn.init: the functions of nn.init, which take PyTorch's `generator=`."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable
from typing import Any

from autograd.errors import MissingAttributeError
from nn import init as own
from nn.torch.functions.drawing import rng_of
from nn.torch.tensor import as_face

_OLD = (
    "constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal", "orthogonal",
    "sparse", "uniform", "xavier_normal", "xavier_uniform",
)  # fmt: skip
_NAMES = ("calculate_gain", *(n for n in dir(own) if n.endswith("_") and "lecun" not in n))
__all__ = [*_NAMES, *_OLD]


def _called(function: Callable[..., Any]) -> Any:
    draws = "rng" in inspect.signature(function).parameters

    @functools.wraps(function)
    def call(*args: Any, generator: Any = None, **kwargs: Any) -> Any:
        if draws and generator is not None:
            kwargs["rng"] = rng_of(generator)
        return as_face(function(*args, **kwargs))

    call.__module__ = __name__
    return call


def _older(name: str) -> Any:
    function = getattr(sys.modules[__name__], f"{name}_")

    def call(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"nn.init.{name} is now deprecated in favor of nn.init.{name}_.",
            FutureWarning,
            stacklevel=2,
        )
        return function(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"The older name of `{name}_`."
    return call


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """How many inputs and outputs a weight has: private in PyTorch, and asked for all the same."""
    return own.fans(tensor)


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    """One of the two."""
    return own.fans(tensor)[("fan_in", "fan_out").index(mode)]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = _called(getattr(own, name))
    elif name in _OLD:
        value = _older(name)
    else:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return __all__
