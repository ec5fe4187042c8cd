"""Programs of transforms of functions, in names that JAX, PyTorch and this library share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Program = Callable[[Any, Any, Any], Any]  # of transforms T, functions of arrays A, arguments x


def numbers(*shape: int, seed: int = 0, dtype: str = "float64") -> Any:
    """Numbers of both signs, not near 0."""
    rng = np.random.default_rng(seed + sum(shape))
    real = rng.uniform(0.3, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    if dtype.startswith("complex"):
        return np.asarray(real + 1j * rng.uniform(0.3, 1.5, shape)).astype(dtype)
    return np.asarray(real).astype(dtype)


def wave(A: Any) -> Any:
    """A vector to a number, without a pattern in its derivatives."""
    return lambda x: (A.sin(x) * x).sum() + (x[0] * x).sum() ** 2


def curve(A: Any) -> Any:
    """A number to a number."""
    return lambda x: A.sin(x) * A.exp(0.3 * x) + x**3


def field(A: Any) -> Any:
    """A vector to a vector."""
    return lambda x: A.tanh(x * x[0]) + A.cumsum(x * x, 0)


def network(A: Any) -> Any:
    """Parameters in a dict, of lists, and a tuple; a row."""

    def loss(p: Any, x: Any) -> Any:
        for w in p["layers"]:
            x = A.tanh(A.matmul(w, x) + p["shift"][0])
        return (x * p["shift"][1]).sum()

    return loss


PARAMETERS = {
    "layers": [numbers(3, 3), numbers(3, 3, seed=1)],
    "shift": (numbers(3), np.float64(0.7) * np.ones(())),
}
V, W, M, S = numbers(3), numbers(3, seed=1), numbers(4, 3), np.asarray(0.8)
B = numbers(5, 4, 3)

ORDERS: dict[str, tuple[Program, Any]] = {
    f"grad {n} times": (
        lambda T, A, x, n=n: _times(T.grad, n, curve(A))(x),
        S,
    )
    for n in (1, 2, 3, 4)
}


def _times(transform: Any, n: int, f: Any) -> Any:
    for _ in range(n):
        f = transform(f)
    return f


def _along(T: Any, f: Any) -> Any:
    """The derivative of a function of a number, by forward mode."""
    return lambda x: T.jvp(f, (x,), (T.ones_like(x),))[1]


NESTINGS: dict[str, tuple[Program, Any]] = {
    "vjp": (lambda T, A, x: T.vjp(field(A), x)[1](x)[0], V),
    "jvp": (lambda T, A, x: T.jvp(field(A), (x,), (x * x,)), V),
    "jvp of grad": (lambda T, A, x: T.jvp(T.grad(wave(A)), (x,), (x * x,)), V),
    "grad of jvp": (
        lambda T, A, x: T.grad(lambda x: T.jvp(field(A), (x,), (x * x,))[1].sum())(x), V),
    "grad of jvp by the tangent": (
        lambda T, A, x: T.grad(lambda v: (T.jvp(field(A), (x,), (v,))[1] ** 2).sum())(x), V),
    "jvp of jvp": (lambda T, A, x: _along(T, _along(T, curve(A)))(x), S),
    "jvp of jvp of jvp": (lambda T, A, x: _times(lambda f: _along(T, f), 3, curve(A))(x), S),
    "grad of vjp": (
        lambda T, A, x: T.grad(lambda x: (T.vjp(field(A), x)[1](x)[0] ** 2).sum())(x), V),
    "grad of vjp by the cotangent": (
        lambda T, A, x: T.grad(lambda v: (T.vjp(field(A), x)[1](v)[0] ** 2).sum())(x), V),
    "vjp of grad": (lambda T, A, x: T.vjp(T.grad(wave(A)), x)[1](x)[0], V),
    "grad of a norm of grad": (
        lambda T, A, x: T.grad(lambda x: (T.grad(wave(A))(x) ** 2).sum())(x), V),
    "jacobian": (lambda T, A, x: T.jacrev(field(A))(x), V),
    "jacobian, forward": (lambda T, A, x: T.jacfwd(field(A))(x), V),
    "jacobian of jacobian": (lambda T, A, x: T.jacrev(T.jacrev(field(A)))(x), V),
    "jacobian, forward of reverse": (lambda T, A, x: T.jacfwd(T.jacrev(field(A)))(x), V),
    "jacobian, reverse of forward": (lambda T, A, x: T.jacrev(T.jacfwd(field(A)))(x), V),
    "jacobian, forward of forward": (lambda T, A, x: T.jacfwd(T.jacfwd(field(A)))(x), V),
    "jacobian of a matrix": (lambda T, A, x: T.jacrev(lambda x: A.matmul(x, x.T))(x), M),
    "jacobian of a number": (lambda T, A, x: T.jacfwd(lambda x: A.stack([x * x, A.sin(x)]))(x), S),
    "hessian": (lambda T, A, x: T.hessian(wave(A))(x), V),
    "hessian of a matrix": (
        lambda T, A, x: T.hessian(lambda x: A.sin(A.matmul(x, x.T)).sum())(x), M),
    "third derivatives": (lambda T, A, x: T.jacrev(T.hessian(wave(A)))(x), V),
    "grad of a trace of a hessian": (
        lambda T, A, x: T.grad(lambda x: (T.hessian(wave(A))(x) * x).sum())(x), V),
    "vmap": (lambda T, A, x: T.vmap(field(A))(x), M),
    "vmap of grad": (lambda T, A, x: T.vmap(T.grad(wave(A)))(x), M),
    "vmap of grad of grad": (lambda T, A, x: T.vmap(T.grad(T.grad(curve(A))))(x), V),
    "grad of vmap": (lambda T, A, x: T.grad(lambda x: (T.vmap(field(A))(x) ** 2).sum())(x), M),
    "grad of grad of vmap": (
        lambda T, A, x: T.grad(lambda x: (
            T.grad(lambda x: (T.vmap(field(A))(x) ** 2).sum())(x) ** 2).sum())(x), M),
    "grad of vmap of grad": (
        lambda T, A, x: T.grad(lambda x: (T.vmap(T.grad(wave(A)))(x) ** 2).sum())(x), M),
    "vmap of jvp": (lambda T, A, x: T.vmap(lambda x: T.jvp(field(A), (x,), (x,)))(x), M),
    "vmap of jvp over tangents": (
        lambda T, A, x: T.vmap(lambda v: T.jvp(field(A), (x[0],), (v,))[1])(x), M),
    "jvp of vmap": (lambda T, A, x: T.jvp(T.vmap(field(A)), (x,), (x * x,)), M),
    "jvp of vmap of grad": (lambda T, A, x: T.jvp(T.vmap(T.grad(wave(A))), (x,), (x * x,)), M),
    "vmap of jvp of grad": (
        lambda T, A, x: T.vmap(lambda x: T.jvp(T.grad(wave(A)), (x,), (x,))[1])(x), M),
    "vjp of vmap": (lambda T, A, x: T.vjp(T.vmap(field(A)), x)[1](x)[0], M),
    "vmap of vjp": (lambda T, A, x: T.vmap(lambda x: T.vjp(field(A), x)[1](x)[0])(x), M),
    "vmap of a pullback": (lambda T, A, x: T.vmap(T.vjp(field(A), x[0])[1])(x)[0], M),
    "vmap of vmap": (lambda T, A, x: T.vmap(T.vmap(field(A)))(x), B),
    "vmap of vmap of grad": (lambda T, A, x: T.vmap(T.vmap(T.grad(wave(A))))(x), B),
    "vmap of grad of vmap": (
        lambda T, A, x: T.vmap(T.grad(lambda x: (T.vmap(wave(A))(x) ** 2).sum()))(x), B),
    "jacobian of vmap": (lambda T, A, x: T.jacrev(T.vmap(field(A)))(x), M),
    "jacobian of vmap, forward": (lambda T, A, x: T.jacfwd(T.vmap(field(A)))(x), M),
    "vmap of jacobian": (lambda T, A, x: T.vmap(T.jacrev(field(A)))(x), M),
    "vmap of jacobian, forward": (lambda T, A, x: T.vmap(T.jacfwd(field(A)))(x), M),
    "vmap of hessian": (lambda T, A, x: T.vmap(T.hessian(wave(A)))(x), M),
    "hessian of a sum of vmap": (
        lambda T, A, x: T.hessian(lambda x: T.vmap(wave(A))(x).sum())(x), M),
    "a batch of one": (lambda T, A, x: T.vmap(T.grad(wave(A)))(x), M[:1]),
    "float32": (lambda T, A, x: T.vmap(T.hessian(wave(A)))(x), M.astype("float32")),
    "complex, vmap": (lambda T, A, x: T.vmap(field(A))(x), numbers(4, 3, dtype="complex128")),
    "complex, jvp": (
        lambda T, A, x: T.jvp(field(A), (x,), (x,)), numbers(3, dtype="complex128")),
    "complex64, vmap of jvp": (
        lambda T, A, x: T.vmap(lambda x: T.jvp(lambda x: x * x[0], (x,), (x,)))(x),
        numbers(4, 3, dtype="complex64")),
}  # fmt: skip

CONFUSIONS: dict[str, tuple[Program, Any]] = {
    "x (x + y)' by y": (
        lambda T, A, x: T.grad(lambda x: x * T.grad(lambda y: x + y)(T.ones_like(x)))(x), S),
    "x (x y)' by y": (
        lambda T, A, x: T.grad(lambda x: x * T.grad(lambda y: x * y)(T.ones_like(x)))(x), S),
    "forward in forward": (
        lambda T, A, x: _along(T, lambda x: x * _along(T, lambda y: x + y)(T.ones_like(x)))(x), S),
    "forward in forward, product": (
        lambda T, A, x: _along(T, lambda x: x * _along(T, lambda y: x * y)(T.ones_like(x)))(x), S),
    "forward in reverse": (
        lambda T, A, x: T.grad(lambda x: x * _along(T, lambda y: x * y * y)(x))(x), S),
    "reverse in forward": (
        lambda T, A, x: _along(T, lambda x: x * T.grad(lambda y: x * y * y)(x))(x), S),
    "the same variable twice": (
        lambda T, A, x: T.grad(lambda x: T.grad(lambda y: x * y)(x) * x)(x), S),
    "a curried function": (
        lambda T, A, x: T.grad(
            lambda x: T.grad(lambda y: T.grad(lambda z: x * y * y * z * z)(y))(x))(x), S),
    "inside of vmap": (
        lambda T, A, x: T.vmap(T.grad(lambda x: x * T.grad(lambda y: x * y * y)(x)))(x), V),
    "vmap between": (
        lambda T, A, x: T.grad(
            lambda x: T.vmap(T.grad(lambda y: (x * y).sum() ** 2))(T.ones_like(x)).sum())(x), V),
    "over an outer example": (
        lambda T, A, x: T.vmap(lambda x: T.vmap(lambda y: (x * y).sum())(x * 2))(x), M),
    "what is closed over": (
        lambda T, A, x: T.grad(
            lambda a: (T.jacrev(lambda y: A.sin(a[0] * y))(a) ** 2).sum())(x), V),
}  # fmt: skip

CONTAINERS: dict[str, tuple[Program, Any]] = {
    "grad of a dict": (lambda T, A, a: T.grad(network(A))(*a), (PARAMETERS, V)),
    "grad of both": (lambda T, A, a: T.grad(network(A), argnums=(0, 1))(*a), (PARAMETERS, V)),
    "grad of the second": (lambda T, A, a: T.grad(network(A), argnums=1)(*a), (PARAMETERS, V)),
    "grad, the other order": (
        lambda T, A, a: T.grad(network(A), argnums=(1, 0))(*a), (PARAMETERS, V)),
    "a tuple of one": (lambda T, A, a: T.grad(network(A), argnums=(1,))(*a), (PARAMETERS, V)),
    "value and gradient": (
        lambda T, A, a: T.value_and_grad(network(A))(*a), (PARAMETERS, V)),
    "has_aux": (
        lambda T, A, x: T.grad(lambda x: (wave(A)(x), {"seen": [x * 2]}), has_aux=True)(x), V),
    "value, gradient and aux": (
        lambda T, A, x: T.value_and_grad(lambda x: (wave(A)(x), (x * 2, x)), has_aux=True)(x), V),
    "has_aux, twice": (
        lambda T, A, x: T.grad(lambda x: T.grad(
            lambda y: (wave(A)(y * x), (x * y).sum()), has_aux=True)(x)[1])(x), V),
    "vmap of has_aux": (
        lambda T, A, x: T.vmap(T.grad(lambda x: (wave(A)(x), x * 2), has_aux=True))(x), M),
    "vmap over a dict": (
        lambda T, A, a: T.vmap(network(A), (None, 0))(*a), (PARAMETERS, M)),
    "gradients of each example": (
        lambda T, A, a: T.vmap(T.grad(network(A)), (None, 0))(*a), (PARAMETERS, M)),
    "gradients of a mean": (
        lambda T, A, a: T.grad(lambda p: T.vmap(network(A), (None, 0))(p, a[1]).mean())(a[0]),
        (PARAMETERS, M)),
    "an ensemble": (
        lambda T, A, a: T.vmap(T.grad(network(A)), (0, None))(*a),
        ({"layers": [numbers(4, 3, 3)], "shift": (numbers(4, 3), numbers(4))}, V)),
    "axes of a tree": (
        lambda T, A, a: T.vmap(network(A), ({"layers": [2], "shift": (None, 0)}, None))(*a),
        ({"layers": [numbers(3, 3, 4)], "shift": (numbers(3), numbers(4))}, V)),
    "axes from the end": (
        lambda T, A, a: T.vmap(lambda x, y: A.sin(x) + y, (-1, 0))(*a), (numbers(3, 4), M)),
    "axes of results": (
        lambda T, A, x: T.vmap(lambda x: (A.sin(x), x.sum()), 0, (1, 0))(x), M),
    "an axis of results from the end": (lambda T, A, x: T.vmap(A.sin, 0, -1)(x), B),
    "axes in the middle": (lambda T, A, x: T.vmap(A.sin, 1, 2)(x), B),
    "results in a dict": (
        lambda T, A, x: T.vmap(lambda x: {"a": [x, x.sum()], "b": (x * 2,)})(x), M),
    "a result that is the same for all": (
        lambda T, A, a: T.vmap(lambda x, y: (x, y * 2), (0, None))(*a), (M, V)),
    "jacobian by a dict": (
        lambda T, A, p: T.jacrev(lambda p: A.sin(p["a"] * p["b"][0]))(p),
        {"a": V, "b": [W]}),
    "jacobian by a dict, forward": (
        lambda T, A, p: T.jacfwd(lambda p: A.sin(p["a"] * p["b"][0]))(p),
        {"a": V, "b": [W]}),
    "jacobian of a dict": (
        lambda T, A, x: T.jacrev(lambda x: {"s": A.sin(x), "n": (x.sum(), x * x)})(x), V),
    "jacobian of a dict, forward": (
        lambda T, A, x: T.jacfwd(lambda x: {"s": A.sin(x), "n": (x.sum(), x * x)})(x), V),
    "jacobian by two": (
        lambda T, A, a: T.jacrev(lambda x, y: A.sin(x) * y[0], argnums=(0, 1))(*a), (V, W)),
    "jacobian with aux": (
        lambda T, A, x: T.jacrev(lambda x: (A.sin(x), x * 2), has_aux=True)(x), V),
    "jacobian with aux, forward": (
        lambda T, A, x: T.jacfwd(lambda x: (A.sin(x), x * 2), has_aux=True)(x), V),
    "hessian by two": (
        lambda T, A, a: T.hessian(lambda x, y: (A.sin(x * y) * x[0]).sum(), argnums=(0, 1))(*a),
        (V, W)),
    "hessian by a dict": (
        lambda T, A, p: T.hessian(lambda p: (A.sin(p["a"] * p["b"]) * p["a"][0]).sum())(p),
        {"a": V, "b": W}),
    "jvp of a dict": (lambda T, A, p: T.jvp(lambda p: A.sin(p["a"] * p["b"]), (p,), (p,)),
        {"a": V, "b": W}),
    "jvp of a dict to a dict": (
        lambda T, A, x: T.jvp(lambda x: {"s": A.sin(x), "n": [x * x]}, (x,), (x,)), V),
    "jvp with aux": (
        lambda T, A, x: T.jvp(lambda x: (A.sin(x), x * 2), (x,), (x,), has_aux=True), V),
    "vjp of a dict": (
        lambda T, A, x: T.vjp(lambda x: {"s": A.sin(x), "n": [x * x]}, x)[1](
            {"s": x, "n": [x * 3]})[0], V),
    "vjp with aux": (
        lambda T, A, x: T.vjp(lambda x: (A.sin(x), x * 2), x, has_aux=True)[::2], V),
    "by an argument that is not used": (
        lambda T, A, a: T.grad(lambda x, y: (x * x).sum(), argnums=(0, 1))(*a), (V, W)),
    "a constant": (lambda T, A, x: T.grad(lambda x: (A.ones_like(x) * 2).sum())(x), V),
    "a constant, jvp": (lambda T, A, x: T.jvp(lambda x: A.ones_like(x), (x,), (x,)), V),
    "a constant, jacobian": (lambda T, A, x: T.jacrev(lambda x: A.ones_like(x))(x), V),
    "linear, hessian": (lambda T, A, x: T.hessian(lambda x: (x * 2).sum())(x), V),
}  # fmt: skip

OPS: dict[str, tuple[Program, Any]] = {
    "where": (
        lambda T, A, x: T.vmap(T.grad(lambda x: A.where(x > 0, A.sin(x), x * x).sum()))(x), M),
    "softmax by hand": (
        lambda T, A, x: T.vmap(T.hessian(lambda x: A.log(A.exp(x).sum())))(x), M),
    "max": (lambda T, A, x: T.vmap(T.grad(lambda x: x.max() * x.min()))(x), M),
    "sort": (
        lambda T, A, x: T.vmap(T.grad(lambda x: (T.sort(x) * A.cumsum(T.sort(x), 0)).sum()))(x), M),
    "indices": (
        lambda T, A, a: T.vmap(T.grad(lambda x, k: (x[k] ** 2).sum()), (0, 0))(*a),
        (M, np.array([[0, 2], [1, 1], [2, 0], [0, 0]]))),
    "matrix products": (
        lambda T, A, x: T.vmap(T.grad(lambda x: (A.matmul(x, x.T) ** 2).sum()))(x), B),
    "solve": (
        lambda T, A, x: T.vmap(T.grad(lambda x: A.linalg.solve(x, x[0]).sum()))(x),
        numbers(4, 3, 3) + 3 * np.eye(3)),
    "inverse and det": (
        lambda T, A, x: T.vmap(T.hessian(lambda x: A.linalg.det(x) + A.linalg.inv(x).sum()))(x),
        numbers(4, 3, 3) + 3 * np.eye(3)),
    "cholesky": (
        lambda T, A, x: T.vmap(
            T.grad(lambda x: A.log(A.linalg.cholesky(A.matmul(x, x.T))[0, 0])))(x),
        numbers(4, 3, 3) + 3 * np.eye(3)),
    "einsum": (
        lambda T, A, x: T.vmap(T.grad(lambda x: A.einsum("ij,kj->ik", x, x).sum()))(x), B),
    "powers": (lambda T, A, x: T.vmap(T.grad(lambda x: (A.abs(x) ** x).sum()))(x), M),
    "products": (lambda T, A, x: T.vmap(T.hessian(lambda x: A.prod(x)))(x), M),
    "stack and concatenate": (
        lambda T, A, x: T.vmap(T.jacrev(lambda x: A.stack([x, x * x]) + x[0]))(x), M),
    "tril": (lambda T, A, x: T.vmap(T.grad(lambda x: (A.tril(x) ** 2).sum()))(x), B),
    "stopped": (lambda T, A, x: T.grad(lambda x: (T.stop_gradient(x) * x).sum())(x), V),
    "stopped in a jvp": (
        lambda T, A, x: T.jvp(lambda x: T.stop_gradient(x) * x, (x,), (x,)), V),
    "stopped, twice": (
        lambda T, A, x: T.hessian(lambda x: (T.stop_gradient(x * x) * x * x).sum())(x), V),
    "stopped in vmap": (
        lambda T, A, x: T.vmap(T.grad(lambda x: (T.stop_gradient(x * x) * x).sum()))(x), M),
}  # fmt: skip

PROGRAMS = {**ORDERS, **NESTINGS, **CONFUSIONS, **CONTAINERS, **OPS}
