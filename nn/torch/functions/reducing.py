"""Reductions: whole numbers add up to int64, means are of floating ones, std divides by n − 1."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError
from autograd.extend import raw
from nn.torch.dtypes import as_numpy
from nn.torch.functions.arithmetic import maximum, minimum
from nn.torch.functions.calling import axes_of, axis_of, filled, made, named, numpy_names, result
from nn.torch.promotion import cast, floating

INT64 = np.dtype(np.int64)
MinMax = result("aminmax", "min max")


def summed(input: Any, dtype: Any) -> Any:
    """What is added up: whole numbers and booleans as int64."""
    if dtype is not None:
        return cast(input, as_numpy(dtype))
    return cast(input, INT64) if raw(input).dtype.kind in "biu" else input


@numpy_names
def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum along `dim`, or of all elements; whole numbers and booleans give int64."""
    return autograd.sum(summed(input, dtype), axis=axes_of(input, dim), keepdims=keepdim)


@numpy_names
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum without what is NaN."""
    x = summed(input, dtype)
    return autograd.nansum(x, axis=axes_of(input, dim), keepdims=keepdim)


@numpy_names
def prod(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The product along `dim`, or of all elements."""
    if dim is not None:
        axis_of(input, dim)
    return autograd.prod(summed(input, dtype), axis=axes_of(input, dim), keepdims=keepdim)


def _averaged(name: str, input: Any, dtype: Any) -> Any:
    x = cast(input, as_numpy(dtype)) if dtype is not None else input
    if raw(x).dtype.kind not in "fc":
        raise DTypeError(f"{name}: a mean is floating, and the Tensor is {x.dtype}; use x.float()")
    return x


@numpy_names
def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean along `dim`, or of all elements, which must be floating."""
    x = _averaged("mean", input, dtype)
    return autograd.mean(x, axis=axes_of(input, dim), keepdims=keepdim)


@numpy_names
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean of what is not NaN."""
    x = _averaged("nanmean", input, dtype)
    return autograd.nanmean(x, axis=axes_of(input, dim), keepdims=keepdim)


def _spread(op: Any, name: str) -> Any:
    """std or var: of `(dim, unbiased, keepdim)`, `(unbiased)`, or `dim` and `correction=`."""

    def call(
        input: Any,
        dim: Any = None,
        unbiased: Any = True,
        keepdim: bool = False,
        *,
        correction: Any = None,
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        x = _averaged(name, input, None)
        ddof = (1 if unbiased else 0) if correction is None else correction
        return op(x, axis=axes_of(input, dim), keepdims=keepdim, correction=ddof)

    named(call, name, op.__doc__ or "")
    return numpy_names(call)


std, var = _spread(autograd.std, "std"), _spread(autograd.var, "var")


def std_mean(input: Any, dim: Any = None, *args: Any, **kwargs: Any) -> Any:
    """The standard deviation and the mean."""
    return std(input, dim, *args, **kwargs), _beside(input, dim, args, kwargs)


def var_mean(input: Any, dim: Any = None, *args: Any, **kwargs: Any) -> Any:
    """The variance and the mean."""
    return var(input, dim, *args, **kwargs), _beside(input, dim, args, kwargs)


def _beside(input: Any, dim: Any, args: Any, kwargs: Any) -> Any:
    keepdim = args[1] if len(args) > 1 else kwargs.get("keepdim", False)
    return mean(input, None if isinstance(dim, bool) else dim, keepdim)


# ---- extremes ------------------------------------------------------------------------------------


def picked(input: Any, places: Any, axis: int, keepdim: bool, kind: Any) -> Any:
    """The elements at one place along an axis, and the places, with the axis or without."""
    values = autograd.take_along_axis(input, places, axis)
    if keepdim:
        return kind(values, places)
    return kind(autograd.squeeze(values, axis), autograd.squeeze(places, axis))


def _extremum(name: str, op: Any, place: Any, of_two: Any) -> Any:
    kind = result(name, "values indices")

    def call(input: Any, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        given = dict(zip(("dim", "keepdim"), args, strict=False)) | kwargs
        if args and hasattr(args[0], "dtype"):
            given["other"] = given.pop("dim")
        if "other" in given:
            return of_two(input, given["other"], out=out)
        if unknown := given.keys() - {"dim", "keepdim"}:
            raise ArgumentTypeError(f"{name}: takes dim, keepdim or other, not {unknown.pop()}")
        if "dim" not in given:
            return filled(out, op(input))
        axis = axis_of(input, given["dim"])
        if not raw(input).ndim:
            return kind(input, made(np.int64(0)))
        keepdim = given.get("keepdim", False)
        if not input.requires_grad:  # else the gradient goes to the place that is told
            found = op(input, axis=axis, keepdims=keepdim)
            return filled(out, kind(found, place(input, axis=axis, keepdims=keepdim)))
        places = place(input, axis=axis, keepdims=True)
        return filled(out, picked(input, places, axis, keepdim, kind))

    call.__name__ = call.__qualname__ = name
    call.__doc__ = (
        f"The {name} of all elements; with `dim` a pair of values and indices; with another "
        "Tensor elementwise."
    )
    return numpy_names(call)


max = _extremum("max", autograd.max, autograd.argmax, maximum)
min = _extremum("min", autograd.min, autograd.argmin, minimum)


@numpy_names
def amax(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The largest along one or several dimensions; equal ones share the gradient."""
    return autograd.max(input, axis=axes_of(input, dim), keepdims=keepdim)


@numpy_names
def amin(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The smallest along one or several dimensions; equal ones share the gradient."""
    return autograd.min(input, axis=axes_of(input, dim), keepdims=keepdim)


def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest and the largest."""
    return MinMax(amin(input, dim, keepdim), amax(input, dim, keepdim))


def _place(op: Any, name: str) -> Any:
    def call(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        if raw(input).dtype.kind == "b":
            raise DTypeError(f"{name}: booleans are not ordered; use x.int()")
        axis = None if dim is None else axis_of(input, dim)
        if axis is None or not raw(input).ndim:
            found = op(input)
            return autograd.reshape(found, (1,) * raw(input).ndim) if keepdim else found
        return op(input, axis=axis, keepdims=keepdim)

    named(call, name, op.__doc__ or "")
    return numpy_names(call)


argmax, argmin = _place(autograd.argmax, "argmax"), _place(autograd.argmin, "argmin")


# ---- verdicts and counts -------------------------------------------------------------------------


def _verdict(op: Any, name: str) -> Any:
    def call(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
        axes = () if dim == () or dim == [] else axes_of(input, dim)
        found = op(input, axis=axes, keepdims=keepdim)
        return cast(found, np.uint8) if raw(input).dtype == np.uint8 else found

    named(call, name, op.__doc__ or "")
    return numpy_names(call)


all, any = _verdict(autograd.all, "all"), _verdict(autograd.any, "any")


@numpy_names
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements are not zero."""
    return autograd.count_nonzero(input, axis=axes_of(input, dim))


@numpy_names
def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """log Σ exp(x) along `dim`."""
    return autograd.logsumexp(floating(input), axis=axes_of(input, dim), keepdims=keepdim)


def _norm_order(p: Any) -> Any:
    if p is None or p == "fro":
        return 2
    if isinstance(p, str):
        raise ArgumentError(f"norm: p is a number, 'fro' or 'nuc', got {p!r}")
    return float(p)


@numpy_names
def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    """The p-norm of vectors along `dim`, or of all elements; "nuc" is that of matrices."""
    x = cast(input, as_numpy(dtype)) if dtype is not None else input
    if raw(x).dtype.kind not in "fc":
        raise DTypeError(f"norm: a norm is of floating numbers, not {x.dtype}; use x.float()")
    if isinstance(dim, bool):
        raise ArgumentTypeError("norm: takes p, dim, keepdim in this order")
    axes = axes_of(input, dim)
    if p == "nuc":
        return autograd.linalg.norm(x, "nuc", axes if axes is not None else (0, 1), keepdim)
    return autograd.linalg.vector_norm(x, axis=axes, keepdims=keepdim, ord=_norm_order(p))


def dist(input: Any, other: Any, p: Any = 2) -> Any:
    """The p-norm of input − other."""
    return norm(input - other, p)
