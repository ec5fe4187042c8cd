"""Steps of training: value and gradients, and the optimizer, in one compiled function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from data import images, initial, normal

from in_jax import networks
from in_jax.layers import cross_entropy, lstm_cell

Step = Callable[[], Any]
Arrays = dict[str, Any]


def update_by_adam(p: Arrays, g: Arrays, state: Any, rate: float = 1e-3) -> tuple[Arrays, Any]:
    """Adam (Kingma and Ba, 2015); the state is (steps, first moments, second moments)."""
    steps, m, v = state
    steps = steps + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    first, second = 1 - 0.9**steps, 1 - 0.999**steps

    def moved(p: Any, m: Any, v: Any) -> Any:
        return p - rate / first * m / (jnp.sqrt(v / second) + 1e-8)

    return jax.tree.map(moved, p, m, v), (steps, m, v)


def update_by_momentum(p: Arrays, g: Arrays, velocity: Any) -> tuple[Arrays, Any]:
    """SGD of rate 0.01 with momentum 0.9."""
    velocity = jax.tree.map(lambda velocity, g: 0.9 * velocity + g, velocity, g)
    return jax.tree.map(lambda p, v: p - 0.01 * v, p, velocity), velocity


def update_plainly(p: Arrays, g: Arrays, state: Any) -> tuple[Arrays, Any]:
    """SGD of rate 0.01."""
    return jax.tree.map(lambda p, g: p - 0.01 * g, p, g), state


def zeros(p: Arrays) -> Arrays:
    return jax.tree.map(jnp.zeros_like, p)


FIRST_STATE: dict[Any, Callable[[Arrays], Any]] = {
    update_by_adam: lambda p: (jnp.float32(0), zeros(p), zeros(p)),
    update_by_momentum: zeros,
    update_plainly: lambda p: None,
}


def training(shapes: networks.Shapes, loss: Any, update: Any, *data: Any) -> Step:
    """A step for `loss(parameters, buffers, *data)`, which may replace what is in `buffers`."""
    start = {name: jnp.array(initial(name, shape)) for name, shape in shapes.items()}
    buffers = {name: value for name, value in start.items() if "running" in name}
    p = {name: value for name, value in start.items() if name not in buffers}
    data = jax.tree.map(jnp.asarray, data)

    def with_buffers(p: Arrays, buffers: Arrays, *data: Any) -> tuple[Any, Arrays]:
        buffers = dict(buffers)
        return loss(p, buffers, *data), buffers

    def whole(p: Arrays, state: Any, buffers: Arrays, *data: Any) -> Any:
        to_differentiate = jax.value_and_grad(with_buffers, has_aux=True)
        (value, buffers), gradients = to_differentiate(p, buffers, *data)
        return *update(p, gradients, state), buffers, value

    compiled = jax.jit(whole, donate_argnums=(0, 1, 2))
    kept = [p, FIRST_STATE[update](p), buffers]

    def step() -> Any:
        *kept[:], value = jax.block_until_ready(compiled(*kept, *data))
        return value

    return step


def classification(network: tuple[networks.Shapes, Any], update: Any, *data: Any) -> Step:
    shapes, forward = network

    def loss(p: Arrays, buffers: Arrays, x: Any, labels: Any) -> Any:
        return cross_entropy(forward(p, buffers, x), labels)

    return training(shapes, loss, update, *data)


def inference(sizes: list[int]) -> Step:
    shapes, forward = networks.mlp(sizes, jax.nn.relu)
    p = {name: jnp.array(initial(name, shape)) for name, shape in shapes.items()}
    x, compiled = jnp.asarray(images((1, sizes[0]))[0]), jax.jit(forward)
    return lambda: jax.block_until_ready(compiled(p, {}, x))


def mlp(sizes: list[int], batch: int) -> Step:
    data = images((batch, sizes[0]), sizes[-1])
    return classification(networks.mlp(sizes, jax.nn.relu), update_by_adam, *data)


def convolutional(name: str, shape: tuple[int, ...], sizes: dict[str, Any]) -> Step:
    network = getattr(networks, name)(**sizes)
    return classification(network, update_by_momentum, *images(shape))


def transformer(batch: int, length: int, width: int, heads: int) -> Step:
    shapes, forward = networks.block(width, heads)

    def loss(p: Arrays, buffers: Arrays, x: Any) -> Any:
        return (forward(p, buffers, x) ** 2).mean()

    return training(shapes, loss, update_by_adam, normal(batch, length, width))


def lstm_loop(length: int, batch: int, inputs: int, hidden: int, suffix: str = "") -> Step:
    """By `lax.scan`."""
    shapes = {
        f"weight_ih{suffix}": (4 * hidden, inputs), f"weight_hh{suffix}": (4 * hidden, hidden),
        f"bias_ih{suffix}": (4 * hidden,), f"bias_hh{suffix}": (4 * hidden,),
    }  # fmt: skip

    def loss(p: Arrays, buffers: Arrays, x: Any, zeros: Any) -> Any:
        by_input = x @ p[f"weight_ih{suffix}"].T + p[f"bias_ih{suffix}"]
        (h, _), _ = jax.lax.scan(
            lambda state, row: (lstm_cell(p, row, state, suffix), None), (zeros, zeros), by_input
        )
        return (h * h).mean()

    data = normal(length, batch, inputs), 0 * normal(batch, hidden)
    return training(shapes, loss, update_plainly, *data)


def lstm(length: int, batch: int, inputs: int, hidden: int) -> Step:
    """The same, with the names that nn.LSTM gives to its parameters."""
    return lstm_loop(length, batch, inputs, hidden, "_l0")


def hessian_vector(sizes: list[int], batch: int) -> Step:
    """Forward over reverse."""
    shapes, forward = networks.mlp(sizes, jnp.tanh)
    p = {name: jnp.array(initial(name, shape)) for name, shape in shapes.items()}
    vector = {name: jnp.asarray(normal(*shape, seed=1)) for name, shape in shapes.items()}
    x, labels = map(jnp.asarray, images((batch, sizes[0]), sizes[-1]))

    @jax.jit
    def product(p: Arrays, vector: Arrays, x: Any, labels: Any) -> Any:
        loss = jax.value_and_grad(lambda p: cross_entropy(forward(p, {}, x), labels))
        (value, _), (_, along) = jax.jvp(loss, (p,), (vector,))
        return value, along

    return lambda: jax.block_until_ready(product(p, vector, x, labels))[0]


def adam(count: int, size: int) -> Step:
    p = {str(seed): jnp.array(normal(size, size, seed=seed)) for seed in range(count)}
    gradient = jnp.asarray(normal(size, size, seed=count))
    g = dict.fromkeys(p, gradient)
    compiled = jax.jit(update_by_adam, donate_argnums=(0, 2))
    kept = [p, FIRST_STATE[update_by_adam](p)]

    def step() -> None:
        kept[:] = jax.block_until_ready(compiled(kept[0], g, kept[1]))

    return step
