"""Arithmetic of two Tensors in the dtype that they meet in, and comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError
from autograd.extend import raw
from nn.torch.functions.calling import filled, made, named, older
from nn.torch.promotion import cast, common, floating, result_dtype

ONES = (float, int)  # Python's numbers, whose kind is looked at alone
_BOUNDS = frozenset((float, int, type(None)))


def met(op: Callable[[Any, Any], Any], otherwise: Any = None) -> Callable[[Any, Any], Any]:
    """An op of two on Tensors that were cast to the dtype that they meet in.

    What is no number and no Tensor gives `otherwise`, unless that is None.
    """

    def call(input: Any, other: Any) -> Any:
        kind, dtype = type(other), getattr(raw(input), "dtype", None)
        if dtype is None:
            return op(*common(input, other))
        if (theirs := raw(other)) is not other and dtype == theirs.dtype:
            return op(input, other)
        if isinstance(other, np.generic):
            return call(input, other.item())  # a number, to PyTorch
        if kind is float:
            if dtype.kind in "fc":
                return op(input, other)
        elif kind is int:
            if dtype.kind in "fci":
                return op(input, other)
            if dtype.kind == "u":
                return op(input, np.asarray(other).astype(dtype)[()])  # −1 is 255
        elif otherwise is not None and not is_operand(other):
            return otherwise
        return op(*common(input, other))

    return call


def back(op: Callable[[Any, Any], Any], run: Any = None) -> Callable[[Any, Any], Any]:
    """The operator with a number, or what else is no Tensor, in front; `run` asks more."""

    def call(self: Any, other: Any) -> Any:
        if type(other) in ONES and raw(self).dtype.kind in "fc":
            return op(other, self)
        if not is_operand(other):
            return NotImplemented
        return op(*common(other, self)) if run is None else run(other, self)

    return call


def is_operand(value: Any) -> bool:
    """Whether it is a number, an array or a Tensor."""
    return isinstance(value, (int, float, complex, np.ndarray, np.generic, autograd.Tensor))


def binary(op: Callable[[Any, Any], Any], name: str, numbers: bool = True) -> Any:
    run = met(op)

    def call(input: Any, other: Any, *, out: Any = None) -> Any:
        if not numbers:
            _refuse_number(name, other)
        value = run(input, other)
        return value if out is None else filled(out, value)

    return named(call, name, op.__doc__ or "")


def _refuse_number(name: str, other: Any) -> None:
    if not hasattr(raw(other), "dtype"):
        raise ArgumentTypeError(
            f"{name}: other must be a Tensor, got {other!r:.80}; write torch.tensor({other!r:.20})"
        )


def floating_binary(op: Callable[[Any, Any], Any], name: str, numbers: bool = False) -> Any:
    def cast_both(x: Any, y: Any) -> Any:
        x, y = floating(x), floating(y)
        return op(x, float(y) if isinstance(y, (bool, int)) else y)

    run = met(cast_both)

    def call(input: Any, other: Any, *, out: Any = None) -> Any:
        if not numbers:
            _refuse_number(name, other)
        return filled(out, run(input, other))

    return named(call, name, op.__doc__ or "")


def minus(input: Any, other: Any) -> Any:
    """input − other; booleans are not subtracted."""
    for value in (input, other):
        dtype = getattr(raw(value), "dtype", None)
        if value is True or value is False or (dtype is not None and dtype.kind == "b"):
            raise DTypeError("sub: booleans are not subtracted; use logical_xor, or x.int()")
    return _minus(input, other)


_minus = met(autograd.subtract)
plus, times, _raised = map(met, (autograd.add, autograd.multiply, autograd.power))


def raised(input: Any, exponent: Any) -> Any:
    """The power; of whole numbers to negative ones it is none."""
    if type(exponent) is int and exponent < 0 and raw(input).dtype.kind in "iub":
        raise ArgumentError("pow: whole numbers have no negative powers; use x.float()")
    return _raised(input, exponent)


def over(input: Any, other: Any) -> Any:
    """The quotient of what is floating, or becomes it."""
    x, y = raw(input), raw(other)
    same = type(y) in ONES or getattr(x, "dtype", None) == getattr(y, "dtype", False)
    if same and hasattr(x, "dtype") and x.dtype.kind in "fc":
        return autograd.divide(input, other)
    a, b = common(input, other.item() if isinstance(other, np.generic) else other)
    return autograd.divide(floating(a), floating(b))


@older
def add(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """input + alpha · other."""
    return filled(out, plus(input, other if alpha == 1 else _scaled(input, other, alpha)))


def _scaled(input: Any, other: Any, alpha: Any) -> Any:
    """alpha · other; of whole numbers a whole number."""
    if isinstance(alpha, float) and result_dtype((input, other)).kind in "biu":
        raise DTypeError("alpha must be a whole number where the Tensors are of whole numbers")
    return times(other, alpha)


@older
def sub(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """input − alpha · other."""
    return filled(out, minus(input, other if alpha == 1 else _scaled(input, other, alpha)))


subtract = sub
mul = multiply = binary(autograd.multiply, "mul")
maximum = binary(autograd.maximum, "maximum", numbers=False)
minimum = binary(autograd.minimum, "minimum", numbers=False)
fmax = binary(autograd.fmax, "fmax", numbers=False)
fmin = binary(autograd.fmin, "fmin", numbers=False)
atan2 = arctan2 = floating_binary(autograd.atan2, "atan2")
hypot = floating_binary(autograd.hypot, "hypot")
logaddexp = floating_binary(autograd.logaddexp, "logaddexp")
logaddexp2 = floating_binary(autograd.logaddexp2, "logaddexp2")
copysign = floating_binary(autograd.copysign, "copysign", numbers=True)
nextafter = binary(autograd.nextafter, "nextafter", numbers=False)
xlogy = floating_binary(autograd.xlogy, "xlogy", numbers=True)
igamma = floating_binary(autograd.special.igamma, "igamma", numbers=False)
igammac = floating_binary(autograd.special.igammac, "igammac", numbers=False)
bitwise_and = binary(autograd.bitwise_and, "bitwise_and")
bitwise_or = binary(autograd.bitwise_or, "bitwise_or")
bitwise_xor = binary(autograd.bitwise_xor, "bitwise_xor")
bitwise_left_shift = binary(autograd.bitwise_left_shift, "bitwise_left_shift")
bitwise_right_shift = binary(autograd.bitwise_right_shift, "bitwise_right_shift")
gcd = binary(autograd.gcd, "gcd", numbers=False)
lcm = binary(autograd.lcm, "lcm", numbers=False)


def div(input: Any, other: Any, *, rounding_mode: Any = None, out: Any = None) -> Any:
    """The quotient; with `rounding_mode` "floor" or "trunc" rounded, in the dtype of both."""
    if rounding_mode is None:
        return filled(out, over(input, other))
    if rounding_mode not in ("floor", "trunc"):
        raise ArgumentError(
            f"div: rounding_mode is None, 'floor' or 'trunc', got {rounding_mode!r}"
        )
    if rounding_mode == "floor":
        return floor_divide(input, other, out=out)
    dtype = result_dtype((input, other))
    if dtype.kind in "fc":
        return filled(out, autograd.trunc(over(input, other)))
    a, b = common(input, other)
    _refuse_zero("div", b)
    quotient = autograd.floor_divide(autograd.abs(a), autograd.abs(b))
    return filled(out, quotient * autograd.sign(a) * autograd.sign(b))


divide = div


def true_divide(input: Any, other: Any, *, out: Any = None) -> Any:
    """The quotient, always floating."""
    return filled(out, over(input, other))


def _refuse_zero(name: str, divisor: Any) -> None:
    array = np.asarray(raw(divisor))
    if array.dtype.kind in "iub" and not array.all():
        raise ArgumentError(f"{name}: whole numbers divided by zero")


def _whole(op: Callable[[Any, Any], Any], name: str) -> Any:
    def run(x: Any, y: Any) -> Any:
        if result_dtype((x, y)).kind in "iub":
            _refuse_zero(name, y)
        return op(x, y)

    return binary(run, name)


def _rounded_down(x: Any, y: Any) -> Any:
    """With infinite numbers it is Python's: ∞ // 2 is NaN, and 1 // -∞ is -1."""
    quotient = autograd.floor_divide(x, y)
    if quotient.dtype.kind != "f":
        return quotient
    signs_differ = autograd.not_equal(autograd.less(x, 0), autograd.less(y, 0))
    below = autograd.isinf(y) & signs_differ & autograd.not_equal(x, 0) & autograd.equal(x, x)
    of_infinity = autograd.isinf(x) & autograd.not_equal(y, 0)
    return autograd.where(of_infinity, np.nan, autograd.where(below, -1.0, quotient))


floor_divide = _whole(_rounded_down, "floor_divide")
remainder = _whole(autograd.remainder, "remainder")
fmod = _whole(autograd.fmod, "fmod")


def pow(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """input to the power of the exponent; one of the two may be a number."""
    return filled(out, raised(input, exponent))


def float_power(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """The power, computed in double precision."""
    wide = np.result_type(np.float64, result_dtype((input, exponent)))
    base = cast(input, wide) if hasattr(raw(input), "dtype") else made(np.asarray(input, wide))
    return filled(out, raised(base, cast(exponent, wide)))


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """other − alpha · input."""
    return sub(other, input, alpha=alpha)


def same_dtype(name: str, input: Any, other: Any) -> None:
    if raw(input).dtype != raw(other).dtype:
        raise DTypeError(f"{name}: dtypes differ: {input.dtype} and {other.dtype}; cast one: x.to")


def heaviside(input: Any, values: Any, *, out: Any = None) -> Any:
    """0 below 0, 1 above, and `values` at 0."""
    same_dtype("heaviside", input, values)
    step = cast(autograd.greater(input, 0), raw(input).dtype)
    return filled(out, autograd.where(autograd.equal(input, 0), values, step))


def ldexp(input: Any, other: Any, *, out: Any = None) -> Any:
    """input · 2^other."""
    _refuse_number("ldexp", other)
    return filled(out, times(input, autograd.exp2(floating(other))))


def lerp(input: Any, end: Any, weight: Any, *, out: Any = None) -> Any:
    """input + weight · (end − input)."""
    same_dtype("lerp", input, end)
    return filled(out, autograd.lerp(input, end, weight))


@older
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
    """input + value · tensor1 · tensor2."""
    product = times(tensor1, tensor2)
    return filled(out, plus(input, product if value == 1 else times(product, value)))


@older
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
    """input + value · tensor1 / tensor2."""
    if result_dtype((tensor1, tensor2)).kind in "biu":
        raise DTypeError("addcdiv: whole numbers have no quotient here; use torch.div, or float()")
    quotient = over(tensor1, tensor2)
    return filled(out, plus(input, quotient if value == 1 else times(quotient, value)))


def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Kept between `min` and `max`, numbers or Tensors, of which one may be left out."""
    if min is None and max is None:
        raise ArgumentError("clamp: at least one of min and max must be given")
    if raw(input).dtype.kind == "f" and _BOUNDS.issuperset((type(min), type(max))):
        return filled(out, autograd.clip(input, min, max))
    dtype = result_dtype([v for v in (input, min, max) if v is not None])
    bounds = [None if v is None else cast(v, dtype) for v in (min, max)]
    return filled(out, autograd.clip(cast(input, dtype), *bounds))


clip = clamp


def clamp_min(input: Any, min: Any, *, out: Any = None) -> Any:
    """Not below `min`."""
    return clamp(input, min=min, out=out)


def clamp_max(input: Any, max: Any, *, out: Any = None) -> Any:
    """Not above `max`."""
    return clamp(input, max=max, out=out)
