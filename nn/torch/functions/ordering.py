"""Sorting, ranks, quantiles, sets and counts of values."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axes_of, axis_of, filled, made, numpy_names, result
from nn.torch.functions.reducing import picked

Sort, TopK = result("sort", "values indices"), result("topk", "values indices")
Median, NanMedian = result("median", "values indices"), result("nanmedian", "values indices")
Mode, KthValue = result("mode", "values indices"), result("kthvalue", "values indices")
Histogram = result("histogram", "hist bin_edges")


@numpy_names
def sort(input: Any, dim: Any = -1, descending: bool = False, stable: bool = False) -> Any:
    """The values in order along `dim`, and the indices that they had."""
    if isinstance(dim, bool):
        dim, descending = -1, dim
    if not input.ndim:
        axis_of(input, dim)
        return Sort(autograd.copy(input), made(np.int64(0)))
    order = argsort(input, dim, descending)
    return Sort(autograd.take_along_axis(input, order, axis_of(input, dim)), order)


@numpy_names
def argsort(input: Any, dim: Any = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that put the values in order along `dim`."""
    axis = axis_of(input, dim)
    if not input.ndim:
        return made(np.int64(0))
    return autograd.argsort(input, axis=axis, descending=descending)


def msort(input: Any, *, out: Any = None) -> Any:
    """The values in order along the first dimension."""
    return filled(out, sort(input, 0)[0])


@numpy_names
def topk(input: Any, k: int, dim: Any = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) along `dim`: values and indices."""
    axis = axis_of(input, dim)
    if not input.ndim:
        return TopK(autograd.copy(input), made(np.int64(0)))
    if not 0 <= k <= input.shape[axis]:
        raise ArgumentError(f"topk: k is {k}, and dim {dim} has {input.shape[axis]} elements")
    order = autograd.argsort(input, axis=axis, descending=largest)
    places = autograd.take(order, np.arange(k), axis)
    return TopK(autograd.take_along_axis(input, places, axis), places)


def _ranked(input: Any, axis: int, rank: int, keepdim: bool, kind: Any) -> Any:
    places = autograd.take(autograd.argsort(input, axis=axis), np.array([rank]), axis)
    return picked(input, places, axis, keepdim, kind)


@numpy_names
def kthvalue(input: Any, k: int, dim: Any = -1, keepdim: bool = False) -> Any:
    """The kth smallest along `dim`, counted from 1, and its index."""
    axis = axis_of(input, dim)
    if not input.ndim:
        return KthValue(input, made(np.int64(0)))
    if not 1 <= k <= input.shape[axis]:
        raise ArgumentError(f"kthvalue: k is {k}, and dim {dim} has {input.shape[axis]} elements")
    return _ranked(input, axis, k - 1, keepdim, KthValue)


@numpy_names
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The median, the lower of two in the middle; with `dim` a pair of values and indices."""
    return _median(input, dim, keepdim, Median, "median")


@numpy_names
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The median of what is not NaN, the lower of two; with `dim` values and indices."""
    return _median(input, dim, keepdim, NanMedian, "nanmedian")


def _median(input: Any, dim: Any, keepdim: bool, kind: Any, name: str) -> Any:
    if dim is None:
        flat = autograd.reshape(input, -1)
        if not flat.shape[0]:
            return made(np.asarray(np.nan, raw(input).dtype))
        return _median(flat, 0, False, kind, name)[0]
    axis = axis_of(input, dim)
    if not input.ndim:
        return kind(input, made(np.int64(0)))
    if not input.shape[axis]:
        raise ShapeError(f"{name}: dim {dim} has no elements")
    x = raw(input)
    missing = (x != x).sum(axis, keepdims=True)
    if name == "nanmedian":
        rank = (x.shape[axis] - missing - 1) // 2
    else:
        rank = np.where(missing > 0, x.shape[axis] - missing, (x.shape[axis] - 1) // 2)
    order = np.argsort(x, axis, kind="stable")
    places = np.take_along_axis(order, np.maximum(rank, 0), axis)
    return picked(input, made(places), axis, keepdim, kind)


@numpy_names
def mode(input: Any, dim: Any = -1, keepdim: bool = False) -> Any:
    """The value found most often along `dim`, the smallest of several, and its last index."""
    axis = axis_of(input, dim)
    if not input.ndim:
        return Mode(input, made(np.int64(0)))
    rows = np.moveaxis(raw(input), axis, -1)
    flat = rows.reshape(-1, rows.shape[-1])
    places = np.empty(len(flat), np.int64)
    for i, row in enumerate(flat):
        values, counts = np.unique(row, return_counts=True)
        places[i] = np.flatnonzero(row == values[counts.argmax()])[-1]
    shaped = np.expand_dims(places.reshape(rows.shape[:-1]), axis)
    return picked(input, made(shaped), axis, keepdim, Mode)


@numpy_names
def quantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The quantiles q along `dim`, or of all elements."""
    _refuse_whole("quantile", input)
    ranks = raw(q)
    return autograd.quantile(
        input, ranks, axis=axes_of(input, dim), keepdims=keepdim, method=interpolation
    )


@numpy_names
def nanquantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The quantiles q of what is not NaN."""
    _refuse_whole("nanquantile", input)
    if not np.isnan(raw(input)).any():
        return quantile(input, q, dim, keepdim, interpolation=interpolation)
    quantiles: Any = np.nanquantile  # its overloads tell methods apart by literal values
    axes = axes_of(input, dim)
    found = quantiles(raw(input), raw(q), axis=axes, keepdims=keepdim, method=interpolation)
    return made(np.asarray(found, raw(input).dtype))


def _refuse_whole(name: str, input: Any) -> None:
    if raw(input).dtype.kind != "f":
        raise DTypeError(f"{name}: input must be floating, not {input.dtype}; use x.float()")


# ---- sets and counts -----------------------------------------------------------------------------


@numpy_names
def unique(
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    """The values that there are, in order; with where each went, and how often it is there."""
    axis = None if dim is None else axis_of(input, dim)
    values, inverse, counts = np.unique(
        raw(input), return_inverse=True, return_counts=True, axis=axis
    )
    inverse = inverse.reshape(input.shape if axis is None else -1)
    return _several(values, inverse, counts, return_inverse, return_counts)


def _several(
    values: Any, inverse: Any, counts: Any, return_inverse: bool, return_counts: bool
) -> Any:
    found = [made(np.asarray(values))]
    if return_inverse:
        found.append(made(np.asarray(inverse, np.int64)))
    if return_counts:
        found.append(made(np.asarray(counts, np.int64)))
    return tuple(found) if len(found) > 1 else found[0]


@numpy_names
def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The values with those left out that repeat the one before."""
    x = raw(input)
    rows = x.reshape(-1, 1) if dim is None else np.moveaxis(x, axis_of(input, dim), 0)
    flat = rows.reshape(len(rows), -1)
    is_new = np.ones(len(rows), bool)
    is_new[1:] = (flat[1:] != flat[:-1]).any(1)
    starts = np.flatnonzero(is_new)
    values = rows[starts].reshape(-1) if dim is None else np.moveaxis(rows[starts], 0, dim)
    inverse = np.cumsum(is_new) - 1
    counts = np.diff(np.append(starts, len(rows)))
    inverse = inverse.reshape(x.shape) if dim is None else inverse
    return _several(values, inverse, counts, return_inverse, return_counts)


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of the numbers 0, 1, 2, … is there, or the sum of its weights."""
    x = raw(input)
    if x.dtype.kind not in "iu" or x.ndim != 1 or (x.size and x.min() < 0):
        raise ArgumentError("bincount: input must be 1-D, of whole numbers that are not negative")
    found = np.bincount(x, None if weights is None else raw(weights), minlength)
    is_single = weights is not None and raw(weights).dtype == np.float32
    return made(found.astype(np.float32) if is_single else found)


def histc(input: Any, bins: int = 100, min: Any = 0, max: Any = 0, *, out: Any = None) -> Any:
    """How many elements lie in each of `bins` equal parts of [min, max]."""
    x = raw(input)
    if min == max == 0 and x.size:
        min, max = x.min().item(), x.max().item()
    if min == max:
        min, max = min - 1, max + 1
    found, _ = np.histogram(x, bins, (min, max))
    return filled(out, made(found.astype(x.dtype)))


def histogram(
    input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    """How many elements lie in each bin, and the edges of the bins."""
    x, edges = raw(input), raw(bins)
    given = None if weight is None else raw(weight)
    found, edges = np.histogram(x, edges, range, density, given)
    return Histogram(made(found.astype(x.dtype)), made(edges.astype(x.dtype)))


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: Any = None,
    sorter: Any = None,
) -> Any:
    """Where the values would be put into an ordered sequence, row by row."""
    if sorter is not None:
        sorted_sequence = autograd.take_along_axis(sorted_sequence, sorter, -1)
    rows, values = raw(sorted_sequence), np.asarray(raw(input))
    side = side or ("right" if right else "left")
    if rows.ndim == 1:
        found = np.asarray(np.searchsorted(rows, values, side))
    else:
        if rows.shape[:-1] != values.shape[:-1]:
            raise ShapeError(f"searchsorted: rows of {rows.shape} and of {values.shape} differ")
        found = np.empty(values.shape, np.int64)
        for place in np.ndindex(rows.shape[:-1]):
            found[place] = np.searchsorted(rows[place], values[place], side)
    return made(found.astype(np.int32 if out_int32 else np.int64))


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """In which interval between the boundaries each element lies."""
    if np.ndim(raw(boundaries)) != 1:
        raise ArgumentTypeError("bucketize: boundaries must be 1-D")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
