"""`backward`, `grad` and hooks: what the user calls, checked, before the sweep runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, overload

import numpy as np

from autograd.engine.constants import kept
from autograd.engine.dispatch import is_symbolic
from autograd.engine.kinds import is_array
from autograd.engine.modes import is_grad_enabled
from autograd.engine.node import Node
from autograd.engine.operands import faced, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.trail import note_root, step_capture, written_outside
from autograd.engine.typed import Tensor
from autograd.errors import (
    ArgumentTypeError,
    BackwardError,
    DTypeError,
    GradientError,
    NonScalarError,
    UnusedInputError,
    shown,
)
from autograd.sweep.backward import sweep
from autograd.sweep.cotangent import conjugate

__all__ = ["HookHandle", "backward", "grad"]

_hook_ids = itertools.count()


class HookHandle:
    """What `register_hook` returns: `remove()` takes the hook away."""

    __slots__ = ("_id", "_node")

    def __init__(self, node: Node, hook: Callable[..., Any]) -> None:
        if not callable(hook):
            raise ArgumentTypeError(
                f"a hook is a function of the gradient, not {type(hook).__name__}"
            )
        self._node = node
        self._id = next(_hook_ids)
        extra = node.more()
        extra.hooks = {} if extra.hooks is None else extra.hooks
        extra.hooks[self._id] = hook

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        hooks = self._node.more().hooks
        if hooks is not None:
            hooks.pop(self._id, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def backward(
    tensor: Any,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of a `tensor` to its leaves: Tensor.backward as a function.

    `gradient`, `retain_graph`, `create_graph` and `inputs` are those of the method.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0, requires_grad=True)
    >>> ag.backward(x * x)
    >>> x.grad.item()
    6.0
    """
    root = _node(tensor)
    note_root(root)
    traced = step_capture() is not None
    if not traced:
        written_outside("gradients by backward(): ask for them by grad(..., create_graph=True)")
    targets = None if inputs is None else [_target(t) for t in _listed(inputs)]
    if targets is not None and not targets:
        raise BackwardError(_nothing("inputs", inputs) + "; leave it out to reach every leaf")
    sweep(
        [root],
        [_seed(tensor, gradient, create_graph or traced, traced)],
        inputs=targets,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
    )


@overload
def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: Literal[False] = False,
) -> tuple[Tensor, ...]: ...
@overload
def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]: ...
def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> Any:
    """The gradients of `outputs` with respect to `inputs`, without touching any `.grad`.

    `outputs` and `inputs` are a Tensor or a sequence of some; `grad_outputs` are the cotangents of
    the outputs (they may be left out, or None, for scalars). The result is a tuple in the order of
    `inputs`, as in PyTorch, also for a single input. An input that the outputs do not depend on
    raises UnusedInputError, or gives None with `allow_unused`. `create_graph` records the
    gradients, so that they can be differentiated again; `retain_graph` keeps the graph for another
    sweep, which raises FreedGraphError without it.

    >>> import autograd as ag
    >>> x = ag.Tensor(2.0, requires_grad=True)
    >>> (dx,) = ag.grad(x**3, x, create_graph=True)
    >>> (ddx,) = ag.grad(dx, x)
    >>> dx.item(), ddx.item()
    (12.0, 12.0)
    """
    traced = step_capture() is not None
    if not create_graph and not traced:
        written_outside("gradients that are not recorded: pass create_graph=True")
    given = outputs, inputs
    outputs, inputs = _listed(outputs), _listed(inputs)
    if not outputs or not inputs:
        name, empty = ("inputs", given[1]) if outputs else ("outputs", given[0])
        raise BackwardError(f"grad: {_nothing(name, empty)}")
    seeds = [None] * len(outputs) if grad_outputs is None else _listed(grad_outputs)
    if len(seeds) != len(outputs):
        raise GradientError(f"grad: {len(outputs)} outputs but {len(seeds)} grad_outputs")
    targets = [_target(t) for t in inputs]
    captured = sweep(
        [_node(t) for t in outputs],
        [_seed(t, s, create_graph or traced, traced) for t, s in zip(outputs, seeds, strict=True)],
        inputs=targets,
        accumulate=False,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
    )
    results: list[Any] = []
    for position, (tensor, node) in enumerate(zip(inputs, targets, strict=True)):
        result = _result(captured.get(node), tensor, position, allow_unused)
        again = result is not None and node in targets[:position]
        results.append(result.copy() if again else result)
    return tuple(results)


def _result(g: Any, tensor: Any, position: int, allow_unused: bool) -> Any:
    if g is None:
        if allow_unused:
            return None
        raise UnusedInputError(
            f"grad: the outputs do not depend on input {position} ({tensor._label()}).\n"
            "  Pass allow_unused=True to get None for it."
        )
    g = conjugate(g)
    if is_symbolic(g):
        return g
    return faced((tensor,), g if type(g) in tensor_types else wrap(g))


def _listed(tensors: Any) -> Sequence[Any]:
    if type(tensors) in tensor_types:
        return [tensors]
    if isinstance(tensors, np.ndarray) or not isinstance(tensors, Iterable):
        return [tensors]  # no Tensor, which is said where it is looked at
    return list(tensors)


def _nothing(name: str, given: Any) -> str:
    if isinstance(given, Iterator):
        return f"{name} is a {type(given).__name__} that gives nothing: it is used up"
    return f"{name} is empty"


def _node(tensor: Any) -> Node:
    """The node to start from, or the reason why there is none."""
    if type(tensor) not in tensor_types:
        raise BackwardError(
            f"expected a Tensor to differentiate, got {type(tensor).__name__}; a value that left "
            "for NumPy or Python has no graph"
        )
    if tensor._node is None:
        why = (
            "none of the inputs that it was computed from requires grad"
            if is_grad_enabled()
            else "recording is off here (no_grad)"
        )
        raise BackwardError(
            f"{tensor._label()} does not require grad: {why}.\n"
            "  Make a leaf with Tensor(data, requires_grad=True), and compute outside no_grad()."
        )
    node: Node = tensor._node
    return node


def _target(tensor: Any) -> Node:
    if type(tensor) not in tensor_types or tensor._node is None:
        what = tensor._label() if type(tensor) in tensor_types else repr(type(tensor).__name__)
        raise BackwardError(f"inputs: {what} does not require grad, so it has no gradient")
    node: Node = tensor._node
    return node


def _seed(tensor: Any, gradient: Any, create_graph: bool, traced: bool = False) -> Any:
    """The cotangent to start with: 1 for a scalar, else what the caller gave, checked and cast."""
    value = tensor._value
    if gradient is None:
        if tensor.size != 1:
            raise NonScalarError(
                f"backward needs a scalar, and {tensor.name or 'this Tensor'} has shape "
                f"{tensor.shape}.\n"
                "  Reduce it first, y.sum().backward(), or pass the cotangent: "
                "y.backward(gradient=g) with g of the same shape."
            )
        if value.dtype.kind == "c":
            raise NonScalarError(
                "backward of a complex scalar needs a gradient; for a loss take its real part, "
                "y.real, or its modulus, abs(y)"
            )
        seed = np.ones_like(value) if isinstance(value, np.ndarray) else type(value)(1)
        return wrap(seed) if create_graph else seed
    if is_symbolic(gradient):
        return conjugate(gradient)
    if not is_array(gradient):
        raise DTypeError(f"gradient must be a Tensor, an array or numbers, got {shown(gradient)}")
    if type(gradient) not in tensor_types:
        gradient = wrap(np.asarray(gradient))
        if create_graph and not traced:  # in a graph, which shall keep these numbers
            gradient = wrap(kept(gradient._value))
    if gradient.shape != tensor.shape:
        raise GradientError(
            f"gradient is {gradient.shape} and the Tensor is {tensor.shape}; they must be the same"
        )
    if gradient.dtype.kind == "c" and value.dtype.kind != "c":
        raise GradientError(f"gradient is {gradient.dtype} and the Tensor is {value.dtype}")
    if gradient.dtype != value.dtype:
        gradient = gradient.astype(value.dtype)
    seed = conjugate(gradient if create_graph else gradient._value)
    return seed[()] if type(seed) is np.ndarray and not isinstance(value, np.ndarray) else seed
