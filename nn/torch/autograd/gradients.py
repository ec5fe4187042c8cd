"""Gradients of Tensors, and checks of them, with PyTorch's arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import autograd
from autograd.errors import UnsupportedError
from autograd.extend import raw
from nn.torch.functions.creating import zeros_like
from nn.torch.tensor import Tensor, as_face

__all__ = [
    "Variable", "backward", "detect_anomaly", "grad", "gradcheck", "gradgradcheck",
    "set_detect_anomaly",
]  # fmt: skip


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    only_inputs: bool = True,
    allow_unused: Any = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of outputs with respect to inputs, as a tuple.

    >>> import nn.torch as torch
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> torch.autograd.grad(x**3, x)
    (tensor(12.),)
    """
    if not only_inputs:
        raise UnsupportedError("grad: only_inputs=False is no more; call outputs.backward()")
    if is_grads_batched:
        raise UnsupportedError("grad: write a loop over the rows instead of is_grads_batched=True")
    inputs = _listed(inputs)
    found = autograd.grad(
        outputs, inputs, grad_outputs, retain_graph=retain_graph, create_graph=bool(create_graph),
        allow_unused=bool(allow_unused or materialize_grads),
    )  # fmt: skip
    if materialize_grads:
        pairs = zip(found, inputs, strict=True)
        return tuple(zeros_like(x) if g is None else as_face(g) for g, x in pairs)
    return tuple(map(as_face, found))


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of Tensors to those of their leaves."""
    roots = _listed(tensors)
    given = grad_tensors if grad_tensors is not None else grad_variables
    seeds = [None] * len(roots) if given is None else _listed(given)
    for place, (root, seed) in enumerate(zip(roots, seeds, strict=True)):
        keep = retain_graph or place < len(roots) - 1 or None
        root.backward(seed, keep, create_graph, inputs)


def Variable(data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
    """An old name: the Tensor itself, outside its graph."""
    leaf = data.detach().clone() if isinstance(data, Tensor) else as_face(autograd.Tensor(data))
    return leaf.requires_grad_() if requires_grad else leaf


def _in_face(func: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose Tensors are those of the face."""

    def call(*args: Any) -> Any:
        for x in args:
            as_face(x)
        return func(*args)

    call.__name__ = getattr(func, "__name__", "f")
    return call


def _check(func: Callable[..., Any], inputs: Any, order: int, raise_exception: bool) -> bool:
    given = _listed(inputs)
    wrt = [i for i, x in enumerate(given) if getattr(x, "requires_grad", False)]
    report = autograd.gradcheck(
        _in_face(func), *[autograd.Tensor(raw(x)) if hasattr(x, "dtype") else x for x in given],
        wrt=wrt, order=order, raise_exception=raise_exception,
    )  # fmt: skip
    return bool(report)


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    **options: Any,
) -> bool:
    """Compare gradients with differences, whose steps and errors `autograd.gradcheck` chooses."""
    return _check(func, inputs, 1, raise_exception)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    **options: Any,
) -> bool:
    """Compare gradients of gradients with differences."""
    return _check(func, inputs, 2, raise_exception)


def detect_anomaly(check_nan: bool = True) -> Any:
    """Raise where a rule gives NaN, with the line that made it: a context manager."""
    return autograd.detect_anomaly(check_nan, check_inf=False, forward=False)


class set_detect_anomaly:
    """Switch the look for NaN on or off: a context manager, or for the rest of the program."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._stack = contextlib.ExitStack()
        if mode:
            self._stack.enter_context(detect_anomaly(check_nan))
        elif _ON:
            _ON.pop().close()
        if mode:
            _ON.append(self._stack)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        self._stack.close()


_ON: list[contextlib.ExitStack] = []
