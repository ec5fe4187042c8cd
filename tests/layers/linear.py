"""Linear layers, and layers that only rearrange."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples import draw
from tests.layers.case import case, identity, value


def linear(layer: Any, x: Any) -> Any:
    found = np.einsum("...i,oi->...o", x, value(layer.weight))
    return found if layer.bias is None else found + value(layer.bias)


CASES = [
    case("Linear", 3, 2, inputs=lambda: [draw(4, 3)], reference=linear),
    case("Linear", 3, 2, bias=False, inputs=lambda: [draw(4, 3)], reference=linear),
    case("Linear", 3, 2, inputs=lambda: [draw(2, 2, 3)], reference=linear, label="Linear in 3-D"),
    case("Identity", 54, key=1, inputs=lambda: [draw(4, 3)], reference=identity),
    case(
        "Flatten",
        inputs=lambda: [draw(2, 3, 2)],
        reference=lambda layer, x: (
            np.stack([np.concatenate(list(row)) for row in x]) if len(x) else np.zeros((0, 6))
        ),
    ),
]
