"""Linear layers, and layers that only rearrange."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import case, identity, value


def linear(layer: Any, x: Any) -> Any:
    found = np.einsum("...i,oi->...o", x, value(layer.weight))
    return found if layer.bias is None else found + value(layer.bias)


def bilinear(layer: Any, x: Any, y: Any) -> Any:
    found = np.einsum("...i,oij,...j->...o", x, value(layer.weight), y)
    return found if layer.bias is None else found + value(layer.bias)


def unflatten(layer: Any, x: Any) -> Any:
    outer, inner = (3, 2) if layer.dim == 1 else (2, 3)
    return np.stack([x[:, i * inner : (i + 1) * inner] for i in range(outer)], axis=1)


CASES = [
    case("Linear", 3, 2, inputs=lambda: [draw(4, 3)], reference=linear),
    case("Linear", 3, 2, bias=False, inputs=lambda: [draw(4, 3)], reference=linear),
    case("Linear", 3, 2, inputs=lambda: [draw(2, 2, 3)], reference=linear, label="Linear in 3-D"),
    case(
        "Bilinear",
        2, 3, 4,
        inputs=lambda: [draw(5, 2), draw(5, 3, seed="second")],
        reference=bilinear,
    ),
    case(
        "Bilinear",
        2, 3, 4, bias=False,
        inputs=lambda: [draw(2, 2, 2), draw(2, 2, 3, seed="second")],
        reference=bilinear,
    ),
    case("Unflatten", 1, (3, 2), inputs=lambda: [draw(4, 6)], reference=unflatten),
    case("Unflatten", -2, (2, -1), inputs=lambda: [draw(2, 6, 2)], reference=unflatten),
    case(
        "ChannelShuffle", 2, inputs=lambda: [draw(2, 6, 3)],
        reference=lambda _, x: x[:, [0, 3, 1, 4, 2, 5]],
    ),
    case("Identity", 54, key=1, inputs=lambda: [draw(4, 3)], reference=identity),
    case(
        "Flatten",
        inputs=lambda: [draw(2, 3, 2)],
        reference=lambda layer, x: (
            np.stack([np.concatenate(list(row)) for row in x]) if len(x) else np.zeros((0, 6))
        ),
    ),
]  # fmt: skip
