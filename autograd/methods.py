"""Tensor's operators and methods: the same functions as in `autograd`, with x first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import inplace
from autograd.ops import arithmetic as a
from autograd.ops import elementwise as e
from autograd.ops import reduce as r
from autograd.ops import shape as s

__all__ = ["TensorMethods"]


def _reflected(function: Callable[..., Any]) -> Any:
    def reflected(self: Any, other: Any) -> Any:
        return function(other, self)

    return reflected


class TensorMethods:
    """Operators and methods; each is the function of the op table itself, with no layer between."""

    __slots__ = ()

    __add__ = a.add
    __radd__ = _reflected(a.add)
    __iadd__ = inplace.operator(a.add, "+")
    __sub__ = a.subtract
    __rsub__ = _reflected(a.subtract)
    __isub__ = inplace.operator(a.subtract, "-")
    __mul__ = a.multiply
    __rmul__ = _reflected(a.multiply)
    __imul__ = inplace.operator(a.multiply, "*")
    __truediv__ = a.divide
    __rtruediv__ = _reflected(a.divide)
    __itruediv__ = inplace.operator(a.divide, "/")
    __pow__ = a.power
    __rpow__ = _reflected(a.power)
    __ipow__ = inplace.operator(a.power, "**")
    __neg__ = a.negative

    exp = e.exp
    tanh = e.tanh

    sum = r.sum
    reshape = s.reshape
    astype = s.astype
