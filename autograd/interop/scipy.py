"""The Jacobian of a function as an operator of SciPy's, of which no entry is ever made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentTypeError
from autograd.interop.pullbacks import library
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor, asarray
from autograd.transforms.forward_mode import jvp

__all__ = ["linear_operator"]


def linear_operator(f: Callable[..., Any], x: Any) -> Any:
    """The Jacobian of f at x, a `scipy.sparse.linalg.LinearOperator`: products alone, no matrix.

    `matvec` is forward mode and `rmatvec` the backward pass; f takes a Tensor of the shape of `x`
    and gives one. Its shape is (size of the output, size of x). Of complex x, f is holomorphic.

    Raises ArgumentTypeError where f gives no Tensor. Needs SciPy.

    >>> import numpy as np
    >>> import autograd as ag
    >>> J = linear_operator(lambda x: ag.cumsum(x**2), np.array([1.0, 2.0]))
    >>> J.shape, (J @ [1.0, 1.0]).tolist(), (J.T @ [1.0, 1.0]).tolist()
    ((2, 2), [2.0, 6.0], [4.0, 4.0])
    """
    at = asarray(raw(x)).detach()
    leaf = at.detach().requires_grad_()
    out = f(leaf)
    if type(out) not in tensor_types:
        raise ArgumentTypeError(
            f"linear_operator: the function gave a {type(out).__name__}; it must give one Tensor"
        )
    from_real, to_real = at.dtype.kind == "f", out.dtype.kind != "c"

    def forward(v: Any) -> Any:
        v = np.asarray(v)
        if from_real and np.iscomplexobj(v):
            return forward(v.real) + 1j * forward(v.imag)
        tangent = Tensor(np.asarray(v, at.dtype).reshape(at.shape), dtype=at.dtype)
        return raw(jvp(f, (at,), (tangent,))[1]).reshape(-1)

    def back(u: Any) -> Any:
        u = np.asarray(u)
        if not from_real:
            return pulled(u)
        if to_real:
            return pulled(u.real) + 1j * pulled(u.imag) if np.iscomplexobj(u) else pulled(u)
        return pulled(u) + 1j * pulled(-1j * u)  # a real x has a real gradient

    def pulled(u: Any) -> Any:
        if not out.requires_grad:
            return np.zeros(at.size, at.dtype)
        seed = Tensor(np.asarray(u, out.dtype).reshape(out.shape), dtype=out.dtype)
        (found,) = grad(out, leaf, seed, retain_graph=True)
        return raw(found).reshape(-1)

    linalg = library("scipy.sparse.linalg", "scipy")
    kind = np.result_type(at.dtype, out.dtype)
    return linalg.LinearOperator((out.size, at.size), forward, back, dtype=kind)
