"""A function at a point: what it gives there, pullbacks and pushforwards of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np

from autograd import core
from autograd.engine.modes import ModeChange, capturing, current_mode, is_grad_enabled
from autograd.engine.node import next_number
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import alias, wrap
from autograd.errors import ArgumentTypeError, ShapeError
from autograd.graph.pytree import flat, nested
from autograd.transforms.batching.batch import Batch
from autograd.transforms.batching.formulas import takes_batches

__all__ = ["Aside", "Pulled", "filled", "has_tensors"]


_OF_NUMBERS = ("grad", "value_and_grad")  # of which a zero that is no derivative is told


class Aside:
    """A function whose second result goes aside, and is no part of what is differentiated."""

    def __init__(self, what: str, f: Callable[[Any], Any], has_aux: bool) -> None:
        self.what, self.f, self.has_aux = what, f, has_aux
        self.aux: Any = None

    def __call__(self, *x: Any) -> Any:
        value, self.aux = self.both(*x)
        return value

    def first(self, *x: Any) -> Any:
        """The value alone, where the second result is known."""
        return self.both(*x)[0]

    def both(self, *x: Any) -> tuple[Any, Any]:
        """The two results, of which the second may be none."""
        result = self.f(*x)
        if not self.has_aux:
            return result, None
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ArgumentTypeError(
                f"{self.what}: with has_aux f returns a pair, (value, aux), and not "
                f"{type(result).__name__}"
            )
        return result[0], result[1]


class Pulled:
    """A function at a point: its value, and what takes cotangents of the value to those of x.

    What is found is recorded where something beside x is being differentiated by: a call around
    this one, Tensors of x in a graph, or Tensors that f closes over.
    """

    def __init__(
        self, what: str, f: Callable[[Any], Any], x: Any, has_aux: bool = False, beside: Any = ()
    ) -> None:
        self._turned = type(f) is Pulled  # a pullback, whose pullback takes tangents
        self._aside = Aside(what, f, has_aux)
        start = next_number()
        self.own = own = list(beside)
        ends: list[Any] = []
        result: Any = None

        def kept(given: Any) -> Any:
            nonlocal result
            own.extend(map(alias, flat(given)))  # which stay as they are
            result = self._aside(given)
            _check_result(what, result)
            ends.extend(flat((result, self._aside.aux)))
            return result

        self.f, self._x = self._aside.first, x
        self._what, self._ends = what, ()
        self._pullback, value, self.depends = core.pulled(kept, x, warns=what in _OF_NUMBERS)
        self._reaches_out = is_grad_enabled() and core.reaches_out(ends, own, start)
        self._outputs = result
        self._ends = value
        self.value = self.shown(result if self._reaches_out else value)

    @cached_property
    def by_formulas(self) -> bool:
        """Whether the rules of all that was recorded run on a Batch as well."""
        return takes_batches(flat(self._outputs))

    def push(self, tangent: Any) -> Any:
        """The tangent of the value, for one of x: through what was recorded, or by f anew."""
        if not self.by_formulas:
            return core.pushed(self.f, self._x)(tangent)[1]
        starts = [x for x in self.own if type(x) in tensor_types]
        found = core.pushed_through(starts, flat(self._outputs), self._x, tangent)
        return filled(self._outputs, found)

    @property
    def aux(self) -> Any:
        """The second result, as the caller gets it."""
        return self.shown(self._aside.aux)

    def __call__(self, g: Any) -> Any:
        """The cotangent of x."""
        shapes = [[np.shape(raw(y)) for y in flat(part)] for part in (g, self._ends)]
        if shapes[0] != shapes[1]:
            names = ("tangents", "primals") if self._turned else ("cotangents", "value")
            raise ShapeError(
                f"{self._what}: {names[0]} have the shapes of the {names[1]}, {shapes[1]}, and not "
                f"{shapes[0]}"
            )
        depth = current_mode().depth + self._reaches_out
        with ModeChange(depth=depth):
            found = self._pullback(g)
        return self.shown(found, g)

    def shown(self, values: Any, g: Any = None) -> Any:
        """What was found, as the caller gets it: a Tensor where Tensors were given."""
        inside = current_mode().depth > 0 or capturing() is not None  # of another transform
        as_tensors = inside or has_tensors((self._x, g))
        if self._reaches_out or core._recorded((self._x, g)):
            return nested(_as_tensor if as_tensors else _unless_recorded, values)
        return nested(lambda y: _constant(y, as_tensors), values)


def has_tensors(x: Any) -> bool:
    """Whether Tensors were given, so that Tensors are given back."""
    return any(type(v) in tensor_types for v in flat(x))


def _check_result(what: str, result: Any) -> None:
    """That a function has not left the graph."""
    for y in flat(result):
        if type(y) not in tensor_types:
            raise ArgumentTypeError(
                f"{what}: f returned {type(y).__name__}, not a Tensor: the value left the graph "
                "for NumPy or Python, and its derivative is lost.\n  Compute it by functions of "
                "autograd, without item() and numpy(); a constant is ag.tensor(value), what is "
                "beside the value a second result, with has_aux=True"
            )


def _as_tensor(y: Any) -> Any:
    return wrap(y) if isinstance(y, (np.ndarray, np.generic)) else y


def _unless_recorded(y: Any) -> Any:
    return raw(y) if type(y) in tensor_types and y._node is None else y


def _constant(y: Any, keeps: bool) -> Any:
    """A result outside of any graph: a Tensor where Tensors were given, else an array."""
    if type(y) is Batch:
        return Batch(_constant(y.value, keeps))
    if type(y) not in tensor_types:
        return _as_tensor(y) if keeps else y
    return y.detach() if keeps else raw(y)


def filled(like: Any, leaves: Iterable[Any]) -> Any:
    """The containers of `like` around other leaves, in their order."""
    each = iter(leaves)
    return nested(lambda _: next(each), like)
