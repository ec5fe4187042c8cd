"""Functions of one Tensor, elementwise; where PyTorch does so, of whole numbers as floating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.errors import DTypeError
from autograd.extend import raw
from nn.torch.functions.calling import filled, named
from nn.torch.promotion import cast, floating


def _floats(op: Callable[[Any], Any], name: str = "") -> Any:
    """Of an op that has floating results alone: whole numbers go in as the default dtype."""

    def call(input: Any, *, out: Any = None) -> Any:
        value = op(input if raw(input).dtype.kind in "fc" else floating(input))
        return value if out is None else filled(out, value)

    return named(call, name or op.__name__, op.__doc__ or "")


def _keeps(op: Callable[[Any], Any], name: str = "") -> Any:
    """Of an op that leaves whole numbers what they are."""

    def call(input: Any, *, out: Any = None) -> Any:
        value = op(input)
        return value if out is None else filled(out, value)

    return named(call, name or op.__name__, op.__doc__ or "")


def _rounds(op: Callable[[Any], Any]) -> Any:
    """Of an op that rounds, for which whole numbers are round."""
    return _keeps(lambda x: op(x) if raw(x).dtype.kind in "fc" else autograd.copy(x), op.__name__)


exp, exp2, expm1 = map(_floats, (autograd.exp, autograd.exp2, autograd.expm1))
log, log2, log10, log1p = map(
    _floats, (autograd.log, autograd.log2, autograd.log10, autograd.log1p)
)
sin, cos, tan = map(_floats, (autograd.sin, autograd.cos, autograd.tan))
sinh, cosh, tanh = map(_floats, (autograd.sinh, autograd.cosh, autograd.tanh))
asin = _floats(autograd.asin, "asin")
acos = _floats(autograd.acos, "acos")
atan = _floats(autograd.atan, "atan")
asinh = _floats(autograd.asinh, "asinh")
acosh = _floats(autograd.acosh, "acosh")
atanh = _floats(autograd.atanh, "atanh")
arcsin, arccos, arctan = asin, acos, atan
arcsinh, arccosh, arctanh = asinh, acosh, atanh
sqrt = _floats(autograd.sqrt)
rsqrt = _floats(lambda x: 1 / autograd.sqrt(x), "rsqrt")
reciprocal = _floats(autograd.reciprocal)
sigmoid = _floats(autograd.sigmoid)
erf, erfc, erfinv = map(_floats, (autograd.erf, autograd.erfc, autograd.erfinv))
lgamma = _floats(autograd.lgamma, "lgamma")
i0 = _floats(autograd.i0)
sinc = _floats(autograd.sinc)
deg2rad = _floats(autograd.deg2rad, "deg2rad")
rad2deg = _floats(autograd.rad2deg, "rad2deg")

abs = absolute = _keeps(autograd.abs, "abs")
neg = negative = _keeps(autograd.negative, "neg")
conj = conj_physical = _keeps(lambda x: autograd.conj(x) if raw(x).dtype.kind == "c" else x, "conj")
resolve_conj = _keeps(lambda x: x, "resolve_conj")
resolve_neg = _keeps(lambda x: x, "resolve_neg")
real = _keeps(lambda x: autograd.real(x) if raw(x).dtype.kind == "c" else x, "real")
floor, ceil, trunc = map(_rounds, (autograd.floor, autograd.ceil, autograd.trunc))
fix = trunc
isnan, isinf, isfinite = map(_keeps, (autograd.isnan, autograd.isinf, autograd.isfinite))
isposinf, isneginf = map(_keeps, (autograd.isposinf, autograd.isneginf))
signbit = _keeps(autograd.signbit)
logical_not = _keeps(autograd.logical_not)
bitwise_not = _keeps(autograd.bitwise_not, "bitwise_not")


def square(input: Any, *, out: Any = None) -> Any:
    """x · x."""
    return filled(out, autograd.square(_counted(input)))


def _counted(x: Any) -> Any:
    """Booleans as int64, any other as they are."""
    return cast(x, np.dtype(np.int64)) if raw(x).dtype.kind == "b" else x


def sign(input: Any, *, out: Any = None) -> Any:
    """−1, 0 or 1; 0 of NaN."""
    x = raw(input)
    if x.dtype.kind == "c":
        raise DTypeError("sign: complex numbers have none; use torch.sgn")
    if x.dtype.kind == "b":
        return filled(out, autograd.copy(input))
    found = autograd.sign(input)
    return filled(out, autograd.nan_to_num(found) if x.dtype.kind == "f" else found)


def imag(input: Any) -> Any:
    """The imaginary part of a complex Tensor."""
    if raw(input).dtype.kind != "c":
        raise DTypeError(f"imag: a Tensor of {input.dtype} has no imaginary part")
    return autograd.imag(input)


def angle(input: Any, *, out: Any = None) -> Any:
    """The angle of complex numbers, in radians."""
    return filled(out, autograd.angle(floating(input)))


def sgn(input: Any, *, out: Any = None) -> Any:
    """The sign, or of complex numbers what has their angle and length 1."""
    if raw(input).dtype.kind != "c":
        return sign(input, out=out)
    size = autograd.abs(input)
    is_zero = autograd.equal(size, 0)
    unit = autograd.where(is_zero, 0, input / autograd.where(is_zero, 1, size))
    return filled(out, unit)


def isreal(input: Any) -> Any:
    """Whether numbers have no imaginary part."""
    if raw(input).dtype.kind == "c":
        return autograd.equal(autograd.imag(input), 0)
    return autograd.logical_or(autograd.equal(input, input), True)


def positive(input: Any) -> Any:
    """The Tensor itself; booleans have no sign."""
    if raw(input).dtype.kind == "b":
        raise DTypeError("positive: booleans have no sign; use logical_not")
    return input


def frac(input: Any, *, out: Any = None) -> Any:
    """What follows the point: x − trunc(x)."""
    return filled(out, input - autograd.trunc(input))


def round(input: Any, *, decimals: int = 0, out: Any = None) -> Any:
    """Rounded to `decimals` places, halves to the even number."""
    if raw(input).dtype.kind not in "fc":
        return filled(out, autograd.copy(input))
    return filled(out, autograd.round(input, decimals))


def logit(input: Any, eps: Any = None, *, out: Any = None) -> Any:
    """log(x / (1 − x)), of x kept at least `eps` away from 0 and 1."""
    x = floating(input)
    return filled(out, autograd.logit(x if eps is None else autograd.clip(x, eps, 1 - eps)))


def nan_to_num(
    input: Any, nan: Any = None, posinf: Any = None, neginf: Any = None, *, out: Any = None
) -> Any:
    """With other numbers for NaN (0) and the infinities (the largest numbers)."""
    if raw(input).dtype.kind not in "fc":
        return filled(out, autograd.copy(input))
    return filled(out, autograd.nan_to_num(input, nan=nan or 0.0, posinf=posinf, neginf=neginf))


def polygamma(n: int, input: Any, *, out: Any = None) -> Any:
    """The nth derivative of digamma."""
    return filled(out, autograd.polygamma(n, floating(input)))


def mvlgamma(input: Any, p: int, *, out: Any = None) -> Any:
    """The logarithm of the multivariate gamma function of dimension p."""
    x = floating(input)
    value: Any = p * (p - 1) / 4 * float(np.log(np.pi))
    for i in range(p):
        value = value + autograd.lgamma(x - i / 2)
    return filled(out, value)


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """A copy, through which gradients flow."""
    return autograd.copy(input)


def digamma(input: Any, *, out: Any = None) -> Any:
    """The logarithmic derivative of the gamma function; −∞ or ∞ at 0, by its sign."""
    x = floating(input)
    pole = -autograd.copysign(np.asarray(np.inf, raw(x).dtype), x.detach())
    return filled(out, autograd.where(autograd.equal(x, 0), pole, autograd.digamma(x)))


def frexp(input: Any) -> Any:
    """Mantissa and exponent."""
    return autograd.frexp(input)
