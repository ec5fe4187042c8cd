"""Jacobians, Hessians and products with them, of a function at given inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.extend import raw
from nn.torch.autograd.gradients import grad
from nn.torch.functions.creating import from_numpy, ones_like, zeros_like

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def _leaves(inputs: Any) -> tuple[bool, tuple[Any, ...]]:
    """Whether there are several, and the inputs as nodes of their own in the graph."""
    several = isinstance(inputs, (tuple, list))
    given = tuple(inputs) if several else (inputs,)
    return several, tuple(
        x.clone() if x.requires_grad else x.detach().clone().requires_grad_() for x in given
    )


def _out(value: Any, keep: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_out(v, keep) for v in value)
    return value if keep or value is None else value.detach()


def _rows(output: Any, leaves: Any, keep: bool) -> tuple[Any, ...]:
    """The Jacobian of one output for each input, row after row."""
    rows = []
    for place in range(output.numel()):
        seed = np.zeros(tuple(output.shape), raw(output).dtype)
        seed.reshape(-1)[place] = 1
        g = grad(
            output, leaves, from_numpy(seed), retain_graph=True, create_graph=keep,
            allow_unused=True,
        )  # fmt: skip
        rows.append([zeros_like(x) if d is None else d for d, x in zip(g, leaves, strict=True)])
    shape = tuple(output.shape)
    return tuple(
        autograd.reshape(autograd.stack([row[i] for row in rows]), shape + tuple(x.shape))
        if rows
        else from_numpy(np.zeros(shape + tuple(x.shape), raw(x).dtype))
        for i, x in enumerate(leaves)
    )


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of a function: of shape output + input, for several in tuples."""
    with autograd.enable_grad():
        several, leaves = _leaves(inputs)
        outputs = func(*leaves)
        many = isinstance(outputs, (tuple, list))
        found = [_rows(y, leaves, create_graph) for y in (outputs if many else (outputs,))]
    rows = [row if several else row[0] for row in found]
    return _out(tuple(rows) if many else rows[0], create_graph)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function of one number."""
    with autograd.enable_grad():
        several, leaves = _leaves(inputs)
        value = func(*leaves)
        _check_scalar(value, "hessian")
        first = grad(value, leaves, create_graph=True, allow_unused=True)
        rows = [
            _rows(g, leaves, create_graph) if g is not None and g.requires_grad
            else tuple(_zeros(x, y) for y in leaves)
            for g, x in zip(first, leaves, strict=True)
        ]  # fmt: skip
    found = tuple(rows) if several else rows[0][0]
    return _out(found, create_graph)


def _zeros(x: Any, y: Any) -> Any:
    return from_numpy(np.zeros(tuple(x.shape) + tuple(y.shape), raw(x).dtype))


def _check_scalar(value: Any, name: str) -> None:
    if value.numel() != 1:
        raise ShapeError(f"{name}: func must give one number, got shape {tuple(value.shape)}")


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """The outputs, and vᵀ times the Jacobian."""
    with autograd.enable_grad():
        several, leaves = _leaves(inputs)
        outputs = func(*leaves)
        g = grad(
            outputs, leaves, v, create_graph=create_graph, allow_unused=True,
            materialize_grads=True,
        )  # fmt: skip
    return _out(outputs, create_graph), _out(g if several else g[0], create_graph)


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """The outputs, and the Jacobian times v."""
    with autograd.enable_grad():
        several, leaves = _leaves(inputs)
        outputs = func(*leaves)
        many = isinstance(outputs, tuple)
        ys = outputs if many else (outputs,)
        seeds = tuple(y.detach().clone().requires_grad_() for y in ys)
        g = grad(ys, leaves, seeds, create_graph=True, allow_unused=True, materialize_grads=True)
        vs = tuple(v) if several else (v if v is not None else ones_like(leaves[0]),)
        tangents = grad(
            g, seeds, vs, create_graph=create_graph, allow_unused=True, materialize_grads=True
        )
    return _out(outputs, create_graph), _out(tangents if many else tangents[0], create_graph)


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """The value, and the Hessian times v."""
    with autograd.enable_grad():
        several, leaves = _leaves(inputs)
        value = func(*leaves)
        _check_scalar(value, "hvp")
        first = grad(value, leaves, create_graph=True, materialize_grads=True)
        vs = tuple(v) if several else (v if v is not None else ones_like(leaves[0]),)
        total: Any = sum((autograd.sum(a * b) for a, b in zip(first, vs, strict=True)), 0.0)
        found = grad(total, leaves, create_graph=create_graph, materialize_grads=True)
    return _out(value, create_graph), _out(found if several else found[0], create_graph)


vhp = hvp
