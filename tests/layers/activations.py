"""Activations: elementwise functions, and softmax."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.samples import draw
from tests.layers.case import case


def points() -> list[Any]:
    """Away from the kinks of all activations."""
    return [draw(4, 3, away_from=(0.0,))]


def each(f: Any) -> Any:
    """A function of one number, applied to all."""
    return lambda layer, x: np.vectorize(lambda v: f(layer, v), otypes=[float])(x)


def softmax(layer: Any, x: Any) -> Any:
    powers = np.exp(x)
    return powers / powers.sum(axis=layer.dim, keepdims=True)


CASES = [
    case("ReLU", inputs=points, reference=each(lambda _, v: max(v, 0.0))),
    case(
        "LeakyReLU",
        negative_slope=0.2,
        inputs=points,
        reference=each(lambda layer, v: v if v > 0 else layer.negative_slope * v),
    ),
    case("Tanh", inputs=points, reference=each(lambda _, v: math.tanh(v))),
    case("Sigmoid", inputs=points, reference=each(lambda _, v: 1 / (1 + math.exp(-v)))),
    case(
        "GELU",
        inputs=points,
        reference=each(lambda _, v: v * (1 + math.erf(v / math.sqrt(2))) / 2),
    ),
    case(
        "GELU",
        approximate="tanh",
        inputs=points,
        reference=each(
            lambda _, v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))
        ),
    ),
    case("Softmax", dim=-1, inputs=points, reference=softmax),
    case("LogSoftmax", dim=1, inputs=points, reference=lambda la, x: np.log(softmax(la, x))),
]
