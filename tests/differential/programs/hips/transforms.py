"""The differential operators of all kinds: jacobians, products, elementwise, nested, complex."""

import autograd.numpy as np
from autograd import (
    checkpoint,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    tensor_jacobian_product,
    value_and_grad,
)


def tanh(x):
    return (1.0 - np.exp((-2 * x))) / (1.0 + np.exp(-(2 * x)))


x = np.linspace(-2, 2, 7)
derivatives = [tanh(x)]
f = tanh
for _ in range(4):
    f = elementwise_grad(f)
    derivatives.append(f(x))


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def fun(x):
    return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2 * x[0]])


at = np.array([0.7, -1.3])
v = np.array([0.5, 2.0])
vjp, value = make_vjp(fun)(at)
out, pushed = make_jvp(fun)(at)(v)


def fixed(x, n):
    y = x
    for _ in range(n):
        y = np.where(y > 0, y, -0.5 * y) + np.maximum(y, 0.1)
    return np.sum(y[::2] * np.cumsum(y)[::2])


z = 0.3 + 0.8j
results = {
    "derivatives": derivatives,
    "rosenbrock": grad(rosenbrock)(at),
    "hessian": hessian(rosenbrock)(at),
    "jacobian": jacobian(fun)(at),
    "vjp": vjp(np.ones(3)),
    "value": value,
    "jvp": [out, pushed],
    "hvp": make_hvp(rosenbrock)(at)[0](v),
    "hvp2": hessian_vector_product(rosenbrock)(at, v),
    "ggnvp": make_ggnvp(fun)(at)(v),
    "tjp": tensor_jacobian_product(fun)(at, np.ones(3)),
    "aux": list(grad_and_aux(lambda x: (np.sum(x**3), x[0]))(at)),
    "checkpoint": grad(checkpoint(lambda x: np.sum(np.sin(x) * x)))(at),
    "holomorphic": holomorphic_grad(lambda z: z**2 + np.exp(z))(z),
    "real": grad(lambda x: np.real(np.exp(1j * x)) * x)(0.4),
    "complex": grad(lambda z: np.abs(z) ** 2 + np.real(z))(z),
    "fft": grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(x),
    "third": grad(grad(grad(lambda x: x**4 * np.log(x))))(1.7),
    "inner": grad(lambda x: x * grad(lambda y: x * y**2)(x))(2.0),
    "loop": grad(fixed)(x, 3),
    "pair": grad(lambda a, b: np.sum(a * b), (0, 1))(at, v),
    "both": value_and_grad(lambda p: p["a"] ** 2 + p["b"][0])({"a": 3.0, "b": (2.0, 1.0)}),
    "float": grad(lambda x: x**2)(3.0),
    "einsum": grad(lambda A: np.einsum("ij,jk,ik->", A, A.T, A @ A.T))(np.outer(at, v)),
    "kron": jacobian(lambda a: np.kron(a, v))(at),
}
