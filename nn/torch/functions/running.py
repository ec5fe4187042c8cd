"""Along a dimension: running sums and extremes, differences, integrals."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axes_of, axis_of, made, named, numpy_names, result
from nn.torch.functions.reducing import summed
from nn.torch.promotion import cast, floating

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
    axis = axis_of(input, dim)
    return autograd.logcumsumexp(floating(input), axis=axis) if input.ndim else floating(input)


def _running_extremum(op: Any, name: str, ahead: Any) -> Any:
    kind = result(name, "values indices")

    def call(input: Any, dim: Any) -> Any:
        axis = axis_of(input, dim)
        if not input.ndim:
            return kind(autograd.copy(input), made(np.int64(0)))
        x = input.detach() if raw(input).dtype.kind != "b" else cast(input, np.dtype(np.uint8))
        best = op(x, axis=axis)
        steps = np.arange(input.shape[axis])
        steps = steps.reshape([-1 if a == axis else 1 for a in range(input.ndim)])
        both_nan = autograd.logical_and(autograd.isnan(x), autograd.isnan(best))
        is_new = autograd.logical_or(autograd.equal(x, best), both_nan)  # the last of equal ones
        places = autograd.cummax(autograd.where(is_new, steps, 0), axis=axis)
        return kind(autograd.take_along_axis(input, places, axis), places)

    named(call, name, f"The {ahead} so far along `dim`: values and indices.")
    return numpy_names(call)


cummax = _running_extremum(autograd.cummax, "cummax", "largest")
cummin = _running_extremum(autograd.cummin, "cummin", "smallest")


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
    if x is not None and x.ndim == 1 and y.ndim and x.shape[0] != y.shape[axis_of(y, dim)]:
        raise ShapeError("trapezoid: one x for each sample point")
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
    if p <= 0 or maxnorm < 0:
        raise ArgumentError(f"renorm: p is positive, maxnorm not negative; got {p} and {maxnorm}")
    if input.ndim < 2 or raw(input).dtype.kind not in "fc":
        raise ShapeError("renorm: input is floating, of 2 dimensions at least")
    axes = tuple(a for a in range(input.ndim) if a != axis_of(input, dim))
    norms = autograd.linalg.vector_norm(input, axis=axes, keepdims=True, ord=float(p))
    scale = autograd.where(norms > maxnorm, maxnorm / (norms + 1e-7), autograd.ones_like(norms))
    return input * scale


def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> Any:
    """The slopes along each of the dimensions, or along `dim`, as a tuple."""
    if not input.ndim:
        return ()
    axes = axes_of(input, dim)
    axes = tuple(range(input.ndim)) if axes is None else axes if type(axes) is tuple else (axes,)
    given = spacing if isinstance(spacing, (tuple, list)) else (spacing,) * len(axes)
    if len(given) != len(axes):
        raise ArgumentError(f"gradient: {len(given)} spacings for {len(axes)} dimensions")
    x = floating(input)
    return tuple(
        autograd.gradient(x, step, axis=axis, edge_order=edge_order)
        for step, axis in zip(given, axes, strict=True)
    )
