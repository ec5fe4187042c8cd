"""Derivatives of functions: gradients, and products with the Jacobian from either side."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any, Literal, TypeVar, overload

import numpy as np

from autograd import core
from autograd.engine.operands import faced, joined, raw, tensor_types
from autograd.errors import ArgumentError, ArgumentTypeError, ScalarFunctionError
from autograd.functional.arguments import check_numbers, chosen
from autograd.functional.pulled import Aside, Pulled, filled
from autograd.graph.pytree import flat, nested
from autograd.transforms.forward_mode import jvp as push_forward

__all__ = ["grad", "jvp", "linearize", "stop_gradient", "straight_through", "value_and_grad", "vjp"]

R = TypeVar("R")


def _one(what: str, value: Any) -> Any:
    """The cotangent of a real number."""
    numbers = raw(value)
    if (
        isinstance(value, (tuple, list, dict))
        or not hasattr(numbers, "dtype")
        or np.size(numbers) != 1
    ):
        shape = f"shape {np.shape(numbers)}" if hasattr(numbers, "dtype") else type(value).__name__
        raise ScalarFunctionError(
            f"{what}: f gives one real number, and this one gave {shape}: sum it up, take "
            "jacobian(f), or return a second result with has_aux=True"
        )
    if numbers.dtype.kind != "f":
        raise ScalarFunctionError(
            f"{what}: f gives one real number, and this one gave {numbers.dtype}"
        )
    return np.ones_like(numbers)


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the value of f, a real number, and its gradient.

    `argnums` is the argument to differentiate by, or a tuple of some; the gradient is built as the
    argument is (a module's: a dict by the names of its parameters). With `has_aux` f returns a
    pair, whose second part is handed on: `((value, aux), gradient)`. As in JAX.

    >>> import autograd as ag
    >>> ag.functional.value_and_grad(lambda w: (w["a"] ** 2).sum())({"a": ag.Tensor([1.0, 2.0])})
    (Tensor(5., dtype=float32), {'a': Tensor([2., 4.], dtype=float32)})
    """
    return _gradient("value_and_grad", f, argnums, has_aux, lambda v, g: (v, g))


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the gradient of f, a real number, by the arguments `argnums`.

    With `has_aux` f returns a pair, and the result is `(gradient, aux)`. As in JAX; of complex
    numbers it is the conjugate of what `backward` gives, as there.

    >>> import autograd as ag
    >>> cube = lambda x: x**3
    >>> ag.functional.grad(ag.functional.grad(cube))(ag.Tensor(2.0))
    Tensor(12., dtype=float32)
    """
    return gradient("grad", f, argnums, has_aux)


def gradient(
    what: str, f: Callable[..., Any], argnums: Any = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`grad` of f, for a function of this room, which errors name."""

    def shown(value: Any, gradient: Any) -> Any:
        return (gradient, value[1]) if has_aux else gradient

    return _gradient(what, f, argnums, has_aux, shown)


def _gradient(
    what: str, f: Callable[..., Any], argnums: Any, has_aux: bool, shown: Callable[[Any, Any], Any]
) -> Callable[..., Any]:
    _check_function(what, f)

    def call(*args: Any, **kwargs: Any) -> Any:
        of_chosen, x = chosen(what, f, argnums, args, kwargs)
        pulled = Pulled(what, of_chosen, x, has_aux)
        seed = _one(what, pulled.value)
        if not pulled.depends:
            warnings.warn(core.INDEPENDENT, stacklevel=2)
        gradient = pulled(seed)
        return shown((pulled.value, pulled.aux) if has_aux else pulled.value, gradient)

    return _named(call, f, what)


def _named(call: Callable[..., Any], f: Any, what: str) -> Callable[..., Any]:
    update_wrapper(call, f, updated=())
    call.__name__ = f"{what}_of_{getattr(f, '__name__', type(f).__name__)}"
    return call


def _check_function(what: str, f: Any) -> None:
    if not callable(f):
        raise ArgumentTypeError(
            f"{what}(f, ...) takes a function, not {type(f).__name__}; of Tensors it is "
            "ag.grad(outputs, inputs)"
        )


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of f at the primals, and the function from its cotangents to those of the primals.

    That function takes a cotangent built as the value is, and gives a tuple, one for each primal.
    With `has_aux` f returns a pair, and the second part comes last. As `jax.vjp`.

    Shape: f's and the primals', any.

    >>> import autograd as ag
    >>> y, pullback = ag.functional.vjp(lambda x: x**2, ag.Tensor([1.0, 3.0]))
    >>> pullback(ag.Tensor([1.0, 1.0]))
    (Tensor([2., 6.], dtype=float32),)
    """
    _check_function("vjp", f)
    of_all, x = chosen("vjp", f, tuple(range(len(primals))), primals, {})
    pulled = Pulled("vjp", of_all, x, has_aux)
    return (pulled.value, pulled, pulled.aux) if has_aux else (pulled.value, pulled)


@overload
def jvp(
    f: Callable[..., R],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: Literal[False] = False,
) -> tuple[R, R]: ...
@overload
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool
) -> Any: ...
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> Any:
    """The value of f at the primals, and its derivative along the tangents (forward mode).

    `primals` and `tangents` are sequences that pair up, one part for each argument of f: floating
    or complex Tensors, arrays or numbers of the same shapes, also in nested containers. The result
    is `(outputs, tangents_out)`, both built as f returns them, as in JAX; with `has_aux` f returns
    a pair, and its second part comes last. An output that does not depend on the primals has the
    tangent 0.

    One pass, whatever the number of outputs: the cheap way to a derivative by few inputs, where
    `backward` is the cheap way to that of few outputs. Where primals, tangents, or Tensors that f
    uses besides require grad, the result is recorded and can be differentiated again.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0])
    >>> ag.jvp(lambda x: x**2, (x,), (ag.Tensor([1.0, 10.0]),))
    (Tensor([1., 4.], dtype=float32), Tensor([ 2., 40.], dtype=float32))
    """
    _check_function("jvp", f)
    aside = Aside("jvp", f, has_aux)
    points, directions = primals, tangents
    if _is_nested(primals):
        for k, part in enumerate(primals):
            check_numbers("jvp", part, k)
        points, directions = flat(list(primals)), flat(tangents)
        if not isinstance(tangents, (tuple, list)) or len(points) != len(directions):
            raise ArgumentError(
                f"jvp: {len(points)} numbers in primals, and {len(directions)} in tangents"
            )
    built: Any = None
    extra: list[Any] = []  # Tensors of the second result, whose values belong to the primals too

    def on_leaves(*leaves: Any) -> list[Any]:
        nonlocal built
        built = aside(*(leaves if points is primals else filled(list(primals), leaves)))
        extra[:] = [y for y in flat(aside.aux) if type(y) in tensor_types]
        return [*flat(built), *extra]

    values, pushed = push_forward(on_leaves, points, directions)
    values, pushed = ([faced(points, y) for y in found] for found in (values, pushed))
    count = len(values) - len(extra)
    ends = tuple(filled(built, found[:count]) for found in (values, pushed))
    if not has_aux:
        return ends
    kept = iter(values[count:])
    return (*ends, nested(lambda y: next(kept) if type(y) in tensor_types else y, aside.aux))


def _is_nested(primals: Any) -> bool:
    return isinstance(primals, (tuple, list)) and any(
        isinstance(p, (tuple, list, dict)) or len(flat(p)) != 1 or flat(p)[0] is not p
        for p in primals
    )


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of f at the primals, and its derivative there, as a linear function of tangents.

    f runs once; each call of the linear function costs two pullbacks' worth. As `jax.linearize`.

    Shape: f's and the primals', any.

    >>> import autograd as ag
    >>> y, along = ag.functional.linearize(lambda x: x**2, ag.Tensor([1.0, 3.0]))
    >>> along(ag.Tensor([1.0, 10.0]))
    Tensor([ 2., 60.], dtype=float32)
    """
    _check_function("linearize", f)
    of_all, x = chosen("linearize", f, tuple(range(len(primals))), primals, {})
    pulled = Pulled("linearize", of_all, x)
    zeros = nested(lambda y: y * 0 if type(y) in tensor_types else np.zeros_like(y), pulled.value)
    transposed = Pulled("linearize", pulled, zeros, beside=pulled.own)

    def along(*tangents: Any) -> Any:
        return transposed(tuple(tangents))

    return pulled.value, along


def stop_gradient(value: Any) -> Any:
    """The same numbers, as constants: `value`, with the Tensors in nested containers detached.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.functional.grad(lambda x: x * ag.functional.stop_gradient(x))(ag.Tensor(3.0))
    Tensor(3., dtype=float32)
    """
    return nested(lambda x: x.detach() if type(x) in tensor_types else x, value)


def straight_through(value: Any, x: Any) -> Any:
    """The numbers of `value` with the gradient of x, as if it were x (Bengio et al., 2013).

    Shape: both the same.

    >>> import autograd as ag
    >>> x = ag.Tensor([0.2, 0.7], requires_grad=True)
    >>> y = ag.functional.straight_through(ag.round(x), x)
    >>> y.sum().backward()
    >>> x.grad
    Tensor([1., 1.], dtype=float32)
    """
    value, x = joined(value), joined(x)
    if np.shape(raw(value)) != np.shape(raw(x)):
        raise ArgumentError(
            f"straight_through: value is {np.shape(raw(value))} and x is {np.shape(raw(x))}; they "
            "must be the same"
        )
    constant = stop_gradient(value)
    return constant + (x - stop_gradient(x))
