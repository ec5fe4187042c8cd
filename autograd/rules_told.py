"""What is told of a primitive's derivative, in each form: `defvjp`, `defjvp` and their kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import ArgumentTypeError
from autograd.primitives import by_argnum, primitive_jvps, primitive_vjps
from autograd.vspace import vspace

__all__ = [
    "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "deflinear", "defvjp",
    "defvjp_argnum", "defvjp_argnums",
]  # fmt: skip


def defvjp(fun: Any, *vjpmakers: Any, argnums: Sequence[int] | None = None) -> None:
    """Tell the pullback of a primitive, one rule for each positional argument.

    Each of `vjpmakers` takes `(ans, *args, **kwargs)`, the value of `fun` and its arguments, to a
    function from the cotangent of the value to that of the argument. None says that the argument
    has the gradient 0. `argnums` are the arguments that the rules are of, in place of the first
    ones. A rule is made of functions of `autograd.numpy`, so that it can be differentiated again.

    >>> from autograd import grad
    >>> from autograd.extend import primitive
    >>> double = primitive(lambda x: 2.0 * x)
    >>> defvjp(double, lambda ans, x: lambda g: 2.0 * g)
    >>> print(grad(double)(1.0))
    2.0
    """
    rules = dict(
        zip(range(len(vjpmakers)) if argnums is None else argnums, vjpmakers, strict=False)
    )
    for rule in rules.values():
        if rule is not None and not callable(rule):
            raise ArgumentTypeError(f"Bad VJP {rule!r:.60} for {fun.__name__}: write a function")
    defvjp_argnums(fun, by_argnum(fun, rules))


def defvjp_argnum(fun: Any, vjpmaker: Callable[..., Any]) -> None:
    """Tell the pullback of a primitive by one rule, which is told the argument.

    `vjpmaker` takes `(argnum, ans, args, kwargs)` to a function of the cotangent; `fun` is the
    primitive.

    >>> from autograd import grad
    >>> from autograd.extend import primitive
    >>> total = primitive(lambda *xs: sum(xs))
    >>> defvjp_argnum(total, lambda argnum, ans, args, kwargs: lambda g: g)
    >>> print(grad(total, 1)(1.0, 2.0))
    1.0
    """

    def maker(argnums: Sequence[int], out: Any, args: Any, kwargs: Any) -> Any:
        pulls = [vjpmaker(argnum, out, args, kwargs) for argnum in argnums]
        return lambda g: [pull(g) for pull in pulls]

    defvjp_argnums(fun, maker)


def defvjp_argnums(fun: Any, vjpmaker: Callable[..., Any]) -> None:
    """Tell the pullback of a primitive for all arguments at once.

    `vjpmaker` takes `(argnums, ans, args, kwargs)` to a function from the cotangent to one for each
    of the argnums; `fun` is the primitive.

    >>> from autograd import grad
    >>> from autograd.extend import primitive
    >>> add = primitive(lambda x, y: x + y)
    >>> defvjp_argnums(add, lambda argnums, ans, args, kwargs: lambda g: [g for _ in argnums])
    >>> print(grad(add)(1.0, 2.0))
    1.0
    """
    primitive_vjps[fun] = vjpmaker


def defjvp(fun: Any, *jvpfuns: Any, argnums: Sequence[int] | None = None) -> None:
    """Tell the pushforward of a primitive, one rule for each positional argument.

    Each of `jvpfuns` takes `(g, ans, *args, **kwargs)`, where `g` is the tangent of the argument,
    to what it adds to the tangent of the value of `fun`. None says 0, and "same" that `fun` is
    linear in the argument. `argnums` are the arguments that the rules are of. Without any,
    forward mode transposes the pullback.

    >>> from autograd import deriv
    >>> from autograd.extend import primitive
    >>> double = primitive(lambda x: 2.0 * x)
    >>> defjvp(double, "same")
    >>> print(deriv(double)(1.0))
    2.0
    """
    rules = dict(zip(range(len(jvpfuns)) if argnums is None else argnums, jvpfuns, strict=False))

    def rule(argnum: int, g: Any, out: Any, args: Any, kwargs: Any) -> Any:
        push = rules.get(argnum)
        if push is None:
            return None
        if push == "same":
            return fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs)
        return push(g, out, *args, **kwargs)

    defjvp_argnum(fun, rule)


def defjvp_argnum(fun: Any, jvpmaker: Callable[..., Any]) -> None:
    """Tell the pushforward of a primitive by one rule, which is told the argument.

    `jvpmaker` takes `(argnum, g, ans, args, kwargs)` to what the tangent `g` of the argument adds
    to that of the value of `fun`.

    >>> from autograd import deriv
    >>> from autograd.extend import primitive
    >>> double = primitive(lambda x: 2.0 * x)
    >>> defjvp_argnum(double, lambda argnum, g, ans, args, kwargs: 2.0 * g)
    >>> print(deriv(double)(1.0))
    2.0
    """

    def maker(argnums: Sequence[int], gs: Sequence[Any], out: Any, args: Any, kwargs: Any) -> Any:
        parts = [jvpmaker(k, g, out, args, kwargs) for k, g in zip(argnums, gs, strict=True)]
        space = vspace(out)
        total = space.zeros()
        for part in parts:
            total = total if part is None else space.add(total, part)
        return total

    defjvp_argnums(fun, maker)


def defjvp_argnums(fun: Any, jvpmaker: Callable[..., Any]) -> None:
    """Tell the pushforward of a primitive for all arguments at once.

    `jvpmaker` takes `(argnums, gs, ans, args, kwargs)`, with a tangent for each of the argnums, to
    the tangent of the value of `fun`.

    >>> from autograd import deriv
    >>> from autograd.extend import primitive
    >>> double = primitive(lambda x: 2.0 * x)
    >>> defjvp_argnums(double, lambda argnums, gs, ans, args, kwargs: 2.0 * gs[0])
    >>> print(deriv(double)(1.0))
    2.0
    """
    primitive_jvps[fun] = jvpmaker


def deflinear(fun: Any) -> None:
    """Say that a primitive `fun` is linear in each of its arguments, for forward mode.

    >>> from autograd import deriv
    >>> from autograd.extend import primitive
    >>> double = primitive(lambda x: 2.0 * x)
    >>> deflinear(double)
    >>> print(deriv(double)(1.0))
    2.0
    """
    defjvp_argnum(fun, lambda k, g, ans, args, kwargs: fun(*args[:k], g, *args[k + 1 :], **kwargs))


def_linear = deflinear
