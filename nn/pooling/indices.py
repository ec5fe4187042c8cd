"""PyTorch's names for pooling functions that give the places of the maxima too."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

__all__ = ["with_indices"]

P = ParamSpec("P")
R = TypeVar("R")


def with_indices(function: Callable[P, R], example: str) -> Callable[P, R]:
    """A function with `return_indices`, whatever is said."""
    place = [*inspect.signature(function).parameters].index("return_indices")

    whole: Any = function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > place:
            args = (*args[:place], True, *args[place + 1 :])
        else:
            kwargs["return_indices"] = True
        return whole(*args, **kwargs)

    name = function.__name__
    call.__name__ = call.__qualname__ = f"{name}_with_indices"
    call.__doc__ = f"""`{name}` with `return_indices`, whatever is said: PyTorch's name for it.

    {example}"""
    return call
