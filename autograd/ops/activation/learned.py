"""Activation functions whose slopes, bounds and sharpness are learned: made of other ops.

The ops themselves take numbers; a call with a Tensor that requires grad comes here (see `Op.form`).
Where a parameter moves a jump, as the threshold of `threshold` does, it has no gradient, and the
call raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.op import form_of
from autograd.errors import DTypeError
from autograd.extend import Array
from autograd.ops.activation import clipped, piecewise, smooth

__all__: list[str] = []


def _form(function: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return form_of(function, function.op.params)


def _negative(x: Array) -> Array:
    """x where it is not positive, else 0: so that no infinity comes into a gradient."""
    return np.where(x > 0, 0 * x, x)


@_form(piecewise.leaky_relu)
def _leaky_relu(x: Array, negative_slope: Any = 0.01) -> Array:
    return np.where(x > 0, x, negative_slope * x)


@_form(piecewise.elu)
def _elu(x: Array, alpha: Any = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(_negative(x)))


@_form(piecewise.celu)
def _celu(x: Array, alpha: Any = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(_negative(x) / alpha))


@_form(smooth.softplus)
def _softplus(x: Array, beta: Any = 1.0, threshold: Any = 20.0) -> Array:
    _refuse_jump("softplus", threshold=threshold)
    scaled = x * beta
    linear = np.greater(scaled, threshold)
    return np.where(linear, x, np.logaddexp(0, np.where(linear, 0 * x, scaled)) / beta)


@_form(clipped.hardtanh)
def _hardtanh(x: Array, min_val: Any = -1.0, max_val: Any = 1.0) -> Array:
    return np.where(x <= min_val, min_val, np.where(x >= max_val, max_val, x))


@_form(clipped.softshrink)
def _softshrink(x: Array, lambd: Any = 0.5) -> Array:
    return np.where(np.abs(x) > lambd, x - np.sign(x) * lambd, 0 * x)


@_form(clipped.threshold)
def _threshold(x: Array, threshold: Any, value: Any) -> Array:
    _refuse_jump("threshold", threshold=threshold)
    return np.where(x > threshold, x, value)


@_form(clipped.hardshrink)
def _hardshrink(x: Array, lambd: Any = 0.5) -> Array:
    _refuse_jump("hardshrink", lambd=lambd)
    return x * (np.abs(x) > lambd)


def _refuse_jump(where: str, **given: Any) -> None:
    for name, value in given.items():
        if getattr(value, "_node", None) is not None:
            raise DTypeError(
                f"{where}: {name} is a constant, where the function jumps, and the gradient of the "
                f"Tensor that was given would be lost.\n  Pass its number, {name}=t.item()."
            )
