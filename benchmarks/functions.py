"""Functions of functions: Jacobians, Hessians, and the gradient of each example by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import images, initial, normal
from library import Step


def perceptron(library: Any, sizes: list[int]) -> tuple[list[Any], Any]:
    """The parameters of a tanh MLP, and the function of these and of its input."""
    parameters = [
        library.constant(
            initial(f"{'bias' if k else 'weight'}{i}", (sizes[i + 1], sizes[i])[: 2 - k])
        )
        for i in range(len(sizes) - 1)
        for k in (0, 1)
    ]

    def forward(parameters: Any, x: Any) -> Any:
        for i in range(0, len(parameters), 2):
            x = x @ parameters[i].T + parameters[i + 1]
            x = library.tanh(x) if i + 2 < len(parameters) else x
        return x

    return parameters, forward


def jacobian(library: Any, sizes: list[int]) -> Step:
    """The Jacobian of a tanh MLP by its input, a vector."""
    parameters, forward = perceptron(library, sizes)
    x = library.constant(normal(sizes[0]))
    whole = library.func.jacobian(lambda x: forward(parameters, x))
    return lambda: whole(x)


def per_example(library: Any, sizes: list[int], batch: int) -> Step:
    """The gradient of the loss of each example by itself: vmap of grad."""
    parameters, forward = perceptron(library, sizes)
    x, labels = images((batch, sizes[0]), sizes[-1])
    x, target = library.constant(x), library.constant(np.eye(sizes[-1], dtype=np.float32)[labels])

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        return ((forward(parameters, x) - y) ** 2).mean()

    each = library.func.vmap(library.func.grad(loss), (None, 0, 0))
    return lambda: tuple(each(parameters, x, target))


def loss_of_vector(library: Any, sizes: list[int], batch: int) -> tuple[Any, Any]:
    """All parameters as one vector, and the loss as a function of it."""
    parameters, forward = perceptron(library, sizes)
    shapes = [p.shape for p in parameters]
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)]).tolist()
    x, y = library.constant(normal(batch, sizes[0])), library.constant(normal(batch, sizes[-1]))

    def loss(vector: Any) -> Any:
        cut = [vector[a:b].reshape(s) for a, b, s in zip(ends, ends[1:], shapes, strict=False)]
        return ((forward(cut, x) - y) ** 2).mean()

    flat = [np.asarray(library.numpy(p)).reshape(-1) for p in parameters]
    return library.constant(np.concatenate(flat)), loss


def hessian(library: Any, sizes: list[int], batch: int) -> Step:
    """The whole Hessian of the loss of a tanh MLP: a batch of products, forward over reverse."""
    vector, loss = loss_of_vector(library, sizes, batch)
    whole = library.func.hessian(loss)
    return lambda: whole(vector)


def hessian_by_loop(library: Any, sizes: list[int], batch: int) -> Step:
    """The same, a product for each column."""
    vector, loss = loss_of_vector(library, sizes, batch)
    units = [library.constant(row) for row in np.eye(len(vector), dtype=np.float32)]

    def step() -> Any:
        rows = [library.func.hvp(loss, vector, unit) for unit in units]
        return library.ops.stack(rows)

    return step
