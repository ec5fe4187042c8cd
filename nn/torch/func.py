"""Functions of functions: grad, vjp, jvp, Jacobians, Hessians, vmap, functional_call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import autograd
import nn
from autograd import functional
from autograd.errors import ArgumentError
from autograd.functional import grad, hessian, jvp, vjp
from autograd.graph.pytree import flat, nested

__all__ = [
    "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp",
    "stack_module_state", "vjp", "vmap",
]  # fmt: skip


# ---- derivatives ---------------------------------------------------------------------------------


def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Any:
    """The function that gives the gradient and the value."""
    both = functional.value_and_grad(func, argnums, has_aux)

    def call(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return gradient, value

    return call


def _jacobian(mode: str) -> Any:
    def transform(
        func: Callable[..., Any], argnums: Any = 0, *, has_aux: bool = False, **how: Any
    ) -> Any:
        """The function that gives the Jacobian."""
        return functional.jacobian(func, argnums, has_aux, mode)

    return transform


jacrev, jacfwd = _jacobian("reverse"), _jacobian("forward")
jacrev.__name__, jacfwd.__name__ = "jacrev", "jacfwd"


# ---- over examples -------------------------------------------------------------------------------


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Any:
    """The function of a batch; with `chunk_size` it runs on as many examples at a time.

    >>> import nn.torch as torch
    >>> torch.func.vmap(torch.dot)(torch.ones(2, 3), torch.ones(2, 3))
    tensor([3., 3.])
    """
    whole = autograd.vmap(func, in_dims, out_dims, randomness)
    if chunk_size is None:
        return whole
    return partial(_in_chunks, whole, chunk_size)


def _in_chunks(whole: Any, count: int, *args: Any, **kwargs: Any) -> Any:
    """The results of parts of a batch, joined."""
    if count < 1:
        raise ArgumentError(f"vmap: chunk_size is at least 1, not {count!r}")
    axes, size = whole.axes_and_size(args)
    results = []
    for start in range(0, max(size, 1), count):
        each = iter(axes)

        def part(x: Any, start: int = start, each: Any = each) -> Any:
            axis = next(each)
            if axis is None:
                return x
            at = (*(slice(None),) * (axis % x.ndim), slice(start, start + count))
            return autograd.getitem(x, at)

        results.append(whole(*nested(part, args), **kwargs))
    columns = iter(list(zip(*map(flat, results), strict=True)))
    ends = iter(whole.axes_of_results(results[0]))

    def joined(y: Any) -> Any:
        axis, column = next(ends), next(columns)
        return y if axis is None else autograd.concatenate(list(column), axis)

    return nested(joined, results[0])


# ---- modules -------------------------------------------------------------------------------------


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What a module gives with other parameters and buffers, by their names."""
    given = () if args is None else args
    return nn.utils.functional_call(module, parameter_and_buffer_dicts, given, kwargs)


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of several models of one kind, stacked by name; and their buffers."""
    parameters = {
        name: autograd.stack([dict(m.named_parameters())[name].detach() for m in models])
        .requires_grad_()
        for name, _ in models[0].named_parameters()
    }  # fmt: skip
    buffers = {
        name: autograd.stack([dict(m.named_buffers())[name] for m in models])
        for name, _ in models[0].named_buffers()
    }
    return parameters, buffers
