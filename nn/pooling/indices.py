"""PyTorch's names for pooling functions that give the places of the maxima too."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, ParamSpec

from autograd import Tensor

__all__ = ["with_indices"]

P = ParamSpec("P")


def with_indices(
    function: Callable[P, Any], arguments: str, result: str
) -> Callable[P, tuple[Tensor, Tensor]]:
    """A function with `return_indices`, whatever is said; and a call of it to show."""
    place = [*inspect.signature(function).parameters].index("return_indices")
    whole: Callable[..., Any] = function
    name = whole.__name__

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > place:
            args = (*args[:place], True, *args[place + 1 :])
        else:
            kwargs["return_indices"] = True
        return whole(*args, **kwargs)

    (shape,) = re.findall(r"Shape: (.* -> .*\))\.", function.__doc__ or "")
    call.__name__ = call.__qualname__ = f"{name}_with_indices"
    call.__doc__ = f"""`{name}` with `return_indices`, whatever is said: PyTorch's name for it.

    Shape: {shape}, twice.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.{name}_with_indices{arguments}
    {result}
    """
    return call
