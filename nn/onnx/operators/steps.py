"""Steps of optimizers, as operators."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.extend import raw
from nn.onnx.budget import spread
from nn.onnx.table import Call, number, row

_DOMAIN = "ai.onnx.preview.training"


def _groups(given: tuple[Any, ...], kinds: int) -> list[tuple[Any, ...]]:
    count = len(given) // kinds
    found = [tuple(given[k * count + i] for k in range(kinds)) for i in range(count)]
    for group in found:
        spread(*group)
    return found


def _listed(found: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(v for column in zip(*found, strict=True) for v in column)


@row("Adagrad", since=1, domain=_DOMAIN)
def adagrad(call: Call, rate: Any, step: Any, *given: Any) -> Any:
    """A step with each number's rate divided by the root of its squares so far."""
    r = number(rate) / (1 + number(step) * call("decay_factor", 0.0))
    found = []
    for x, g, squares in _groups(given, 3):
        g = g + x * call("norm_coefficient", 0.0)
        squares = squares + g * g
        found.append((x - r * g / (ag.sqrt(squares) + call("epsilon", 1e-6)), squares))
    return _listed(found)


@row("Adam", since=1, domain=_DOMAIN)
def adam(call: Call, rate: Any, step: Any, *given: Any) -> Any:
    """A step along the mean gradient, divided by the root of the mean square."""
    a, b, t = call("alpha", 0.9), call("beta", 0.999), number(step)
    r = number(rate) * ((1 - b**t) ** 0.5 / (1 - a**t) if t > 0 else 1)
    found = []
    for x, g, mean, square in _groups(given, 4):
        g = g + x * call("norm_coefficient", 0.0)
        mean, square = mean * a + g * (1 - a), square * b + g * g * (1 - b)
        new = x - r * mean / (ag.sqrt(square) + call("epsilon", 1e-6))
        found.append((new * (1 - call("norm_coefficient_post", 0.0)), mean, square))
    return _listed(found)


@row("Momentum", since=1, domain=_DOMAIN)
def momentum(call: Call, rate: Any, step: Any, *given: Any) -> Any:
    """A step along the gradients so far, of which the older count less."""
    a, r = call("alpha"), number(rate)
    b = call("beta") if number(step) > 0 else 1.0
    found = []
    for x, g, v in _groups(given, 3):
        g = g + x * call("norm_coefficient")
        v = v * a + g * b
        found.append((x - r * (g + v * a if call("mode") == "nesterov" else v), v))
    return tuple(ag.astype(v, raw(given[0]).dtype) for v in _listed(found))
