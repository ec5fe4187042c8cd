"""Function: a forward and a backward of one's own, on Tensors of this face."""

from __future__ import annotations

from typing import Any

from autograd.functional import function
from autograd.functional.function import FunctionCtx, once_differentiable
from nn.torch.tensor import as_face

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class Function(function.Function):
    """Base of functions with a backward of their own, which `apply` runs.

    >>> import nn.torch as torch
    >>> class Cube(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x**2 * grad
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> Cube.apply(x).sum().backward()
    >>> x.grad
    tensor([ 3., 12.])
    """

    _dress: Any = staticmethod(as_face)
