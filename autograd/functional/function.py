"""Function: a forward and a backward of one's own, as one node of the graph."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from autograd.engine.modes import capturing, current_mode, is_grad_enabled, no_grad
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.packing import Parcel
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import (
    GradientError,
    InPlaceError,
    MissingMethodError,
    ReplayError,
    StateError,
)
from autograd.graph.pytree import flat
from autograd.tensors.inplace import replace, window

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class _Held:
    """A Tensor that was saved, packed by hooks; it hangs on the graph where it did."""

    def __init__(self, packer: Any, tensor: Any) -> None:
        self.node, self.parcel = tensor._node, Parcel(packer, raw(tensor))

    def tensor(self, dress: Any) -> Any:
        """What was saved, unpacked."""
        return dress(wrap(self.parcel.opened(), self.node))


class FunctionCtx:
    """What forward leaves for backward: saved Tensors, and any attributes."""

    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads = True

    def __init__(self, dress: Any) -> None:
        self._dress = dress  # a Tensor as one of the class that forward and backward see
        self._saved: tuple[Any, ...] = ()
        self._given: dict[int, tuple[Any, Any]] = {}  # inputs, by what forward sees of them
        self._no_gradient: set[int] = set()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep Tensors that backward needs."""
        for x in tensors:
            if x is not None and type(x) not in tensor_types:
                raise StateError(
                    f"save_for_backward takes Tensors, got {type(x).__name__}; set it as an "
                    "attribute: ctx.name = value"
                )
        self._saved = tuple(map(self._in_graph, tensors))
        if (packer := current_mode().packer) is not None:
            self._saved = tuple([x if x is None else _Held(packer, x) for x in self._saved])

    def _in_graph(self, tensor: Any) -> Any:
        """An input itself, where forward has not changed it, for gradients of gradients."""
        seen, given = self._given.get(id(tensor), (None, None))
        return given if seen is tensor and raw(seen) is raw(given) else tensor

    def _take(self, given: Any) -> Any:
        """What forward sees of an argument: of a Tensor its numbers, outside the graph."""
        if type(given) not in tensor_types:
            return given
        seen = self._dress(wrap(raw(given.detach())))
        self._given[id(seen)] = (seen, given)
        return seen

    def _holds_inputs(self) -> bool:
        """Whether all that is kept of a call in a trace are inputs, which other runs have too."""
        given = {id(x) for _, x in self._given.values()}
        own = (v for k, v in vars(self).items() if not k.startswith("_"))
        is_kept = any(isinstance(v, np.ndarray) or type(v) in tensor_types for v in flat([*own]))
        return not is_kept and all(x is None or id(x) in given for x in self._saved)

    def _hand_back(self) -> None:
        """Let inputs that forward has written to have the new numbers, as in PyTorch."""
        for seen, given in self._given.values():
            if raw(seen) is not raw(given):
                replace(given, raw(seen))

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The Tensors that forward has saved."""
        return tuple([x.tensor(self._dress) if type(x) is _Held else x for x in self._saved])

    saved_variables = saved_tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say which outputs have no gradient."""
        self._no_gradient = {id(x) for x in tensors}

    def mark_dirty(self, *tensors: Any) -> None:
        """Refused: inputs are not changed in place."""
        raise InPlaceError(
            "mark_dirty: forward must not change its inputs here; return new Tensors"
        )

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing gradients of outputs are zeros for backward, or None."""
        self.materialize_grads = value


class _Call:
    """One call of a Function: what its node holds."""

    of_one_run = (  # why a program that runs again cannot hold the backward
        "a Function: what its forward has kept are the numbers of the trace; write it as an op of "
        "autograd.extend, or leave it outside"
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

    def backward(self, g: Any) -> Any:
        """What the user's backward makes of the gradients of the outputs."""
        if (capture := capturing()) is not None and not (
            self.ctx._holds_inputs() and _are_tensors(g)
        ):
            capture.refuse(f"the backward of {self.cls.__name__}, {self.of_one_run}")
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


@cache
def _op_of(name: str) -> Op:
    """The op that records the calls of the Functions of a name."""

    def forward(*xs: Any, call: Any) -> Any:
        return call.forward(xs)

    forward.__name__ = name
    op = Op(forward, "f(x)", {}, joint=lambda g, call: call.backward(g), outputs=0)
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
        recorded = _op_of(cls.__name__).record(*[args[i] for i in places], call=call)
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
