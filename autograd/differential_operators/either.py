"""HIPS' operators that take JAX's keywords too, and are then those of autograd.functional."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from autograd.errors import ArgumentTypeError

__all__ = ["or_of_jax"]


def or_of_jax(other: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator of an operator by `argnum`: with keywords of JAX's it is the other one."""

    is_sparse = "sparsity" in inspect.signature(other).parameters

    def decorate(operator: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(operator)
        def call(
            fun: Any,
            *args: Any,
            argnums: Any = None,
            has_aux: bool = False,
            sparsity: Any = None,
            **kw: Any,
        ) -> Any:
            if sparsity is not None and not is_sparse:
                raise ArgumentTypeError(
                    f"{operator.__name__} takes no sparsity; hessian and jacobian do"
                )
            if argnums is None and not has_aux and sparsity is None:
                return operator(fun, *args, **kw)
            given = [*args, *kw.values()] if argnums is None else [argnums, *args, *kw.values()]
            if len(given) > 1 or kw.keys() - {"argnum"}:
                raise ArgumentTypeError(
                    f"{operator.__name__}: with argnums or has_aux it takes these two alone, as "
                    f"JAX's does: {operator.__name__}(f, argnums=0, has_aux=False)"
                )
            more = {} if sparsity is None else {"sparsity": sparsity}
            return other(fun, given[0] if given else 0, has_aux=has_aux, **more)

        takes = inspect.signature(operator)
        only = inspect.Parameter.KEYWORD_ONLY
        more = [
            inspect.Parameter("argnums", only, default=None),
            inspect.Parameter("has_aux", only, default=False),
            *([inspect.Parameter("sparsity", only, default=None)] if is_sparse else []),
        ]
        del call.__wrapped__  # whose arguments are fewer
        call.__signature__ = takes.replace(  # type: ignore[attr-defined]
            parameters=[*takes.parameters.values(), *more]
        )
        return call

    return decorate
