"""Numeric derivatives that know their error, for those who only want the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.errors import GradcheckError
from autograd.gradcheck.numeric.function import FAILURES
from autograd.gradcheck.numeric.ladder import (
    COARSE,
    FINE,
    FINEST,
    FIRST,
    Ladder,
    noise_of,
    unit_steps,
)
from autograd.tensors.tensor import Tensor

__all__ = ["Estimate", "numerical_grad", "numerical_jacobian"]

_ENOUGH = 1e-9  # relative error at which no other steps are tried


class Estimate(NamedTuple):
    """A numeric derivative, and the size of its two errors.

    `truncation` is what three neighbouring steps disagree by, after Richardson's extrapolation;
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
    """The Jacobian of f with respect to one input, by differences.

    f is called with the `inputs`, as Tensors if one of them is one, else as arrays, and `wrt` is
    the position of the one that varies. Steps are tried on a ladder from a quarter of max(|x|,
    0.01) down, and the one taken where three neighbours agree best; `eps` starts the ladder at `eps
    * max(1, |x|)` and keeps to its first four steps. Truncation falls as step⁴ (Richardson, 1911),
    round-off grows as 1 / step.

    For a complex input the derivative is d/dRe + i d/dIm, as PyTorch gives it; the output must then
    be real.

    Shape: (*output.shape, *input.shape).

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
    columns = [_slope(evaluate, values, wrt, i, eps) for i in np.ndindex(x.shape)]

    def stacked(name: str) -> Array:
        if not columns:
            return np.zeros((*start.shape, *x.shape))
        columns_last = np.stack([getattr(column, name) for column in columns], axis=-1)
        return np.reshape(columns_last, (*start.shape, *x.shape))

    return Estimate(stacked("value"), stacked("truncation"), stacked("roundoff"))


def numerical_grad(
    f: Callable[..., Any], *inputs: Any, wrt: int = 0, eps: float | None = None
) -> Estimate:
    """The gradient of a function f with one output element, by differences.

    `wrt` and `eps` are those of `numerical_jacobian`.

    Shape: the input at position `wrt` of the `inputs` -> the same.

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


def _slope(
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
    start = f(values)
    shape, kind = start.shape, start.dtype.kind
    flat_start = _flat(start)

    def at(step: float) -> Array:
        moved = x.copy()
        moved[index] += step * unit * direction
        try:
            return _flat(f([*values[:position], moved, *values[position + 1 :]]))
        except FAILURES:
            return np.full(flat_start.shape, np.nan)

    with np.errstate(all="ignore"):  # a step may leave f's domain; then smaller ones are tried
        unit = float(unit_steps(np.abs(x[index])[None])[0])
        precision = np.full(flat_start.shape, float(np.finfo(start.dtype).eps))
        base = (
            0.25 if eps is None else eps * max(1.0, float(abs(x[index]))) * 4.0 ** FIRST[0] / unit
        )
        ladder = Ladder(at, flat_start, noise_of(at, precision), precision, base)
        found = ladder.climb(FIRST).slopes()
        if eps is None and not np.all(found.error <= _ENOUGH * np.abs(found.value)):
            found = ladder.climb(COARSE + FINE).slopes()
            if not np.all(np.isfinite(found.error)):
                found = ladder.climb(FINEST).slopes()

    def shaped(flat: Array) -> Array:
        return (flat.view(np.complex128) if kind == "c" else flat).reshape(shape)

    def sized(flat: Array) -> Array:
        return (flat.reshape(-1, 2).sum(axis=1) if kind == "c" else flat).reshape(shape)

    rounding = 2 * found.roundoff / unit
    truncation = np.fmax(found.error / unit - rounding, 0.0)
    return Estimate(shaped(found.value / unit), sized(truncation), sized(rounding))


def _flat(value: Array) -> Array:
    if value.dtype.kind == "c":
        return np.ravel(value).astype(np.complex128).view(np.float64)
    return np.ravel(value).astype(np.float64)


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
