"""checkpoint: memory for time, a function that is run again when its gradient is asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.generators import generator
from autograd.engine.modes import ModeChange, capturing, enable_grad, is_grad_enabled, no_grad
from autograd.engine.node import Node, next_number
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import ArgumentTypeError, StateError
from autograd.graph.pytree import flat, nested
from autograd.sweep.backward import sweep

__all__ = ["boundary", "checkpoint"]


def checkpoint(f: Callable[..., Any], preserve_rng_state: bool = True) -> Callable[..., Any]:
    """The same function, which keeps its arguments alone for its gradient (Chen et al., 2016).

    When the gradient is asked for, f is run once more: memory for time. Gradients flow to the
    arguments and to all Tensors that f closes over, such as the parameters of a module, to any
    order. f must give the same twice; what it draws from the default generator is drawn again, with
    `preserve_rng_state`. Buffers that it writes, such as running means, are written twice.

    Reference: training deep nets with sublinear memory cost (Chen et al., 2016).

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> x = ag.Tensor(3.0, requires_grad=True)
    >>> ag.checkpoint(lambda x: ag.sin(w * x) ** 2)(x).backward()
    >>> round(w.grad.item(), 4), round(x.grad.item(), 4)  # 3 sin 12, 2 sin 12
    (-1.6097, -1.0731)
    """
    if not callable(f):
        raise ArgumentTypeError(f"checkpoint(f) takes a function, not {type(f).__name__}")

    @functools.wraps(f, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        if not is_grad_enabled() or capturing() is not None:  # a program plans its own memory
            return f(*args, **kwargs)
        return _Again(f, args, kwargs, preserve_rng_state).result()

    return call


class _Again:
    """One call, which can be made again."""

    def __init__(self, f: Any, args: Any, kwargs: Any, preserves: bool) -> None:
        self.f, self.given = f, (args, kwargs)
        self.state = generator(None).bit_generator.state if preserves else None
        self.places = [k for k, x in enumerate(flat(self.given)) if _is_recorded(x)]
        self.outside: list[Node] = []  # what f closes over, and is being differentiated by
        self.values: list[Any] = []

    def result(self) -> Any:
        """The value, whose graph is one node."""
        start = next_number()
        with ModeChange(packer=None):  # this graph goes at once
            leaves, value = self._run()
        ends = [y for y in flat(value) if _is_recorded(y)]
        if not ends:
            return value
        own = {leaf._node for leaf in leaves}
        self.outside = boundary(ends, own, start)
        self.values = [raw(y) for y in ends]
        sources = [flat(self.given)[k] for k in self.places]
        handles = [wrap(np.broadcast_to(np.zeros((), n.dtype), n.shape), n) for n in self.outside]
        found = iter(_CHECKPOINT.record(*sources, *handles, call=self))
        return nested(lambda y: next(found) if _is_recorded(y) else y, value)

    def _run(self, inputs: Any = None) -> tuple[list[Any], Any]:
        """f on Tensors of its own in place of those that are being differentiated by."""
        leaves = []
        count = iter(range(len(flat(self.given))))

        def fresh(x: Any) -> Any:
            k = next(count)
            if k not in self.places:
                return x
            given = x if inputs is None else inputs[self.places.index(k)]
            own = (
                +given
                if inputs is not None and _is_recorded(given)
                else (wrap(raw(given)).requires_grad_())
            )
            own.__class__ = type(x)
            leaves.append(own)
            return own

        args, kwargs = nested(fresh, self.given)
        with enable_grad():
            return leaves, self.f(*args, **kwargs)

    def pull(self, g: tuple[Any, ...], inputs: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments, and of what f closes over."""
        is_recorded = any(type(x) in tensor_types for x in (*g, *inputs))
        bits = generator(None).bit_generator
        now = bits.state
        try:
            if self.state is not None:
                bits.state = self.state
            leaves, value = self._run(inputs)
        finally:
            bits.state = now
        ends = [y for y in flat(value) if _is_recorded(y)]
        if [y.shape for y in ends] != [np.shape(v) for v in self.values]:
            raise StateError(
                "checkpoint: the function gave other results when it was run again for its "
                "gradient; it must give the same twice"
            )
        targets = [*(leaf._node for leaf in leaves), *self.outside]
        live = [(y._node, c) for y, c in zip(ends, g, strict=True) if c is not None]
        found = sweep(
            [node for node, _ in live], [c for _, c in live], inputs=targets, accumulate=False,
            retain_graph=is_recorded, create_graph=is_recorded,
        )  # fmt: skip
        return tuple(found.get(node) for node in targets)


def _is_recorded(x: Any) -> bool:
    return type(x) in tensor_types and x._node is not None


def boundary(ends: list[Any], own: set[Node], start: int) -> list[Node]:
    """The nodes outside of a call that its graph begins at."""
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    stack = [y._node for y in ends]
    while stack:
        node = stack.pop()
        if node in seen or node in own:
            continue
        seen.add(node)
        if node.number < start:
            found[node] = None
        else:
            stack += [i for i in node.inputs if type(i) is Node]
    return list(found)


def _forward(*xs: Any, call: Any) -> Any:
    return tuple(call.values)


def _joint(g: Any, xs: Any, call: Any) -> Any:
    with no_grad() if not any(type(x) in tensor_types for x in (*g, *xs)) else enable_grad():
        return call.pull(g, xs[: len(call.places)])


_CHECKPOINT = Op(_forward, "checkpoint", {}, joint=_joint, outputs=0)
_CHECKPOINT.name = "checkpoint"
_CHECKPOINT.record = recorder(_CHECKPOINT)
