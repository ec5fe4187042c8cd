"""Activations: elementwise functions, and those along an axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case, value

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al., equation 14


def elementwise(
    name: str,
    f: Callable[[Any, float], float],
    away_from: tuple[float, ...] = (0.0,),
    reach: float = 2.0,
    **options: Any,
) -> Case:
    """A row whose reference is a function of one number, and whose points keep from its kinks."""
    return case(
        name,
        inputs=lambda: [draw(4, 3, low=-reach, high=reach, away_from=away_from)],
        reference=lambda layer, x: np.vectorize(lambda v: f(layer, v), otypes=[float])(x),
        **options,
    )


def elu(v: float, alpha: float) -> float:
    return v if v > 0 else alpha * math.expm1(v)


def sigmoid(v: float) -> float:
    return 1 / (1 + math.exp(-v))


def softplus(v: float) -> float:
    return math.log(1 + math.exp(v))


def softmax(layer: Any, x: Any) -> Any:
    powers = np.exp(x)
    axis = -1 if layer.dim is None else layer.dim
    return powers / powers.sum(axis=axis, keepdims=True)


def prelu(layer: Any, x: Any) -> Any:
    weight = np.broadcast_to(value(layer.weight), (x.shape[1],))
    return np.stack(
        [np.where(x[:, c] > 0, x[:, c], weight[c] * x[:, c]) for c in range(x.shape[1])], axis=1
    )


def along(name: str, reference: Any, shape: tuple[int, ...], *args: Any, **options: Any) -> Case:
    return case(name, *args, inputs=lambda: [draw(*shape)], reference=reference, **options)


CASES = [
    elementwise("ReLU", lambda _, v: max(v, 0.0)),
    elementwise("ReLU", lambda _, v: max(v, 0.0), inplace=True, torch=lambda t: t.nn.ReLU()),
    elementwise("ReLU6", lambda _, v: min(max(v, 0.0), 6.0), (0.0, 6.0), 9.0),
    elementwise(
        "LeakyReLU", lambda la, v: v if v > 0 else la.negative_slope * v, negative_slope=0.2
    ),
    elementwise("ELU", lambda la, v: elu(v, la.alpha)),
    elementwise("ELU", lambda la, v: elu(v, la.alpha), alpha=0.7),
    elementwise("SELU", lambda _, v: SELU_SCALE * elu(v, SELU_ALPHA)),
    elementwise("CELU", lambda la, v: v if v > 0 else elu(v / la.alpha, la.alpha), alpha=0.5),
    along("PReLU", prelu, (4, 3)),
    along("PReLU", prelu, (2, 3, 2), 3, init=0.5),
    elementwise("RReLU", lambda la, v: v if v > 0 else v * (la.lower + la.upper) / 2, random=True),
    elementwise("Hardtanh", lambda _, v: min(max(v, -1.0), 1.0), (-1.0, 1.0)),
    elementwise(
        "Hardtanh", lambda _, v: min(max(v, -0.5), 1.5), (-0.5, 1.5), min_val=-0.5, max_val=1.5
    ),
    # PyTorch multiplies its gradient by a 1/6 that is rounded to single precision
    elementwise(
        "Hardsigmoid", lambda _, v: min(max(v / 6 + 0.5, 0.0), 1.0), (-3.0, 3.0), 5.0, torch=None
    ),
    elementwise("Hardswish", lambda _, v: v * min(max(v + 3, 0.0), 6.0) / 6, (-3.0, 3.0), 5.0),
    elementwise("Hardshrink", lambda la, v: v if abs(v) > la.lambd else 0.0, (-0.5, 0.5)),
    elementwise(
        "Softshrink", lambda la, v: math.copysign(max(abs(v) - 0.8, 0), v), (-0.8, 0.8), lambd=0.8
    ),
    elementwise(
        "Threshold", lambda la, v: v if v > 0.1 else 20.0, (0.1,), threshold=0.1, value=20.0
    ),
    elementwise("Step", lambda _, v: 1.0 if v > 0 else 0.0, torch=None),
    elementwise("Tanh", lambda _, v: math.tanh(v)),
    elementwise("Sigmoid", lambda _, v: sigmoid(v)),
    elementwise("LogSigmoid", lambda _, v: math.log(sigmoid(v))),
    elementwise("Softplus", lambda _, v: softplus(v)),
    elementwise(
        "Softplus", lambda la, v: v if 2 * v > 1.5 else softplus(2 * v) / 2, (0.75,),
        beta=2.0, threshold=1.5,
    ),
    elementwise("Softsign", lambda _, v: v / (1 + abs(v))),
    elementwise("Tanhshrink", lambda _, v: v - math.tanh(v)),
    elementwise("SiLU", lambda _, v: v * sigmoid(v)),
    elementwise("Mish", lambda _, v: v * math.tanh(softplus(v))),
    elementwise("GELU", lambda _, v: v * (1 + math.erf(v / math.sqrt(2))) / 2),
    elementwise(
        "GELU",
        lambda _, v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))),
        approximate="tanh",
    ),
    along("Softmax", softmax, (4, 3), torch=lambda t: t.nn.Softmax(dim=1)),
    along("Softmax", softmax, (2, 3, 2), dim=1),
    along("LogSoftmax", lambda la, x: np.log(softmax(la, x)), (4, 3), dim=1),
    along("Softmin", lambda la, x: softmax(la, -x), (4, 3), dim=-1),
    along("Softmax2d", lambda _, x: np.exp(x) / np.exp(x).sum(1, keepdims=True), (2, 3, 2, 2)),
    along("GLU", lambda _, x: x[:, :2] / (1 + np.exp(-x[:, 2:])), (3, 4)),
    along("GLU", lambda _, x: x[:, :1] / (1 + np.exp(-x[:, 1:])), (3, 2, 2), dim=1),
    along(
        "Maxout",
        lambda _, x: np.maximum(np.maximum(x[:, ::3], x[:, 1::3]), x[:, 2::3]),
        (4, 6),
        3,
        torch=None,
    ),
]  # fmt: skip
