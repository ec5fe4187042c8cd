"""Jacobians and Hessians of functions, and their products with vectors, which need neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import core
from autograd.differential_operators.either import or_of_jax
from autograd.differential_operators.gradients import grad_of
from autograd.engine.operands import raw
from autograd.errors import ArgumentTypeError
from autograd.functional import matrices
from autograd.graph.pytree import flat
from autograd.ops.product.tensor_products import tensordot
from autograd.ops.shape.join import stack
from autograd.ops.shape.shape import reshape
from autograd.tracer import isbox
from autograd.vspace import vspace
from autograd.wrap_util import unary_to_nary


@or_of_jax(matrices.jacobian)
@unary_to_nary
def jacobian(fun: Callable[[Any], Any], x: Any) -> Any:
    """The Jacobian, of the shape of the function's result and then that of its argument.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by. With
    `argnums`, `has_aux` or `sparsity` it is `autograd.functional.jacobian`.

    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    pullback, ans = core.make_vjp(fun, x)
    space, own = vspace(ans), vspace(x)
    for side, given in ((own, x), (space, ans)):
        if isinstance(given, (list, tuple, dict)) or (side.iscomplex and side is space):
            raise ArgumentTypeError(
                "jacobian takes functions of one array that give one real array; flatten(...) of "
                "autograd.misc makes an array of nested ones, and np.real and np.imag real ones"
            )
    rows = [pullback(unit) for unit in space.standard_basis()]
    shape = (*space.shape, *own.shape)
    if not rows:
        return np.zeros(shape, own.dtype)
    return reshape(stack(rows), shape) if any(map(isbox, rows)) else np.reshape(rows, shape)


@or_of_jax(matrices.hessian)
@unary_to_nary
def hessian(fun: Callable[[Any], Any], x: Any) -> Any:
    """The Hessian, of the shape of the argument twice.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by. With
    `argnums`, `has_aux` or `sparsity` it is `autograd.functional.hessian`.

    >>> hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(jacobian(fun))(x)


@unary_to_nary
def make_hvp(fun: Callable[[Any], Any], x: Any) -> Any:
    """The function from a vector to the Hessian times it, and the gradient.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> product, gradient = make_hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    >>> product(np.array([1.0, 1.0])), gradient
    (array([ 6., 12.]), array([ 3., 12.]))
    """
    return core.make_vjp(grad_of(fun), x)


def hessian_tensor_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """The product of the Hessian with a tensor: a function of the arguments and the tensor.

    `fun` gives one real number, and `argnum` is the argument that the Hessian is of.

    >>> import numpy as np
    >>> hessian_tensor_product(lambda x: np.sum(x**3))(np.ones(2), np.array([1.0, 2.0]))
    array([ 6., 12.])
    """
    gradient = grad_of(fun, argnum)

    def along(*args: Any, **kwargs: Any) -> Any:
        *given, tensor = args
        return tensordot(gradient(*given, **kwargs), tensor, np.ndim(raw(tensor)))

    return grad_of(along, argnum)  # type: ignore[no-any-return]


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """A tensor times the Jacobian, from the left: a function of the arguments and the tensor.

    `fun` gives an array, and `argnum` is the argument that the Jacobian is of.

    >>> import numpy as np
    >>> tensor_jacobian_product(lambda x: x**2)(np.ones(2), np.array([1.0, 2.0]))
    array([2., 4.])
    """

    def along(*args: Any, **kwargs: Any) -> Any:
        *given, tensor = args
        return tensordot(tensor, fun(*given, **kwargs), np.ndim(raw(tensor)))

    return jacobian(along, argnum)  # type: ignore[no-any-return]


vector_jacobian_product = tensor_jacobian_product


@unary_to_nary
def make_jvp_reversemode(fun: Callable[[Any], Any], x: Any) -> Any:
    """The pushforward, as the pullback of the pullback.

    `argnum` is the argument of `fun`, or a tuple of some, that it is differentiated by.

    >>> print(make_jvp_reversemode(lambda x: x**2)(3.0)(1.0))
    6.0
    """
    return _pushforward(*core.make_vjp(fun, x))


def _pushforward(pullback: Callable[[Any], Any], y: Any) -> Callable[[Any], Any]:
    """The pullback of a pullback, which closes over a graph: recorded only if the value y is."""
    recorded = any(getattr(part, "requires_grad", False) for part in flat(y))
    return core.pulled(pullback, vspace(y).zeros(), is_outermost=recorded)[0]


def _half_square(y: Any) -> Any:
    return np.sum(y**2, axis=-1) / 2.0


def make_ggnvp(
    f: Callable[..., Any], g: Callable[..., Any] = _half_square, f_argnum: int = 0
) -> Callable[..., Any]:
    """The product of the generalized Gauss-Newton matrix Jᵀ H J with a vector.

    J is the Jacobian of `f` by argument `f_argnum`, and H the Hessian of `g`, half the square of
    the norm unless another is given, at the value of f.

    >>> import numpy as np
    >>> make_ggnvp(lambda x: 3.0 * x)(np.ones(2))(np.array([1.0, 2.0]))
    array([ 9., 18.])
    """

    @unary_to_nary
    def maker(f: Callable[[Any], Any], x: Any) -> Callable[[Any], Any]:
        pullback, y = core.make_vjp(f, x)
        hessian_product, _ = core.make_vjp(grad_of(g), y)
        pushforward = _pushforward(pullback, y)
        return lambda v: pullback(hessian_product(pushforward(v)))

    return maker(f, f_argnum)  # type: ignore[no-any-return]
