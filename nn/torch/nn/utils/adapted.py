"""Functions of nn.utils that take what PyTorch's take beside, and give what is of the face."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import nn
from nn.torch.nn.module import adopted
from nn.torch.tensor import as_face

__all__ = ["adapted"]


def adapted(function: Callable[..., Any]) -> Any:
    """A function of nn.utils, with `foreach=` taken, and its results in the face."""

    @functools.wraps(function)
    def call(*args: Any, foreach: Any = None, **kwargs: Any) -> Any:
        return _faced(function(*args, **kwargs))

    return call


def _faced(value: Any) -> Any:
    """Tensors and modules in the face, also those in lists and tuples."""
    if isinstance(value, nn.Module):
        return _all_adopted(value)
    if type(value) in (list, tuple):
        return type(value)(map(_faced, value))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        for part in value:
            as_face(part)
        return value
    return as_face(value)


def _all_adopted(module: Any) -> Any:
    """A module that a parametrization, or a hook, was put on: what that holds is the face's."""
    for below in nn.Module.named_modules(module):
        adopted(below[1])
    return module
