"""Layers as functions of the parameters `p`, whose names begin with `name`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def linear(p: Any, name: str, x: Any) -> Any:
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def linear_shapes(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def convolution(p: Any, name: str, x: Any, stride: int = 1, padding: int = 0) -> Any:
    """(N, C, H, W); with a bias if there is one."""
    y = lax.conv_general_dilated(
        x, p[f"{name}.weight"], (stride, stride), [(padding, padding)] * 2,
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
    )  # fmt: skip
    bias = p.get(f"{name}.bias")
    return y if bias is None else y + bias[:, None, None]


def max_pool(x: Any) -> Any:
    """The largest of every 2x2."""
    window = (1, 1, 2, 2)
    return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")


def batch_norm(p: Any, buffers: Any, name: str, x: Any) -> Any:
    """In training; the statistics in `buffers` move a tenth of the way."""
    axes, count = (0, 2, 3), x.size // x.shape[1]
    mean = x.mean(axes)
    variance = x.var(axes)
    for kind, now in ("mean", mean), ("var", variance * count / (count - 1)):
        old = buffers[f"{name}.running_{kind}"]
        buffers[f"{name}.running_{kind}"] = old + 0.1 * (now - old)
    scale = p[f"{name}.weight"] * lax.rsqrt(variance + 1e-5)
    return x * scale[:, None, None] + (p[f"{name}.bias"] - mean * scale)[:, None, None]


def layer_norm(p: Any, name: str, x: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred * centred).mean(-1, keepdims=True)
    return centred * lax.rsqrt(variance + 1e-5) * p[f"{name}.weight"] + p[f"{name}.bias"]


def lstm_cell(p: Any, by_input: Any, state: Any, suffix: str = "") -> Any:
    """The next (h, c), from W·x + b of the input."""
    h, c = state
    gates = by_input + h @ p[f"weight_hh{suffix}"].T + p[f"bias_hh{suffix}"]
    i, f, g, o = jnp.split(gates, 4, axis=1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def cross_entropy(logits: Any, labels: Any) -> Any:
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
    return -picked.mean()
