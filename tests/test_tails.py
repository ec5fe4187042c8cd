"""Activations and their slopes keep their digits where they are nearly 0, as from -40 to 40.

What is nearly 0 is not the sum of 1 and of what is nearly -1. An error may be some units in the
last place: of the exact number, and of what one such unit of the input makes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.scipy.special import log_ndtr

mp = pytest.importorskip("mpmath")

ULPS = 8
POINTS = np.concatenate(
    [np.linspace(-40, 40, 41), np.linspace(-9, 9, 46) + 0.013, [-38.2, -13.6, -5.49, 37.5, 1e-6]]
)
TILES = 64  # of the points: enough that compiled kernels take them
A, S = mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")
CUBIC, ROOT = mp.mpf(0.044715), mp.sqrt(2 / mp.pi)


def sigma(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def phi(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def below(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def mish(x: Any) -> tuple[Any, ...]:
    s, t = sigma(x), mp.tanh(mp.log1p(mp.exp(x)))
    c = mp.sech(mp.log1p(mp.exp(x))) ** 2  # t' is c s
    return x * t, t + x * s * c, 2 * c * s + x * c * s * (sigma(-x) - 2 * t * s)


def gelu_tanh(x: Any) -> tuple[Any, ...]:
    y, d, dd = (
        2 * ROOT * (x + CUBIC * x**3),
        2 * ROOT * (1 + 3 * CUBIC * x * x),
        12 * ROOT * CUBIC * x,
    )
    s, c = sigma(y), sigma(y) * sigma(-y)
    return x * s, s + x * c * d, 2 * c * d + x * c * (dd + d * d * (1 - 2 * s))


def elu(scale: Any, alpha: Any, rate: Any = 1) -> Callable[[Any], tuple[Any, ...]]:
    def found(x: Any) -> tuple[Any, ...]:
        e = scale * alpha * mp.exp(x * rate)
        if x > 0:
            return scale * x, scale, mp.mpf(0)
        return scale * alpha * mp.expm1(x * rate), e * rate, e * rate * rate

    return found


def log_below(x: Any) -> tuple[Any, ...]:
    ratio = phi(x) / below(x)
    value = mp.log1p(-below(-x)) if x > 0 else mp.log(below(x))
    return value, ratio, ratio * x  # a unit of x changes both parts of the ratio so


# a function of Tensors; it, its slope, and the slope of that
TABLE: dict[str, tuple[Callable[[Any], Any], Callable[[Any], tuple[Any, ...]]]] = {
    "gelu": (ag.gelu, lambda x: (x * below(x), below(x) + x * phi(x), phi(x) * (2 - x * x))),
    "gelu tanh": (lambda x: ag.gelu(x, approximate="tanh"), gelu_tanh),
    "ndtr": (ag.ndtr, lambda x: (below(x), phi(x), -x * phi(x))),
    "log ndtr": (log_ndtr, log_below),
    "erfc": (
        ag.erfc,
        lambda x: tuple(
            2 / mp.sqrt(mp.pi) * part * mp.exp(-x * x) if k else mp.erfc(x)
            for k, part in enumerate((0, -1, 2 * x))
        ),
    ),
    "softplus": (
        lambda x: ag.softplus(x, threshold=100.0),
        lambda x: (mp.log1p(mp.exp(x)), sigma(x), sigma(x) * sigma(-x)),
    ),
    "logsigmoid": (
        ag.logsigmoid,
        lambda x: (-mp.log1p(mp.exp(-x)), sigma(-x), -sigma(x) * sigma(-x)),
    ),
    "silu": (
        ag.silu,
        lambda x: (
            x * sigma(x),
            sigma(x) * (1 + x * sigma(-x)),
            sigma(x) * sigma(-x) * (2 + x * (1 - 2 * sigma(x))),
        ),
    ),
    "mish": (ag.mish, mish),
    "elu": (ag.elu, elu(1, 1)),
    "selu": (ag.selu, elu(S, A)),
    "celu": (lambda x: ag.celu(x, alpha=0.5), elu(1, mp.mpf(1) / 2, 2)),
    "expm1": (ag.expm1, lambda x: (mp.expm1(x), mp.exp(x), mp.exp(x))),
    "logaddexp": (
        lambda x: ag.logaddexp(x, 0 * x.detach()),
        lambda x: (mp.log1p(mp.exp(x)), sigma(x), sigma(x) * sigma(-x)),
    ),
}


@pytest.mark.parametrize("tiles", [1, TILES], ids=["few", "many"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", TABLE)
def test_small_values_and_slopes_keep_their_digits(name: str, dtype: str, tiles: int) -> None:
    f, exact = TABLE[name]
    points = POINTS.astype(dtype)
    x = ag.Tensor(np.tile(points, tiles), requires_grad=True)
    y = f(x)
    (slope,) = ag.grad(y.sum(), x)
    eps, tiny = np.finfo(dtype).eps, float(np.finfo(dtype).tiny)
    with mp.workdps(60):
        for number, point in enumerate(points):
            x0 = mp.mpf(float(point))
            values = exact(x0)
            for found, value, change in zip((y, slope), values, values[1:], strict=False):
                size = abs(value) + abs(x0 * change)
                if abs(value) > 4 * tiny and size < np.finfo(dtype).max:
                    apart = abs(mp.mpf(float(found.numpy()[number])) - value)
                    assert apart <= ULPS * eps * size, (
                        float(point),
                        float(value),
                        float(apart / size),
                    )
