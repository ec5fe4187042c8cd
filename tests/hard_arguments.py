"""Elementwise functions as mpmath knows them, and arguments that are hard for floating point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp

__all__ = ["BENDS", "BINARY", "BY_OUTPUT", "PAIRED", "POINTS", "SLOW", "SQUARED", "UNARY"]

_SELU_ALPHA = mp.mpf("1.6732632423543772848170429916717")
_SELU_SCALE = mp.mpf("1.0507009873554804934193349852946")


def _gelu_tanh(x: Any) -> Any:
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf(0.044715) * x**3)))


def _logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(-abs(x))) + max(x, mp.mpf(0))


def _elu(x: Any, alpha: Any = 1) -> Any:
    return x if x > 0 else alpha * mp.expm1(x)


def _phi(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


UNARY: dict[str, Callable[[Any], Any]] = {
    "exp": mp.exp,
    "expm1": mp.expm1,
    "exp2": lambda x: mp.mpf(2) ** x,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": lambda x: mp.log(1 + x),
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": lambda x: mp.sign(x) * mp.asinh(abs(x)) if abs(x) > 1 else mp.asinh(x),
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "relu": lambda x: max(x, mp.mpf(0)),
    "relu6": lambda x: min(max(x, mp.mpf(0)), mp.mpf(6)),
    "leaky_relu": lambda x: x if x > 0 else x * 0.01,
    "elu": _elu,
    "selu": lambda x: _SELU_SCALE * _elu(x, _SELU_ALPHA),
    "celu": _elu,
    "hardtanh": lambda x: min(max(x, mp.mpf(-1)), mp.mpf(1)),
    "hardsigmoid": lambda x: min(max(x / 6 + 0.5, mp.mpf(0)), mp.mpf(1)),
    "hardswish": lambda x: x * min(max(x / 6 + 0.5, mp.mpf(0)), mp.mpf(1)),
    "softshrink": lambda x: x - min(max(x, mp.mpf(-0.5)), mp.mpf(0.5)),
    "hardshrink": lambda x: x if abs(x) > 0.5 else 0 * x,
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "abs": abs,
    "gaussian": lambda x: mp.exp(-x * x),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfinv": mp.erfinv,
    "ndtr": _phi,
    "ndtri": lambda x: mp.sqrt(2) * mp.erfinv(2 * x - 1),
    "log_ndtr": lambda x: mp.log1p(-_phi(-x)) if x > 0 else mp.log(_phi(x)),
    "entr": lambda x: -x * mp.log(x),
    "sigmoid": _logistic,
    "logit": lambda x: mp.log(x / (1 - x)),
    "logsigmoid": lambda x: -_softplus(-x),
    "softplus": lambda x: x if x > 20 else _softplus(x),
    "silu": lambda x: x * _logistic(x),
    "mish": lambda x: x * mp.tanh(_softplus(x)),
    "gelu": lambda x: x * _phi(x),
    "gelu_slope": lambda x: _phi(x) + x * mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "softsign": lambda x: x / (1 + abs(x)),
    "tanhshrink": lambda x: x - mp.tanh(x),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "deg2rad": mp.radians,
    "rad2deg": mp.degrees,
    "sinc": mp.sincpi,
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "digamma": mp.digamma,
    "gammaln": lambda x: mp.log(abs(mp.gamma(x))),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "float_power": lambda x, y: x**y,
    "hypot": mp.hypot,
    "atan2": mp.atan2,
    "xlogy": lambda x, y: x * mp.log(y),
    "xlog1py": lambda x, y: x * mp.log1p(y),
    "logaddexp": lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
    "logaddexp2": lambda x, y: max(x, y) + mp.log1p(mp.mpf(2) ** -abs(x - y)) / mp.log(2),
}
# All are exact in float32, so that one number of many digits serves both dtypes.
POINTS = (
    0.0, 2.0**-140, 2.0**-126, 2.0**-100, 2.0**-60, 2.0**-30, 2.0**-20, 2.0**-10, 0.0625, 0.25, 0.5,
    0.75, 1 - 2.0**-20, 1.0, 1 + 2.0**-10, 1.5, 2.0, 3.5, 5.0, 8.125, 12.0, 15.5, 17.0, 20.5, 30.0,
    60.0, 88.5, 100.0, 700.0, 2.0**14, 2.0**27, 2.0**60, 2.0**100,
)  # fmt: skip
PAIRED = (-(2.0**27), -30.0, -1.0, -0.5, 0.0, 2.0**-60, 0.25, 1.0, 1.5, 3.0, 30.0, 2.0**27)
# Where a function of this list bends or jumps, which test_singular_points and the samples cover.
BENDS: dict[str, tuple[float, ...]] = {
    "relu": (0,), "relu6": (0,), "leaky_relu": (0,), "elu": (0,), "selu": (0,), "celu": (0,),
    "abs": (0,), "softsign": (0,), "cbrt": (0,), "sqrt": (0,), "entr": (0,), "hardtanh": (1,),
    "softshrink": (0.5,), "hardshrink": (0.5,), "digamma": (0,), "gammaln": (0,),
}  # fmt: skip
# Their rules (or values) are 1 − out, 1 + erf and the like: small ones are right to units in the
# last place of 1, and not of themselves. PyTorch's and JAX's are the same.
BY_OUTPUT = {
    "expm1", "gelu", "gelu_slope", "logsigmoid", "mish", "sigmoid", "silu", "softplus", "tanh",
    "tanhshrink",
}  # fmt: skip
SQUARED = {"ndtri": 8, "erfinv": 8}  # exp(out²), where the rounding of out counts out² times
SLOW = ("digamma", "erfinv", "gammaln", "gelu", "gelu_slope", "i0", "i1", "ndtri")  # in mpmath
