"""Functions whose derivatives are told afterwards: each is an op of its own, made when called.

A call is recorded as a node with the Tensors among its arguments as inputs; its rule asks what
`defvjp` told (see autograd/rules_told.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.modes import ModeChange
from autograd.engine.operands import raw, tensor_types
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import ArgumentTypeError, MissingMethodError, UnsupportedError
from autograd.graph.pytree import flat, nested
from autograd.vspace import vspace

__all__ = ["by_argnum", "primitive", "primitive_jvps", "primitive_vjps"]

# by primitive: (argnums, out, args, kwargs) -> (g -> cotangents), and
# (argnums, tangents, out, args, kwargs) -> the tangent of the output
primitive_vjps: dict[Any, Callable[..., Any]] = {}
primitive_jvps: dict[Any, Callable[..., Any]] = {}


class Hole:
    """The place of a Tensor in the arguments of a call."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Call:
    """A call of a primitive, with holes for the Tensors among its arguments."""

    __slots__ = ("args", "count", "function", "is_read", "kwargs", "result")

    def __init__(self, function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self.function = function
        self.kwargs = kwargs
        self.count = 0
        self.args = [nested(self._hole, arg) for arg in args]
        self.result: Any = None  # the structure of what it gave
        self.is_read = False  # as a formula, with other things than arrays

    def _hole(self, value: Any) -> Any:
        if type(value) not in tensor_types:
            return value
        self.count += 1
        return Hole(self.count - 1)

    def filled(self, xs: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with values in the holes."""
        return tuple(nested(lambda v: xs[v.number] if type(v) is Hole else v, self.args))

    def holes(self, argnum: int) -> list[int]:
        """The numbers of the holes in an argument."""
        return [v.number for v in flat(self.args[argnum]) if type(v) is Hole]

    def argnums(self, moving: Sequence[Any]) -> list[int]:
        """The arguments that have a hole which is moving."""
        return [k for k in range(len(self.args)) if any(moving[n] for n in self.holes(k))]

    def run(self, xs: Sequence[Any]) -> Any:
        """What the function gives for plain values: an array, or a tuple of several."""
        with ModeChange(depth=0):
            result = self.function.fun(*self.filled(xs), **self.kwargs)
        leaves = flat(result)
        for leaf in leaves:
            if type(leaf) in tensor_types and leaf.requires_grad:
                raise UnsupportedError(
                    f"primitive {self.function.__name__}: its result depends on a value that is "
                    "being differentiated and is no argument of it; pass that as an argument"
                )
        numbers = iter(range(len(leaves)))
        self.result = nested(lambda _: Hole(next(numbers)), result)
        values = leaves if self.is_read else [np.asarray(raw(leaf))[()] for leaf in leaves]
        return values[0] if type(self.result) is Hole else tuple(values)

    def shaped(self, out: Any) -> Any:
        """An output, or a cotangent of it, as the function's own result is nested."""
        if type(self.result) is Hole:
            return out
        return nested(lambda hole: out[hole.number], self.result)


def _pulled(g: Any, xs: Any, out: Any, call: Call, needs: Any) -> list[Any]:
    """The cotangents of the Tensors of a call, by what `defvjp` told."""
    name, argnums = call.function.__name__, call.argnums(needs)
    maker = primitive_vjps.get(call.function)
    if maker is None:
        raise MissingMethodError(
            f"VJP of {name} wrt argnums {tuple(argnums)} not defined: write "
            f"defvjp({name}, lambda ans, x: lambda g: ...)"
        )
    pulled = maker(argnums, call.shaped(out), call.filled(xs), call.kwargs)(call.shaped(g))
    found: list[Any] = [None] * len(xs)
    for argnum, cotangent in zip(argnums, pulled, strict=False):
        try:
            parts = list(_at_holes(call.args[argnum], cotangent))
        except (IndexError, KeyError, TypeError) as error:
            raise ArgumentTypeError(
                f"the VJP of {name} gave {type(cotangent).__name__} for argument {argnum}, which "
                f"is not nested as that argument is: {error}"
            ) from None
        for number, part in parts:
            found[number] = part if needs[number] else None
    return found


def _at_holes(argument: Any, cotangent: Any) -> Iterator[tuple[int, Any]]:
    """The holes in an argument, and what a cotangent of it has in their places."""
    if type(argument) is Hole:
        yield argument.number, cotangent
    elif isinstance(argument, (list, tuple, dict)):
        places = argument if isinstance(argument, dict) else range(len(argument))
        for place in places:
            yield from _at_holes(argument[place], None if cotangent is None else cotangent[place])


def _pushed(t: Any, xs: Any, out: Any, call: Call) -> Any:
    """The tangent of the output of a call, by what `defjvp` told."""
    maker = primitive_jvps.get(call.function)
    if maker is None:
        return NotImplemented
    args = call.filled(xs)
    zeros = [np.zeros_like(raw(x)) if d is None else d for x, d in zip(xs, t, strict=True)]
    argnums = call.argnums([d is not None for d in t])
    tangents = [call.filled(zeros)[k] for k in argnums]
    pushed = maker(argnums, tangents, call.shaped(out), args, call.kwargs)
    leaves = flat(pushed)
    return leaves[0] if type(call.result) is Hole else tuple(leaves)


def _op_of(name: str) -> Callable[..., Any]:
    """The op that records the calls of a primitive."""

    def forward(*xs: Any, call: Any) -> Any:
        return call.run(xs)

    forward.__name__ = name
    op = Op(forward, name, {}, joint=_pulled, joint_jvp=_pushed, outputs=0)
    op.record = recorder(op)
    return op.record


def primitive(f_raw: Callable[..., Any]) -> Any:
    """A function whose derivative is told by `defvjp` and `defjvp` (of `autograd.extend`).

    `f_raw` gets plain arrays and numbers, in whatever arguments, and may do with them what it
    likes. What it is given by keyword has no derivative. Inside nested lists, tuples and dicts
    among its arguments, and in its result, every number has one.

    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> from autograd.extend import defvjp
    >>> @primitive
    ... def logsumexp(x):
    ...     return np.max(x) + np.log(np.sum(np.exp(x - np.max(x))))
    >>> defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))
    >>> grad(logsumexp)(np.zeros(4))
    array([0.25, 0.25, 0.25, 0.25])
    """
    name = getattr(f_raw, "__name__", "primitive")
    recorded = functools.cache(functools.partial(_op_of, name))  # when it is called first

    def call(*args: Any, **kwargs: Any) -> Any:
        tensors = [x for x in flat(args) if type(x) in tensor_types]
        if not tensors:
            return f_raw(*args, **kwargs)
        made = Call(call, args, kwargs)
        out = recorded()(*tensors, call=made)
        return made.shaped(out)

    try:
        functools.update_wrapper(call, f_raw)
    except (AttributeError, TypeError):  # of objects that are called, not functions
        call.__name__ = name
    made: Any = call
    made.fun = f_raw
    for old, define in _OLD_NAMES.items():
        setattr(made, old, functools.partial(define, made))
    return made


def _old_defvjp(function: Any, rule: Callable[..., Any], argnum: int = 0) -> None:
    """`f.defvjp(lambda g, ans, vs, gvs, *args: ...)`, as programs of 2015 write it."""

    def staged(out: Any, *args: Any, **kwargs: Any) -> Any:
        return lambda g: rule(g, out, vspace(args[argnum]), vspace(g), *args, **kwargs)

    _add(function, staged, argnum)


def _old_defvjp_is_zero(function: Any, argnums: Iterable[int] = (0,)) -> None:
    for argnum in argnums:
        _add(function, lambda *_, **__: lambda g: None, argnum)


def _add(function: Any, rule: Callable[..., Any], argnum: int = 0) -> None:
    """One more rule of a primitive, beside those that it has."""
    rules = getattr(function, "_rules", {})
    function._rules = {**rules, argnum: rule}
    primitive_vjps[function] = by_argnum(function, function._rules)


def by_argnum(function: Any, rules: dict[int, Any]) -> Callable[..., Any]:
    """One rule for all arguments, from those of each."""

    def maker(argnums: Sequence[int], out: Any, args: Any, kwargs: Any) -> Any:
        for argnum in argnums:
            if argnum not in rules:
                raise MissingMethodError(
                    f"VJP of {function.__name__} wrt argnum {argnum} not defined: write one for it "
                    f"too, or None for 0, in defvjp({function.__name__}, ...)"
                )
        made = [rules[argnum] and rules[argnum](out, *args, **kwargs) for argnum in argnums]
        return lambda g: [None if pull is None else pull(g) for pull in made]

    return maker


_OLD_NAMES: dict[str, Callable[..., Any]] = {
    "defvjp": _old_defvjp,
    "defvjp_is_zero": _old_defvjp_is_zero,
    "defgrad": _add,
}
