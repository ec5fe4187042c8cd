"""Gradients of functions: what grad(f) gives, and its like."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

import numpy as np

from autograd import core
from autograd.differential_operators.either import or_of_jax
from autograd.engine.operands import raw
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentTypeError, ScalarFunctionError, UnknownNameError
from autograd.functional import derivatives as of_functions
from autograd.sweep import differentiate
from autograd.tracer import getval
from autograd.vspace import vspace
from autograd.wrap_util import get_name, unary_to_nary


@unary_to_nary
def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """The pullback of a function, from cotangents of its value to those of its argument; the value.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> pullback, y = make_vjp(lambda x: x**2)(3.0)
    >>> print(y, pullback(1.0))
    9.0 6.0
    """
    return core.make_vjp(fun, x)


@unary_to_nary
def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The pushforward of a function, from tangents of its argument to value and tangent of it.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> print(*make_jvp(lambda x: x**2)(3.0)(1.0))
    9.0 6.0
    """
    return core.make_jvp(fun, x)


def _scalar(name: str, ans: Any) -> Any:
    """The cotangent 1 of a real number."""
    space = vspace(ans)
    if space.size != 1:
        raise ScalarFunctionError(
            f"{name} only applies to real scalar-output functions, and this one gave "
            f"{'complex numbers' if space.iscomplex else f'shape {np.shape(raw(ans))}'}. "
            "Try jacobian, elementwise_grad or holomorphic_grad."
        )
    return space.ones()


def _gradient(fun: Callable[[Any], Any], x: Any) -> Any:
    pullback, ans = core.make_vjp(fun, x)
    return pullback(_scalar("Grad", ans))


_gradient.__name__ = "grad"  # what the functions that it gives are named after
grad_of = unary_to_nary(_gradient)
_of_jax = or_of_jax(of_functions.grad)(grad_of)


@overload
def grad(
    outputs: Callable[..., Any],
    inputs: int | Sequence[int] = 0,
    *,
    argnum: Any = None,
    argnums: int | Sequence[int] | None = None,
    has_aux: bool = False,
) -> Callable[..., Any]: ...
@overload
def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: Literal[False] = False,
) -> tuple[Tensor, ...]: ...
@overload
def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]: ...
def grad(
    outputs: Any,
    inputs: Any = ...,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
    *,
    argnum: Any = None,
    argnums: Any = None,
    has_aux: bool = False,
) -> Any:
    """The gradients of `outputs` with respect to `inputs`; of a function, its gradient function.

    `outputs` and `inputs` are a Tensor or a sequence of some; `grad_outputs` are the cotangents of
    the outputs (they may be left out, or None, for scalars). The result is a tuple in the order of
    `inputs`, as in PyTorch, also for a single input, and no `.grad` is touched. An input that the
    outputs do not depend on raises UnusedInputError, or gives None with `allow_unused`.
    `create_graph` records the gradients, so that they can be differentiated again; `retain_graph`
    keeps the graph for another sweep, which raises FreedGraphError without it.

    Where the first argument is a function that gives one real number, the result is the function
    that gives its gradient, as in HIPS autograd: `grad(f)`, `grad(f, 1)`, `grad(f, argnum=(0, 2))`.
    The second argument is then `argnum`, the positional argument to differentiate by, or a tuple of
    some. Arrays give arrays, Tensors give Tensors, and nested lists, tuples and dicts give the
    same. With JAX's keywords `argnums` or `has_aux` it is `autograd.functional.grad`.

    >>> import autograd as ag
    >>> x = ag.Tensor(2.0, requires_grad=True)
    >>> (dx,) = ag.grad(x**3, x, create_graph=True)
    >>> (ddx,) = ag.grad(dx, x)
    >>> dx.item(), ddx.item()
    (12.0, 12.0)
    >>> import autograd.numpy as np
    >>> cube = lambda x: x**3
    >>> print(ag.grad(cube)(2.0), ag.grad(ag.grad(cube))(2.0))
    12.0 12.0
    """
    if callable(outputs):
        if argnums is not None or has_aux:
            given = [k for k in (inputs, argnum) if k is not ... and k is not None]
            return _of_jax(outputs, *given, argnums=argnums, has_aux=has_aux)
        if inputs is not ... and argnum is not None:
            raise ArgumentTypeError("grad(f, argnum) got argnum twice")
        chosen = inputs if argnum is None else argnum
        return grad_of(outputs, 0 if chosen is ... else chosen)
    if inputs is ... or argnum is not None or argnums is not None or has_aux:
        raise ArgumentTypeError(
            "grad(outputs, inputs) takes Tensors and what to differentiate them by; grad(f, "
            f"argnum=0) takes a function, and {type(outputs).__name__} is none"
        )
    return differentiate.grad(
        outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused
    )


@or_of_jax(of_functions.value_and_grad)
@unary_to_nary
def value_and_grad(fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """The value and the gradient of a function of one real number: what optimizers ask for.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by. With
    `argnums` or `has_aux` it is `autograd.functional.value_and_grad`.

    >>> print(*value_and_grad(lambda x: x**2)(3.0))
    9.0 6.0
    """
    pullback, ans = core.make_vjp(fun, x)
    return ans, pullback(_scalar("value_and_grad", ans))


@unary_to_nary
def elementwise_grad(fun: Callable[[Any], Any], x: Any) -> Any:
    """The sum of the Jacobian's rows: its diagonal, for a function that is elementwise.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> elementwise_grad(lambda x: x**2)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    pullback, ans = core.make_vjp(fun, x)
    space = vspace(ans)
    if space.iscomplex:
        raise ArgumentTypeError(
            "Elementwise_grad only applies to real-output functions; take np.real of the output"
        )
    return pullback(space.ones())


@unary_to_nary
def deriv(fun: Callable[[Any], Any], x: Any) -> Any:
    """The derivative along ones, by forward mode: of a function of one number, its derivative.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> print(deriv(lambda x: x**2)(3.0))
    6.0
    """
    return core.make_jvp(fun, x)(vspace(x).ones())[1]


@unary_to_nary
def holomorphic_grad(fun: Callable[[Any], Any], x: Any) -> Any:
    """The derivative of a holomorphic function.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> print(holomorphic_grad(lambda z: z**2)(1 + 2j))
    (2+4j)
    """
    if not vspace(x).iscomplex:
        warnings.warn("Input to holomorphic_grad is not complex", stacklevel=3)
    return grad_of(lambda z: np.real(fun(z)))(x)


@unary_to_nary
def grad_and_aux(fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """The gradient of the first of a function's two results, and the second as it is.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> print(*grad_and_aux(lambda x: (x**2, -x))(3.0))
    6.0 -3.0
    """
    pullback, (ans, aux) = core.make_vjp(lambda x: tuple(fun(x)), x)
    return pullback((_scalar("grad_and_aux", ans), vspace(aux).zeros())), getval(aux)


def grad_named(fun: Callable[..., Any], argname: str) -> Callable[..., Any]:
    """The gradient of `fun` by the argument named `argname`, given by position.

    >>> print(grad_named(lambda x, y: x * y, "y")(2.0, 3.0))
    2.0
    """
    names = list(inspect.signature(fun).parameters)
    if argname not in names:
        raise UnknownNameError(
            f"{get_name(fun)} has no argument {argname!r}; it has {', '.join(names)}"
        )
    return grad(fun, names.index(argname))


def multigrad_dict(fun: Callable[..., Any]) -> Callable[..., Any]:
    """The gradients by all arguments at once, as a dict from their names.

    Arguments of `fun` that are left out are differentiated by at their defaults.

    >>> gradients = multigrad_dict(lambda x, y=3.0: x * y)(2.0)
    >>> print(*gradients, *gradients.values())
    x y 3.0 2.0
    """
    signature = inspect.signature(fun)
    kinds = {name: p.kind for name, p in signature.parameters.items()}

    def called(given: dict[str, Any]) -> Any:
        bound = signature.bind_partial()
        bound.arguments.update(given)
        return fun(*bound.args, **bound.kwargs)

    def gradients(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        empty = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        given = {k: v for k, v in bound.arguments.items() if v or kinds[k] not in empty}
        return dict(grad_of(called)(given))

    return gradients
