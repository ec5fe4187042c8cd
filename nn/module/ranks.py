"""Functions for one, two and three axes from one definition."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Concatenate, ParamSpec, TypeVar, cast

from autograd.errors import ArgumentTypeError

__all__ = ["of_ranks"]

P = ParamSpec("P")
R = TypeVar("R")


def of_ranks(
    function: Callable[Concatenate[int, P], R], *docs: str, first: int = 1
) -> tuple[Callable[P, R], ...]:
    """conv1d, conv2d, ... from conv(rank, ...): one for each docstring, `first` axes and more."""
    return tuple(_of_rank(rank, function, doc) for rank, doc in enumerate(docs, first))


def _of_rank(rank: int, function: Callable[Concatenate[int, P], R], doc: str) -> Callable[P, R]:
    name = f"{function.__name__}{rank}d"
    code = function.__code__.replace(co_name=name, co_qualname=name)  # for Python's own messages
    named = FunctionType(code, function.__globals__, name, function.__defaults__)
    whole = cast(Callable[Concatenate[int, P], R], named)

    signature = inspect.signature(function)
    _, *parameters = signature.parameters.values()
    most = len(parameters)
    least = sum(parameter.default is parameter.empty for parameter in parameters)
    takes = f"{name}() takes {most if least == most else f'from {least} to {most}'}"

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if len(args) > most:  # Python would count the rank, too
            raise ArgumentTypeError(f"{takes} positional arguments but {len(args)} were given")
        return whole(rank, *args, **kwargs)

    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    return call
