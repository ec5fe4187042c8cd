"""The base of optimizers that look at a parameter as a whole: at its rows, its norm, its shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.constants import share
from autograd.errors import MissingMethodError, ShapeError
from autograd.extend import raw
from autograd.tensors.display import label
from autograd.tensors.inplace import window, write
from optim.base.checks import check_param, check_real
from optim.base.chunk import Numbers
from optim.optimizer import Group, Optimizer

__all__ = ["ShapedOptimizer", "root_mean_square"]


class ShapedOptimizer(Optimizer):
    """Base of optimizers with one update per parameter, of real arrays in their own shape.

    A subclass says in `_state_shapes` what it keeps for a parameter, all of it zero at the start,
    and in `_updated` what the parameter becomes.
    """

    def _updated(
        self, p: Any, g: Any, group: Group, state: dict[str, Any], numbers: Numbers
    ) -> Any:
        """The new value; what is written into the arrays of `state` is kept."""
        raise MissingMethodError(f"{type(self).__name__} has no update")

    def _state_shapes(self, p: Tensor, group: Group) -> dict[str, tuple[int, ...]]:
        raise MissingMethodError(f"{type(self).__name__} names no state")

    def _check_param(self, p: Any, position: int) -> None:
        check_param(p, position)
        check_real(p, type(self).__name__)

    def _update_group(self, number: int, group: Group) -> None:
        for p in group["params"]:
            if p.grad is None:
                continue
            entry = self.state.setdefault(p, {})
            arrays = self._arrays_of(p, group, entry)
            counts = self._numbers(group).items()
            numbers: Numbers = {name: entry.get(name, start) for name, start in counts}
            if "step" in numbers:
                numbers["step"] += 1
            if p.size:
                grad = np.asarray(raw(p.grad))  # and no name for the value: it is p's alone
                write(p, self._updated(np.asarray(raw(p)), grad, group, arrays, numbers))
            entry.update(numbers)

    def _arrays_of(self, p: Tensor, group: Group, entry: dict[str, Any]) -> dict[str, Any]:
        """The state of a parameter as arrays to write into, made at its first step."""
        for name, shape in self._state_shapes(p, group).items():
            old = entry.get(name)
            if old is not None and old.shape != shape:
                raise ShapeError(
                    f"{name} of {label(p)} is {old.shape}, and the parameter is {p.shape} now; "
                    "make a new optimizer after changing the shape of a parameter"
                )
            if old is None or old.dtype != p.dtype or not isinstance(raw(old), np.ndarray):
                value = np.zeros(shape, p.dtype)
                value[...] = 0 if old is None else raw(old)
                share(value)  # it is written to, and a graph keeps what it has seen
                entry[name] = window(value)
        return {name: raw(entry[name]) for name in self._state_shapes(p, group)}


def root_mean_square(x: Any) -> float:
    """The square root of the mean of x², without an array of the size of x."""
    flat = x.reshape(-1)
    return float(np.sqrt(np.dot(flat, flat) / flat.size))
