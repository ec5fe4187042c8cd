"""Chains of operations by `lax.scan`, and elementwise arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from data import LINE, chain_values, normal


def value_and_gradients(f: Callable[..., Any], arguments: list[Any]) -> Callable[[], Any]:
    """A step that finds f and all its gradients."""
    step = jax.jit(jax.value_and_grad(f, tuple(range(len(arguments)))))
    return lambda: jax.block_until_ready(step(*arguments))[0]


def chain(shape: tuple[int, ...], ranges: Any, steps: int) -> Callable[[], Any]:
    def total(x: Any, a: Any, b: Any) -> Any:
        y, _ = jax.lax.scan(lambda y, _: (jnp.tanh(y * a + b), None), x, length=steps)
        return y.sum()

    return value_and_gradients(total, [jnp.asarray(v) for v in chain_values(shape, ranges)])


def additions(count: int) -> Callable[[], Any]:
    def total(x: Any) -> Any:
        y, _ = jax.lax.scan(lambda y, _: (y + x, None), x, length=count)
        return y

    return value_and_gradients(total, [jnp.float32(1)])


def elementwise(count: int) -> Callable[[], Any]:
    def mean(x: Any, a: Any, b: Any) -> Any:
        return (jnp.tanh(a * x + b) * jax.nn.sigmoid(x) + jnp.exp(-(x * x))).mean()

    return value_and_gradients(mean, [jnp.asarray(value) for value in (normal(count), *LINE)])
