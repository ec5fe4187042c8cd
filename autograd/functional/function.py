"""Function: a forward and a backward of one's own, as one node of the graph."""

from __future__ import annotations

from functools import cache, partial
from typing import Any
from weakref import WeakSet

import numpy as np

from autograd.engine.modes import capturing, is_grad_enabled, no_grad
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.engine.trail import warn_constant
from autograd.errors import (
    GradientError,
    MissingMethodError,
    ReplayError,
    StateError,
)
from autograd.functional.context import FunctionCtx
from autograd.tensors.inplace import window

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class _Call:
    """One call of a Function: what its node holds."""

    of_one_run = (  # why a program that runs again cannot hold the backward
        "a Function: what its forward has kept are the numbers of the trace; write it as an op of "
        "autograd.extend, or leave it outside"
    )

    of_numbers = (
        "a Function: it is code that sees numbers; write it as an op of autograd.extend, or leave "
        "it outside"
    )

    def __init__(self, cls: Any, ctx: FunctionCtx, places: list[int], args: Any) -> None:
        self.cls, self.ctx, self.places = cls, ctx, places
        self.args = [None if i in places else x for i, x in enumerate(args)]
        self.inputs = [raw(args[i]) for i in places]
        self.outputs: Any = None

    def forward(self, xs: tuple[Any, ...]) -> Any:
        """The outputs that there are."""
        if any(x is not y for x, y in zip(xs, self.inputs, strict=True)):
            raise ReplayError(f"{self.cls.__name__} is a Function, and cannot be run by a graph")
        return self.outputs

    def backward(self, g: Any, xs: Any = (), out: Any = None) -> Any:
        """What the user's backward makes of the gradients of the outputs."""
        alone, is_recorded = self.ctx._holds_no_more(), _are_tensors(g)
        if (capture := capturing()) is not None and not (alone and is_recorded):
            why = self.of_one_run if not alone else self.of_numbers
            capture.refuse(f"the backward of {self.cls.__name__}, {why}")
        if is_recorded and not alone and self.cls not in _told:
            _told.add(self.cls)
            warn_constant(
                f"{self.cls.__name__}.backward reads what forward has computed beside its outputs, "
                "a constant for gradients of gradients: return it as an output, or compute it in "
                "backward"
            )
        before = self.ctx._ours
        self.ctx._ours = (xs, out if type(out) is tuple else (out,))
        try:
            return self._pulled(g)
        finally:  # they hang on the node that holds this
            self.ctx._ours = before

    def _pulled(self, g: Any) -> Any:
        several = type(self.outputs) is tuple
        given = [*g] if several else [g]
        recorded = any(type(x) in tensor_types for x in given)
        if recorded:
            found = self._called([None if x is None else self.cls._dress(x) for x in given])
            return found
        with no_grad():
            found = self._called([None if x is None else self._seen(x) for x in given])
        return tuple(None if x is None else raw(x) for x in found)

    def _called(self, given: list[Any]) -> tuple[Any, ...]:
        outputs = self.outputs if type(self.outputs) is tuple else (self.outputs,)
        if self.ctx.materialize_grads:
            given = [
                self._seen(np.zeros_like(out)) if x is None else x
                for x, out in zip(given, outputs, strict=True)
            ]
        results = self.cls.backward(self.ctx, *given)
        results = results if isinstance(results, tuple) else (results,)
        count = len(self.ctx.needs_input_grad)
        if len(results) < count or any(x is not None for x in results[count:]):
            raise GradientError(
                f"{self.cls.__name__}.backward gave {len(results)} gradients for {count} arguments "
                "of forward; return one for each, None where there is none"
            )
        found = tuple(results[place] for place in self.places)
        for place, gradient, x in zip(self.places, found, self.inputs, strict=True):
            self._check_shape(place, gradient, np.shape(x))
        return found

    def _check_shape(self, place: int, gradient: Any, shape: tuple[int, ...]) -> None:
        """A gradient has the shape of its input, or one that broadcasting makes of it."""
        given = shape if gradient is None else np.shape(raw(gradient))
        try:
            fits = given == shape or np.broadcast_shapes(given, shape) == given
        except ValueError:
            fits = False
        if not fits:
            raise GradientError(
                f"{self.cls.__name__}.backward gave a gradient of {given} for argument {place} of "
                f"forward, which is {shape}: return one of its shape"
            )

    def _seen(self, array: Any) -> Any:
        return self.cls._dress(window(np.asarray(array)))


def _are_tensors(g: Any) -> bool:
    return any(type(x) in tensor_types for x in (g if isinstance(g, tuple) else (g,)))


_told: WeakSet[Any] = WeakSet()  # whose second derivatives miss something


# by whether what was saved are inputs, and outputs: the names say what the node keeps for it
_RULES: dict[tuple[bool, bool], Any] = {
    (False, False): lambda g, call: call.backward(g),
    (True, False): lambda g, xs, call: call.backward(g, xs),
    (False, True): lambda g, out, call: call.backward(g, (), out),
    (True, True): lambda g, xs, out, call: call.backward(g, xs, out),
}


@cache
def _op_of(name: str, reads: tuple[bool, bool]) -> Op:
    """The op that records the calls of the Functions of a name."""

    def forward(*xs: Any, call: Any) -> Any:
        return call.forward(xs)

    forward.__name__ = name
    op = Op(forward, "f(x)", {}, joint=_RULES[reads], outputs=0)
    record = recorder(op)
    op.record = partial(_recorded, record)
    return op


def _recorded(record: Any, /, *xs: Any, call: Any) -> Any:
    """The call on the graph; of a graph that is run on other numbers, a call of its own."""
    if all(raw(x) is y for x, y in zip(xs, call.inputs, strict=True)):
        return record(*xs, call=call)
    args = list(call.args)
    for place, x in zip(call.places, xs, strict=True):
        args[place] = call.cls._dress(x if type(x) in tensor_types else wrap(np.asarray(x)))
    results = call.cls.apply(*args)
    results = results if isinstance(results, tuple) else (results,)
    found = [y for y in results if type(y) in tensor_types]
    if not any(type(x) in tensor_types for x in xs):
        found = [raw(y) for y in found]
    return tuple(found) if type(call.outputs) is tuple else found[0]


class Function:
    """Base of functions with a backward of their own, which `apply` runs; as in PyTorch.

    A subclass writes `forward(ctx, *args)`, which sees numbers outside of the graph and keeps what
    backward needs by `ctx.save_for_backward` or as attributes, and `backward(ctx, *grads)`, which
    gives a gradient for each argument, None where there is none. Backward in Tensors can be
    differentiated again. An op whose rules are formulas is written in fewer lines by
    `autograd.extend.op`, which compiles and exports.

    >>> import autograd as ag
    >>> class Cube(ag.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x**2 * grad
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> Cube.apply(x).sum().backward()
    >>> x.grad
    Tensor([ 3., 12.], dtype=float32)
    """

    _dress: Any = staticmethod(lambda tensor: tensor)  # a face sees Tensors of its own class

    def __init__(self, *_: Any, **__: Any) -> None:
        name = type(self).__name__
        raise StateError(f"a Function is not made, but applied: {name}.apply(...), not {name}(...)")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """What is computed: to be defined."""
        raise MissingMethodError("a Function defines forward(ctx, ...) as a staticmethod")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """What is left for backward, where forward takes no ctx."""

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """The gradients of the arguments of forward: to be defined."""
        raise MissingMethodError("a Function defines backward(ctx, *grads) as a staticmethod")

    vjp = backward

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run forward, as one node of the graph."""
        ctx = FunctionCtx(cls._dress)
        ctx.needs_input_grad = tuple(getattr(x, "requires_grad", False) is True for x in args)
        apart = cls.setup_context is not Function.setup_context
        with no_grad():
            seen = tuple(map(ctx._take, args))
            result = cls.forward(*seen) if apart else cls.forward(ctx, *seen)
            if apart:
                cls.setup_context(ctx, seen, result)
            ctx._hand_back()
        places = [i for i, x in enumerate(args) if type(x) in tensor_types]
        if not is_grad_enabled() or not any(ctx.needs_input_grad):
            return result
        call = _Call(cls, ctx, places, args)
        several = isinstance(result, tuple)
        outputs = result if several else (result,)
        if any(isinstance(y, np.ndarray) for y in outputs):
            raise GradientError(
                f"{cls.__name__}.forward gave an array, which keeps no gradient; return a Tensor: "
                "ag.Tensor(array)"
            )
        values = tuple(raw(y) if type(y) in tensor_types else None for y in outputs)
        call.outputs = tuple(v for v in values if v is not None) if several else values[0]
        ctx._seal([args[i] for i in places], [y for y in outputs if type(y) in tensor_types])
        ctx._ours = (call.inputs, [v for v in values if v is not None])
        op = _op_of(cls.__name__, (ctx._reads(0), ctx._reads(1)))
        recorded = op.record(*[args[i] for i in places], call=call)
        found = iter(recorded if several else (recorded,))
        kept = [y if v is None else next(found) for y, v in zip(outputs, values, strict=True)]
        kept = [
            y.detach() if id(old) in ctx._no_gradient else y
            for y, old in zip(kept, outputs, strict=True)
        ]
        return tuple(kept) if several else kept[0]


def once_differentiable(function: Any) -> Any:
    """A backward that is not differentiated again."""
    return function
