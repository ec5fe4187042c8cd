"""Numeric derivatives that know their error: central differences at two steps, and Richardson."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GradcheckError
from autograd.op import Array
from autograd.tensor import Tensor

__all__ = ["Estimate", "numerical_grad", "numerical_jacobian"]

_SHRINK = 16.0  # how much nearer to look where f is not finite at the first step
_TRIES = 5


class Estimate(NamedTuple):
    """A numeric derivative, and the size of its two errors.

    `truncation` is what the two steps disagree by (the error of the finer one, before Richardson);
    `roundoff` is what the rounding of f's values makes of a difference divided by the step.
    """

    value: Array
    truncation: Array
    roundoff: Array

    @property
    def error(self) -> Array:
        """Both errors together."""
        return self.truncation + self.roundoff


def numerical_jacobian(
    f: Callable[..., Any], *inputs: Any, wrt: int = 0, eps: float | None = None
) -> Estimate:
    """The Jacobian of f with respect to one input, of shape (*output.shape, *input.shape).

    f is called with Tensors if one of the inputs is one, else with arrays. The step is
    `eps * max(1, |x|)`; `eps` defaults to the fourth root of the output's machine epsilon: large
    enough that rounding hardly shows, small enough that the two steps agree to eight digits.
    Truncation falls as step² (as step⁴ after Richardson, 1911), round-off grows as 1 / step.

    For a complex input the derivative is d/dRe + i d/dIm, as PyTorch gives it; the output must then
    be real.

    >>> import numpy as np
    >>> estimate = numerical_jacobian(np.square, np.array([1.0, 3.0]))
    >>> np.round(estimate.value, 6)
    array([[2., 0.],
           [0., 6.]])
    """
    values = [_floating(x) if i == wrt else x for i, x in enumerate(inputs)]
    x = values[wrt]
    evaluate = _evaluation(f, any(isinstance(given, Tensor) for given in inputs))
    start = evaluate(values)
    if x.dtype.kind == "c" and start.dtype.kind == "c":
        raise GradcheckError("numerical_jacobian: f must be real where its input is complex")
    columns = [slope(evaluate, values, wrt, i, eps) for i in np.ndindex(x.shape)]

    def stacked(name: str) -> Array:
        if not columns:
            return np.zeros((*start.shape, *x.shape))
        columns_last = np.stack([getattr(column, name) for column in columns], axis=-1)
        return np.reshape(columns_last, (*start.shape, *x.shape))

    return Estimate(stacked("value"), stacked("truncation"), stacked("roundoff"))


def numerical_grad(
    f: Callable[..., Any], *inputs: Any, wrt: int = 0, eps: float | None = None
) -> Estimate:
    """The gradient of a function with one output element, of the shape of the input.

    >>> import numpy as np
    >>> numerical_grad(lambda x: np.sum(x * x * x), np.array([1.0, 2.0])).value.round(6)
    array([ 3., 12.])
    """
    found = numerical_jacobian(f, *inputs, wrt=wrt, eps=eps)
    shape = np.shape(inputs[wrt])
    if found.value.size != int(np.prod(shape)):
        raise GradcheckError(
            "numerical_grad: f must have one output element; numerical_jacobian takes any number"
        )
    return Estimate(
        *(np.reshape(part, shape) for part in (found.value, found.truncation, found.roundoff))
    )


def slope(
    f: Callable[[list[Array]], Array],
    values: list[Array],
    position: int,
    index: tuple[int, ...],
    eps: float | None = None,
) -> Estimate:
    """The derivative of all of f's outputs by one element of one input (see numerical_jacobian)."""
    if values[position].dtype.kind != "c":
        return _slope_along(f, values, position, index, 1.0, eps)
    real = _slope_along(f, values, position, index, 1.0, eps)
    imag = _slope_along(f, values, position, index, 1j, eps)
    return Estimate(
        real.value + 1j * imag.value,
        real.truncation + imag.truncation,
        real.roundoff + imag.roundoff,
    )


def _slope_along(
    f: Callable[[list[Array]], Array],
    values: list[Array],
    position: int,
    index: tuple[int, ...],
    direction: complex,
    eps: float | None,
) -> Estimate:
    x = values[position]

    def at(step: float) -> tuple[Array, Any]:
        moved = x.copy()
        moved[index] += step * direction
        return f([*values[:position], moved, *values[position + 1 :]]), moved[index]

    def central(h: float) -> tuple[Array, Array]:
        (high, right), (low, left) = at(h), at(-h)
        # the step that was really taken: x + h is rounded
        taken = float(np.real((right - left) / direction))
        return (high - low) / taken, np.maximum(np.abs(high), np.abs(low))

    with np.errstate(all="ignore"):  # a step may leave f's domain; then a smaller one is tried
        size, _ = at(0.0)
        precision = float(np.finfo(size.dtype).eps)
        h = (precision**0.25 if eps is None else eps) * max(1.0, float(abs(x[index])))
        for _ in range(_TRIES):
            wide, scale = central(h)
            narrow, _ = central(h / 2)
            if np.all(np.isfinite(wide)) and np.all(np.isfinite(narrow)):
                break
            h /= _SHRINK
        # two values, each rounded by `precision`, over the narrow step h, weighted by 4/3; and the
        # same over the wide one by 1/3
        roundoff = 3 * precision * scale / h
        return Estimate((4 * narrow - wide) / 3, np.abs(narrow - wide) / 3, roundoff)


def _floating(x: Any) -> Array:
    """A copy in double precision, or better where it is already."""
    array = np.array(getattr(x, "_value", x))
    return array.astype(np.result_type(array.dtype, np.float64))


def _evaluation(f: Callable[..., Any], with_tensors: bool) -> Callable[[list[Array]], Array]:
    """f from raw values to a raw value, whether it is written for Tensors or for arrays."""

    def evaluate(values: list[Array]) -> Array:
        given = [Tensor(v) if isinstance(v, np.ndarray) else v for v in values]
        return np.asarray(f(*(given if with_tensors else values)))

    return evaluate
