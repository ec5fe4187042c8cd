"""What bridges to other libraries are built on: pullbacks as functions, and ops that call away."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentTypeError, MissingPackageError
from autograd.graph.pytree import flat, nested
from autograd.primitives import primitive
from autograd.rules_told import defvjp_argnums
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import asarray

__all__ = ["checked_result", "foreign", "library", "pullback"]

_NUMBERS = (np.ndarray, np.generic, int, float, complex)


def library(name: str, install: str) -> Any:
    """A package that stands beside this one."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingPackageError(f"{name} is not here:  pip install {install}") from None


def checked_result(result: Any, name: str) -> list[Any]:
    """The Tensors in what a function gave."""
    leaves = flat(result)
    for leaf in leaves:
        if type(leaf) not in tensor_types:
            raise ArgumentTypeError(
                f"{name}: the function gave a {type(leaf).__name__}; its results are Tensors, or "
                "lists, tuples and dicts of them"
            )
    return leaves


def pullback(f: Callable[..., Any], count: int) -> Callable[..., list[Any]]:
    """(x_1, ..., x_count, *cotangents) -> cotangents of the x, as a function of Tensors.

    It can be differentiated again. Where no output depends on an x, its cotangent is zero.
    """

    def pulled(*values: Any) -> list[Any]:
        xs, cotangents = [*map(_leaf, values[:count])], values[count:]
        pairs = [(y, g) for y, g in zip(flat(f(*xs)), cotangents, strict=True) if y.requires_grad]
        wanted = [x for x in xs if x.requires_grad]
        if not pairs or not wanted:
            return [x * 0 for x in xs]
        outs, seeds = zip(*pairs, strict=True)
        found = iter(grad(outs, wanted, seeds, create_graph=True, allow_unused=True))
        parts = [next(found) if x.requires_grad else None for x in xs]
        return [x * 0 if part is None else part for x, part in zip(xs, parts, strict=True)]

    return pulled


def _leaf(x: Any) -> Any:
    """x itself where a gradient flows through it, else a leaf in its place."""
    return x if x.requires_grad or x.dtype.kind not in "fc" else x.detach().requires_grad_()


def foreign(
    name: str,
    values: Callable[..., Any],
    pulled: Callable[[int, Mapping[str, Any]], Callable[..., Any]],
    static: Callable[[], dict[str, Any]] = dict,
) -> Callable[..., Any]:
    """An op whose forward function, from arrays to arrays, is another library's.

    `pulled(n, kwargs)` gives a function (x_1, ..., x_n, *cotangents) -> cotangents of the x, which
    is such an op too; `static()` what a call and its pullback get by keyword.
    """
    named: Any = values
    named.__name__ = name
    op = primitive(named)

    def maker(argnums: Any, ans: Any, args: Any, kwargs: Any) -> Callable[[Any], list[Any]]:
        def pull(g: Any) -> list[Any]:
            found = pulled(len(args), kwargs)(*args, *flat(g))
            return [found[k] for k in argnums]

        return pull

    defvjp_argnums(op, maker)

    def call(*args: Any) -> Any:
        for arg in args:
            if type(arg) not in tensor_types and not isinstance(arg, _NUMBERS):
                kind = f"{type(arg).__module__}.{type(arg).__name__}".removeprefix("builtins.")
                raise ArgumentTypeError(
                    f"{name}: arguments are Tensors, arrays and numbers, not {kind}"
                )
        result = op(*args, **static())
        return nested(lambda y: y if type(y) in tensor_types else asarray(raw(y)), result)

    call.__name__ = name
    return call
