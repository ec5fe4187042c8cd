"""Functions of autograd as keras.ops: every array or list that they are given is a Tensor."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import autograd as ag
from nn.keras.backend import floatx, tensor

__all__ = ["floats", "lifted", "table", "whole"]

_NAMES = {"x1": 0, "x2": 1, "x": 0}  # Keras' names of what autograd takes by position alone


def lifted(function: Callable[..., Any], count: int = 1) -> Callable[..., Any]:
    """The function with its first `count` arguments made Tensors, by Keras' names too.

    Results are float32 and int32 where nothing given is wider, as in Keras.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for name in sorted(kwargs.keys() & _NAMES.keys()):
            if _NAMES[name] == len(args):
                args = (*args, kwargs.pop(name))
        scalars = [i > 0 and isinstance(a, (bool, int, float)) for i, a in enumerate(args[:count])]
        first = [
            a if scalar else tensor(a) for a, scalar in zip(args[:count], scalars, strict=True)
        ]
        found = function(*first, *args[count:], **kwargs)
        return floats(found, *first)

    return call


def floats(found: Any, *given: Any) -> Any:
    """A result as wide as Keras has it: of double precision only if something given was."""
    narrow = {np.dtype(np.float64): floatx(), np.dtype(np.int64): "int32"}
    if not isinstance(found, ag.Tensor) or found.dtype not in narrow:
        return found
    wide = any(getattr(g, "dtype", None) == found.dtype for g in given)
    return found if wide else found.astype(narrow[found.dtype])


def whole(found: Any) -> Any:
    """Positions and counts as Keras' whole numbers, int32."""
    return found.astype(np.int32) if isinstance(found, ag.Tensor) else found


def table(names: str, count: int = 1, module: Any = ag) -> dict[str, Callable[..., Any]]:
    """Functions of these names, lifted; `keras=own` where the names differ."""
    pairs: Iterable[list[str]] = (name.split("=") for name in names.split())
    return {pair[0]: lifted(getattr(module, pair[-1]), count) for pair in pairs}
