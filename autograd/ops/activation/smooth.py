"""Activation functions without a kink, made of the sigmoid, of tanh and of the normal distribution.

Formulas and defaults are PyTorch's. None overflows, however large its input.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, draw, elementwise, op, sample
from autograd.kernels.activation import gelu as kernel
from autograd.kernels.activation import sigmoid as kin
from autograd.ops.elementwise.logistic import sigmoid
from autograd.ops.special import approximations
from autograd.ops.special.error_function import gaussian

_ANY = (-3.0, 3.0)
_HUGE = (1000.0, -1000.0, 1e30, -1e30)
_SMOOTH = elementwise(_ANY, kinks=_HUGE)


def softplus_of(x: Array) -> Array:
    return np.maximum(x, 0) + kin.soft_part(x)


@op(
    "log σ(x)",
    x=lambda g, x: g * sigmoid(-x),
    elementwise=True,
    real_only=True,
    samples=_SMOOTH,
    reference="scipy.special.log_expit",
)
def logsigmoid(x: Array, /) -> Array:
    """log(sigmoid(x)), elementwise, also where the sigmoid itself is 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.logsigmoid(ag.Tensor([-1000.0, 0.0])), 4)
    Tensor([-1.000e+03, -6.931e-01], dtype=float32)
    """
    return np.minimum(x, 0) - kin.soft_part(x)


log_sigmoid = logsigmoid


def _softplus_samples() -> Iterator[Sample]:
    yield from _SMOOTH()
    yield sample(draw(2, 3), beta=2.0, threshold=15.0)
    yield sample(np.array([19.0, 21.0, 500.0]), label="about the threshold")


@op(
    "log(1 + eˣ)",
    x=lambda g, x, beta, threshold: kin.softplus_pull(g, x, beta, threshold, sigmoid),
    elementwise=True,
    real_only=True,
    samples=_softplus_samples,
    reference=lambda x, beta=1.0, threshold=20.0: np.where(
        x * beta > threshold, x, np.logaddexp(0, beta * x) / beta
    ),
)
def softplus(x: Array, /, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """log(1 + exp(beta * x)) / beta, elementwise, and x itself where beta * x > threshold.

    Source: Dugas et al., Incorporating second-order functional knowledge for better option pricing
    (2000).

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.softplus(ag.Tensor([-1000.0, 0.0, 1000.0])), 4)
    Tensor([0.000e+00, 6.931e-01, 1.000e+03], dtype=float32)
    """
    return kin.softplus(x, beta, threshold)


@op(
    "x σ(x)",
    x=lambda g, x: kin.silu_pull(g, x, sigmoid),
    elementwise=True,
    real_only=True,
    samples=_SMOOTH,
    reference=lambda x: np.where(x < -700, 0.0, x / (1 + np.exp(-np.maximum(x, -700)))),
)
def silu(x: Array, /) -> Array:
    """x * sigmoid(x), elementwise, also named swish (Elfwing et al., 2017).

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.silu(ag.Tensor([-1000.0, 0.0, 2.0])), 4)
    Tensor([-0.    ,  0.    ,  1.7616], dtype=float32)
    """
    return kin.silu(x)


swish = silu


def d_mish_x(g: Array, x: Array) -> Array:
    t = np.tanh(softplus(x))
    return g * (t + x * sigmoid(x) * (1 - t * t))


@op(
    "x tanh(log(1 + eˣ))",
    x=d_mish_x,
    elementwise=True,
    real_only=True,
    samples=_SMOOTH,
    reference=lambda x: x * np.tanh(np.logaddexp(0, x)),
)
def mish(x: Array, /) -> Array:
    """x * tanh(softplus(x)), elementwise (Misra, 2019).

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.mish(ag.Tensor([-1000.0, 0.0, 2.0])), 4)
    Tensor([-0.   ,  0.   ,  1.944], dtype=float32)
    """
    return x * np.tanh(softplus_of(x))


_GELU_SCALE = math.sqrt(2 / math.pi)
_GELU_CUBIC = 0.044715
_DENSITY = 1 / math.sqrt(2 * math.pi)


def _twice_gelu_tanh(x: Array) -> Array:
    """Twice the argument y of gelu's tanh, as (1 + tanh y) / 2 = σ(2y), which keeps its digits.

    Beyond ±40, where it is 0 and 1, the cube is not needed.
    """
    x = np.clip(x, -40, 40)
    return 2 * _GELU_SCALE * (x + _GELU_CUBIC * (x * x * x))


def d_gelu_slope_x(g: Array, x: Array) -> Array:
    near = np.clip(x, -40, 40)  # beyond, the density is 0
    return g * (gaussian(near * math.sqrt(0.5)) * (2 - near * near) * (1 / math.sqrt(2 * math.pi)))


def _density_and_below(x: Array) -> Array:
    from scipy.special import ndtr as phi

    return phi(x) + x * np.exp(-(np.minimum(np.abs(x), 1e3) ** 2) / 2) / math.sqrt(2 * math.pi)


@op(
    "Φ(x) + x φ(x)",
    x=d_gelu_slope_x,
    elementwise=True,
    real_only=True,
    samples=_SMOOTH,
    reference=_density_and_below,
)
def _gelu_slope(x: Array, /) -> Array:
    """The derivative of gelu: the normal distribution function, and x times the density."""
    if x.dtype == np.float32:
        return kernel.gelu_slope(x)
    t = np.minimum(np.abs(x), 40)
    bent = t * np.exp(-0.5 * (t * t)) * _DENSITY - approximations.normal_tail(t)
    return np.where(x > 0, 1 + bent, -bent)[()]


def d_gelu_x(g: Array, x: Array, approximate: str) -> Array:
    if approximate == "none":
        return kernel.gelu_pull(g, x, _gelu_slope)
    y = _twice_gelu_tanh(x)
    s = sigmoid(y)
    near = np.clip(x, -40, 40)
    slope = 2 * _GELU_SCALE * (1 + 3 * _GELU_CUBIC * (near * near))
    return g * (s + near * (s * sigmoid(-y)) * slope)


def _gelu_samples() -> Iterator[Sample]:
    for approximate in ("none", "tanh"):
        for s in _SMOOTH():
            label = s.label if approximate == "none" else f"{s.label}-tanh"
            yield sample(*s.inputs, approximate=approximate, label=label, smooth=s.smooth)


def _gelu(x: Array, approximate: str = "none") -> Array:
    from scipy.special import ndtr as phi

    x3 = np.clip(x, -1e9, 1e9) ** 3
    half = 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x3)))
    return x * (phi(x) if approximate == "none" else half)


@op("x Φ(x)", x=d_gelu_x, elementwise=True, real_only=True, samples=_gelu_samples, reference=_gelu)
def gelu(x: Array, /, approximate: str = "none") -> Array:
    """x times the normal distribution function of x, elementwise (Hendrycks and Gimpel, 2016).

    `approximate="tanh"` is the paper's faster form, off by up to 5e-4.

    Any other `approximate` than "none" and "tanh" is an error.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.gelu(ag.Tensor([-1000.0, 0.0, 2.0])), 4)
    Tensor([-0.    ,  0.    ,  1.9545], dtype=float32)
    """
    if approximate == "none":
        if x.dtype == np.float32:
            return kernel.gelu(x)
        # 1 + erf would lose the digits of small Φ
        below = approximations.normal_tail(np.minimum(np.abs(x), 40))
        return x * np.where(x > 0, 1 - below, below)[()]
    if approximate == "tanh":
        return x * kin.sigmoid(_twice_gelu_tanh(x))
    raise ValueError(f"approximate must be 'none' or 'tanh', not {approximate!r}")


def d_softsign_x(g: Array, x: Array) -> Array:
    d = 1 + np.abs(x)
    return g / d / d


@op(
    "x / (1 + |x|)",
    x=d_softsign_x,
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, away_from=(0.0,), kinks=(0.0, *_HUGE)),
    reference=lambda x: x / (1 + np.abs(x)),
)
def softsign(x: Array, /) -> Array:
    """x / (1 + |x|), elementwise: between -1 and 1.

    Its derivative is 1 / (1 + |x|)², so 1 at 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.softsign(ag.Tensor([-1.0, 3.0]))
    Tensor([-0.5 ,  0.75], dtype=float32)
    """
    return x / (1.0 + np.abs(x))


@op(
    "x − tanh x",
    x=lambda g, x: g * np.tanh(x) ** 2,
    elementwise=True,
    samples=_SMOOTH,
    reference=lambda x: x - np.tanh(x),
)
def tanhshrink(x: Array, /) -> Array:
    """x - tanh(x), elementwise.

    Shape: any -> the same. Integers give floats.

    >>> import autograd as ag
    >>> ag.round(ag.tanhshrink(ag.Tensor([0.0, 2.0])), 4)
    Tensor([0.   , 1.036], dtype=float32)
    """
    return x - np.tanh(x)
