"""The networks of `networks.py`: the shapes of the parameters, and the function of them.

A network takes its parameters, its buffers - which it may replace in that dictionary - and images.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
from networks import RESNET_STAGES

from in_jax.layers import batch_norm, convolution, layer_norm, linear, linear_shapes, max_pool

relu = jax.nn.relu
Shapes = dict[str, tuple[int, ...]]
CLASSES = 10


def mlp(sizes: list[int], nonlinearity: Any) -> tuple[Shapes, Any]:
    names = [str(2 * number) for number in range(len(sizes) - 1)]
    shapes: Shapes = {}
    for name, (inputs, outputs) in zip(names, pairwise(sizes), strict=True):
        shapes |= linear_shapes(name, inputs, outputs)

    def forward(p: Any, buffers: Any, x: Any) -> Any:
        for name in names[:-1]:
            x = nonlinearity(linear(p, name, x))
        return linear(p, names[-1], x)

    return shapes, forward


def lenet(
    channels: tuple[int, int] = (6, 16), hidden: tuple[int, int] = (120, 84), size: int = 28
) -> tuple[Shapes, Any]:
    (few, many), (wide, narrow) = channels, hidden
    shapes = {
        "0.weight": (few, 1, 5, 5), "0.bias": (few,), "3.weight": (many, few, 5, 5),
        "3.bias": (many,), **linear_shapes("7", many * (size // 4 - 2) ** 2, wide),
        **linear_shapes("9", wide, narrow), **linear_shapes("11", narrow, CLASSES),
    }  # fmt: skip

    def forward(p: Any, buffers: Any, x: Any) -> Any:
        x = max_pool(relu(convolution(p, "0", x, padding=2)))
        x = max_pool(relu(convolution(p, "3", x)))
        x = relu(linear(p, "7", x.reshape(len(x), -1)))
        return linear(p, "11", relu(linear(p, "9", x)))

    return shapes, forward


def resnet20(stages: tuple[tuple[int, int], ...] = RESNET_STAGES) -> tuple[Shapes, Any]:
    shapes: Shapes = {}

    def both(name: str, inputs: int, outputs: int, size: int) -> None:
        """A convolution and its normalization."""
        shapes[f"{name}.0.weight"] = (outputs, inputs, size, size)
        for kind in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.1.{kind}"] = (outputs,)

    channels = stages[0][0]
    both("0", 3, channels, 3)
    blocks = []
    for outputs, first in stages:
        for stride in (first, 1, 1):
            name = str(2 + len(blocks))
            both(f"{name}.first", channels, outputs, 3)
            both(f"{name}.second", outputs, outputs, 3)
            if channels != outputs or stride != 1:
                both(f"{name}.beside", channels, outputs, 1)
            blocks.append((name, stride))
            channels = outputs
    head = str(2 + len(blocks) + 2)
    shapes |= linear_shapes(head, channels, CLASSES)

    def forward(p: Any, buffers: Any, x: Any) -> Any:
        def normed(name: str, x: Any, stride: int, padding: int) -> Any:
            y = convolution(p, f"{name}.0", x, stride, padding)
            return batch_norm(p, buffers, f"{name}.1", y)

        x = relu(normed("0", x, 1, 1))
        for name, stride in blocks:
            y = normed(f"{name}.second", relu(normed(f"{name}.first", x, stride, 1)), 1, 1)
            same = f"{name}.beside.0.weight" not in p
            x = relu(y + (x if same else normed(f"{name}.beside", x, stride, 0)))
        return linear(p, head, x.mean((2, 3)))

    return shapes, forward


def vgg(widths: tuple[int, int, int] = (64, 128, 256), size: int = 32) -> tuple[Shapes, Any]:
    shapes: Shapes = {}
    plan: list[str | None] = []  # the names of convolutions, and None for pooling
    channels, place = 3, 0
    for outputs in widths:
        for _ in range(2):
            shapes[f"{place}.weight"] = (outputs, channels, 3, 3)
            shapes[f"{place}.bias"] = (outputs,)
            plan.append(str(place))
            channels, place = outputs, place + 2
        plan.append(None)
        place += 1
    head = str(place + 1)
    shapes |= linear_shapes(head, channels * (size // 8) ** 2, CLASSES)

    def forward(p: Any, buffers: Any, x: Any) -> Any:
        for name in plan:
            x = max_pool(x) if name is None else relu(convolution(p, name, x, padding=1))
        return linear(p, head, x.reshape(len(x), -1))

    return shapes, forward


def block(width: int, heads: int) -> tuple[Shapes, Any]:
    shapes = {
        "ln1.weight": (width,), "ln1.bias": (width,), "ln2.weight": (width,), "ln2.bias": (width,),
        **linear_shapes("qkv", width, 3 * width), **linear_shapes("proj", width, width),
        **linear_shapes("up", width, 4 * width), **linear_shapes("down", 4 * width, width),
    }  # fmt: skip

    def forward(p: Any, buffers: Any, x: Any) -> Any:
        n, t, _ = x.shape
        parts = linear(p, "qkv", layer_norm(p, "ln1", x)).reshape(n, t, 3, heads, width // heads)
        q, k, v = (jnp.squeeze(part, 2) for part in jnp.split(parts, 3, axis=2))
        out = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(p, "proj", out.reshape(n, t, width))
        up = linear(p, "up", layer_norm(p, "ln2", x))
        return x + linear(p, "down", jax.nn.gelu(up, approximate=False))

    return shapes, forward
