"""Functions of functions in JAX: in one `jax.jit` each, and op by op where JAX_EAGER is set."""

from __future__ import annotations

import os
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from data import images, initial, normal
from library import Step


def run(f: Any, *args: Any) -> Step:
    made = f if os.environ.get("JAX_EAGER") else jax.jit(f)
    args = jax.tree.map(jnp.asarray, args)
    return lambda: jax.block_until_ready(made(*args))


def perceptron(sizes: list[int]) -> tuple[list[Any], Any]:
    parameters = [
        jnp.asarray(initial(f"{'bias' if k else 'weight'}{i}", (sizes[i + 1], sizes[i])[: 2 - k]))
        for i in range(len(sizes) - 1)
        for k in (0, 1)
    ]

    def forward(parameters: Any, x: Any) -> Any:
        for i in range(0, len(parameters), 2):
            x = x @ parameters[i].T + parameters[i + 1]
            x = jnp.tanh(x) if i + 2 < len(parameters) else x
        return x

    return parameters, forward


def jacobian(sizes: list[int]) -> Step:
    parameters, forward = perceptron(sizes)
    return run(jax.jacrev(lambda x: forward(parameters, x)), normal(sizes[0]))


def per_example(sizes: list[int], batch: int) -> Step:
    parameters, forward = perceptron(sizes)
    x, labels = images((batch, sizes[0]), sizes[-1])

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        return ((forward(parameters, x) - y) ** 2).mean()

    each = run(jax.vmap(jax.grad(loss), (None, 0, 0)), parameters, x,
               np.eye(sizes[-1], dtype=np.float32)[labels])  # fmt: skip
    return lambda: tuple(each())


def hessian(sizes: list[int], batch: int) -> Step:
    parameters, forward = perceptron(sizes)
    shapes = [p.shape for p in parameters]
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)]).tolist()
    x, y = normal(batch, sizes[0]), normal(batch, sizes[-1])

    def loss(vector: Any) -> Any:
        cut = [vector[a:b].reshape(s) for a, b, s in zip(ends, ends[1:], shapes, strict=False)]
        return ((forward(cut, x) - y) ** 2).mean()

    return run(jax.hessian(loss), jnp.concatenate([p.reshape(-1) for p in parameters]))
