"""From operators on functions of one argument to those on functions of several."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from autograd.engine.missing import unexpected
from autograd.errors import ArgumentTypeError, IndexRangeError

__all__ = ["get_name", "unary_to_nary", "wraps"]


def get_name(function: Any) -> str:
    """What a function is called, if it has a name.

    >>> get_name(len), get_name(3)
    ('len', '[unknown name]')
    """
    return getattr(function, "__name__", "[unknown name]")


def wraps(fun: Any, namestr: str = "{fun}", docstr: str = "{doc}", **kwargs: Any) -> Any:
    """A decorator that names a function after another, `fun`, by the templates given.

    `namestr` and `docstr` may hold `{fun}`, `{doc}` and what `kwargs` name.

    >>> wraps(len, "grad_of_{fun}")(lambda x: x).__name__
    'grad_of_len'
    """

    def decorate(function: Any) -> Any:
        names = {"fun": get_name(fun), "doc": getattr(fun, "__doc__", "") or "", **kwargs}
        function.__name__ = namestr.format(**names)
        function.__doc__ = docstr.format(**names)
        return function

    return decorate


def unary_to_nary(unary_operator: Callable[..., Any]) -> Callable[..., Any]:
    """An operator on functions of several arguments, by one of them or a tuple of some.

    `unary_operator` takes a function of one argument, and its value. What comes out takes a
    function and `argnum`, and gives a function of the same arguments as that.

    >>> @unary_to_nary
    ... def double(fun, x):
    ...     return 2 * fun(x)
    >>> double(lambda x, y: x - y, 1)(3, 1)
    4
    """

    takes = inspect.signature(unary_operator)

    @functools.wraps(unary_operator)
    def nary_operator(fun: Any, argnum: Any = 0, *op_args: Any, **op_kwargs: Any) -> Any:
        several = isinstance(argnum, (tuple, list))
        argnums = list(argnum) if several else [argnum]
        if not callable(fun) or any(type(k) is not int for k in argnums):
            raise ArgumentTypeError(
                f"{get_name(unary_operator)}(fun, argnum=0) takes a function and the number of an "
                f"argument, or a tuple of some, not {type(fun).__name__} and {argnum!r:.40}; "
                f"arguments are for the function that it gives: {get_name(unary_operator)}(f)(x)"
            )
        for name in op_kwargs.keys() - takes.parameters:
            raise unexpected(get_name(unary_operator), name, known)

        def nary_function(*args: Any, **kwargs: Any) -> Any:
            def unary_function(x: Any) -> Any:
                given = list(args)
                for k, value in zip(argnums, x if several else (x,), strict=True):
                    given[k] = value
                return fun(*given, **kwargs)

            for k in argnums:
                if not -len(args) <= k < len(args):
                    raise IndexRangeError(
                        f"{get_name(unary_operator)} of {get_name(fun)} by argument {k}, and was "
                        f"called with {len(args)} positional arguments: give that one by position"
                    )
            x = tuple(args[k] for k in argnums) if several else args[argnum]
            return unary_operator(wraps(fun)(unary_function), x, *op_args, **op_kwargs)

        doc = f"{get_name(unary_operator)} of {get_name(fun)} by argument {argnum}."
        name = f"{get_name(unary_operator)}_of_{get_name(fun)}_wrt_argnum_{argnum}"
        nary_function.__name__, nary_function.__doc__ = name, doc
        return nary_function

    del nary_operator.__wrapped__  # whose arguments are others
    own = list(inspect.signature(nary_operator).parameters.values())[:2]
    more = list(takes.parameters.values())[2:]
    known = [p.name for p in (*own, *more)]
    nary_operator.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    return nary_operator
