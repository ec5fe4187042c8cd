"""Along a dimension: running sums and extremes, differences, integrals."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, made, named, numpy_names, result
from nn.torch.functions.reducing import summed
from nn.torch.promotion import floating

# ---- along an axis -------------------------------------------------------------------------------


def _running(op: Any, name: str) -> Any:
    def call(input: Any, dim: Any, *, dtype: Any = None) -> Any:
        axis, x = axis_of(input, dim), summed(input, dtype)
        return op(x, axis=axis) if input.ndim else autograd.copy(x)

    named(call, name, op.__doc__ or "")
    return numpy_names(call)


cumsum, cumprod = _running(autograd.cumsum, "cumsum"), _running(autograd.cumprod, "cumprod")


@numpy_names
def logcumsumexp(input: Any, dim: Any) -> Any:
    """log Σ exp(x) of all elements up to each."""
    return autograd.logcumsumexp(floating(input), axis=axis_of(input, dim))


def _running_extremum(name: str, ufunc: Any, ahead: Any) -> Any:
    kind = result(name, "values indices")

    def call(input: Any, dim: Any) -> Any:
        axis = axis_of(input, dim)
        if not input.ndim:
            return kind(autograd.copy(input), made(np.int64(0)))
        x = raw(input)
        best = ufunc.accumulate(x, axis)
        steps = np.arange(x.shape[axis]).reshape([-1 if a == axis else 1 for a in range(x.ndim)])
        is_new = (x == best) | ((x != x) & (best != best))  # the last of several that are equal
        places = made(np.maximum.accumulate(np.where(is_new, steps, 0), axis).astype(np.int64))
        return kind(autograd.take_along_axis(input, places, axis), places)

    named(call, name, f"The {ahead} so far along `dim`: values and indices.")
    return numpy_names(call)


cummax = _running_extremum("cummax", np.maximum, "largest")
cummin = _running_extremum("cummin", np.minimum, "smallest")


def diff(input: Any, n: int = 1, dim: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along `dim`, n times."""
    if raw(input).dtype.kind == "b":
        given = [v for v in (prepend, input, append) if v is not None]
        x = autograd.concat(given, axis_of(input, dim)) if len(given) > 1 else input
        for _ in range(n):
            axis = axis_of(x, dim)
            tail = autograd.take(x, np.arange(1, x.shape[axis]), axis)
            x = autograd.logical_xor(tail, autograd.take(x, np.arange(x.shape[axis] - 1), axis))
        return x
    if not n:
        return autograd.copy(input)
    return autograd.diff(input, n, axis_of(input, dim), prepend, append)


def trapezoid(y: Any, x: Any = None, *, dx: Any = 1.0, dim: Any = -1) -> Any:
    """The integral by the trapezoidal rule."""
    return autograd.trapezoid(floating(y), x, dx=dx, axis=dim)


trapz = trapezoid


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = 1.0, dim: Any = -1) -> Any:
    """The integral up to each point by the trapezoidal rule."""
    y, axis = floating(y), axis_of(y, dim)
    last = y.shape[axis] - 1
    ends = [autograd.take(y, np.arange(s, s + last), axis) for s in (0, 1)]
    width = dx if x is None else autograd.diff(x, axis=-1 if x.ndim == 1 else axis)
    if x is not None and x.ndim == 1:
        width = autograd.reshape(width, tuple(-1 if a == axis else 1 for a in range(y.ndim)))
    return autograd.cumsum((ends[0] + ends[1]) * width / 2, axis=axis)


def renorm(input: Any, p: Any, dim: Any, maxnorm: Any) -> Any:
    """With each slice along `dim` scaled down to a p-norm of at most `maxnorm`."""
    axes = tuple(a for a in range(input.ndim) if a != axis_of(input, dim))
    norms = autograd.linalg.vector_norm(input, axis=axes, keepdims=True, ord=float(p))
    scale = autograd.where(norms > maxnorm, maxnorm / (norms + 1e-7), autograd.ones_like(norms))
    return input * scale
