"""Tensor's operators and methods: the same functions as in `autograd`, with x first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import InPlaceError
from autograd.modes import current_mode
from autograd.ops import arithmetic as a
from autograd.ops import elementwise as e
from autograd.ops import reduce as r
from autograd.ops import shape as s

__all__ = ["TensorMethods"]


def _reflected(function: Callable[..., Any]) -> Any:
    def reflected(self: Any, other: Any) -> Any:
        return function(other, self)

    return reflected


def _in_place(function: Callable[..., Any], sign: str) -> Any:
    """`x += v`: a new value for x, except that a leaf under no_grad is changed where it lies."""

    def in_place(self: Any, other: Any) -> Any:
        self._refuse_in_place(f"x {sign}= v", f"Assign to the original: base[i] = base[i] {sign} v.")
        result = function(self, other)
        if self._node is not None and self.is_leaf and not current_mode().records:
            if result.shape != self.shape:
                raise InPlaceError(f"x {sign}= v: the result is {result.shape}, x is {self.shape}")
            self._write(result._value)
            return self
        return self._adopt(result, f"x {sign}= v")

    return in_place


class TensorMethods:
    """Operators and methods; each is the function of the op table itself, with no layer between."""

    __slots__ = ()

    __add__ = a.add
    __radd__ = _reflected(a.add)
    __iadd__ = _in_place(a.add, "+")
    __sub__ = a.subtract
    __rsub__ = _reflected(a.subtract)
    __isub__ = _in_place(a.subtract, "-")
    __mul__ = a.multiply
    __rmul__ = _reflected(a.multiply)
    __imul__ = _in_place(a.multiply, "*")
    __truediv__ = a.divide
    __rtruediv__ = _reflected(a.divide)
    __itruediv__ = _in_place(a.divide, "/")
    __pow__ = a.power
    __rpow__ = _reflected(a.power)
    __ipow__ = _in_place(a.power, "**")
    __neg__ = a.negative

    exp = e.exp
    tanh = e.tanh

    sum = r.sum
    reshape = s.reshape
    astype = s.astype
