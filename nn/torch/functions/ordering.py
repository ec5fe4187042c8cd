"""Sorting, ranks, quantiles, sets and counts of values."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axes_of, axis_of, filled, made, numbers, numpy_names, result
from nn.torch.functions.reducing import picked
from nn.torch.promotion import cast

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


@numpy_names
def kthvalue(input: Any, k: int, dim: Any = -1, keepdim: bool = False) -> Any:
    """The kth smallest along `dim`, counted from 1, and its index."""
    return KthValue(*autograd.kthvalue(input, k, axis_of(input, dim), keepdim))


@numpy_names
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The median, the lower of two in the middle; with `dim` a pair of values and indices."""
    return _median(input, dim, keepdim, Median, "median")


@numpy_names
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The median of what is not NaN, the lower of two; with `dim` values and indices."""
    return _median(input, dim, keepdim, NanMedian, "nanmedian")


def _shared_evenly(flat: Any, value: Any) -> Any:
    """One of the elements, whose gradient all that equal it share."""
    same = autograd.logical_or(
        autograd.equal(flat, value),
        autograd.logical_and(autograd.isnan(flat), autograd.isnan(value)),
    )
    largest = autograd.amax(autograd.where(same, flat, -np.inf))
    least = autograd.amin(autograd.where(same, flat, np.inf))
    return autograd.where(
        autograd.less(value, 0), least, largest
    )  # ±inf ties with what is left out


def _median(input: Any, dim: Any, keepdim: bool, kind: Any, name: str) -> Any:
    if dim is None:
        flat = autograd.reshape(input, -1)
        if not flat.shape[0]:
            return made(np.asarray(np.nan, raw(input).dtype))
        middle = _median(flat, 0, False, kind, name)[0]
        if flat.dtype.kind != "f" or not flat.requires_grad:
            return middle
        return _shared_evenly(flat, middle.detach())
    axis = axis_of(input, dim)
    if not input.ndim:
        return kind(input, made(np.int64(0)))
    if not input.shape[axis]:
        raise ShapeError(f"{name}: dim {dim} has no elements")
    count = input.shape[axis]
    there = count - autograd.sum(autograd.isnan(input), axis=axis, keepdims=True)
    if name == "nanmedian":
        rank = autograd.maximum((there - 1) // 2, 0)
    else:  # the first NaN, where there is one
        rank = autograd.where(there < count, there, (count - 1) // 2)
    places = autograd.take_along_axis(autograd.argsort(input, axis=axis), rank, axis)
    return picked(input, places, axis, keepdim, kind)


@numpy_names
def mode(input: Any, dim: Any = -1, keepdim: bool = False) -> Any:
    """The value found most often along `dim`, the smallest of several, and its last index."""
    return Mode(*autograd.mode(input, axis_of(input, dim), keepdim))


@numpy_names
def quantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The quantiles q along `dim`, or of all elements."""
    _refuse_whole("quantile", input)
    return autograd.quantile(
        input, q, axis=axes_of(input, dim), keepdims=keepdim, method=interpolation
    )


@numpy_names
def nanquantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The quantiles q of what is not NaN."""
    _refuse_whole("nanquantile", input)
    return autograd.nanquantile(
        input, q, axis=axes_of(input, dim), keepdims=keepdim, method=interpolation
    )


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
        numbers(input, "the distinct elements"),
        return_inverse=True,
        return_counts=True,
        axis=axis,
        equal_nan=False,
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
    x = numbers(input, "the distinct elements")
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
    if weights is not None and raw(weights).dtype != np.float32:
        weights = cast(weights, np.dtype(np.float64))
    return autograd.bincount(input, weights, minlength)


def histc(input: Any, bins: int = 100, min: Any = 0, max: Any = 0, *, out: Any = None) -> Any:
    """How many elements lie in each of `bins` equal parts of [min, max]."""
    x = numbers(input, "how many lie in each bin")
    if min == max and x.size:
        min, max = x.min().item(), x.max().item()
    if min == max:
        min, max = min - 1, max + 1
    found, _ = np.histogram(x, bins, (min, max))
    return filled(out, made(found.astype(x.dtype)))


def histogram(
    input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    """How many elements lie in each bin, and the edges of the bins."""
    x, edges = numbers(input, "how many lie in each bin"), raw(bins)
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
    if right and side == "left":
        raise ArgumentError("searchsorted: right=True and side='left' say the opposite")
    side = side or ("right" if right else "left")
    lead = raw(sorted_sequence).shape[:-1]
    values = input if hasattr(raw(input), "dtype") else np.asarray(input)
    if not lead:
        found = made(autograd.searchsorted(sorted_sequence, values, side))
    else:
        if lead != np.shape(raw(values))[:-1]:
            raise ShapeError(f"searchsorted: rows of {lead} and {np.shape(raw(values))} differ")
        rows, each = (autograd.reshape(v, (-1, v.shape[-1])) for v in (sorted_sequence, values))
        each_row = zip(autograd.unbind(rows), autograd.unbind(each), strict=True)
        placed = [autograd.searchsorted(row, wanted, side) for row, wanted in each_row]
        found = autograd.reshape(autograd.stack(placed), values.shape)
    return cast(found, np.dtype(np.int32)) if out_int32 else found


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """In which interval between the boundaries each element lies."""
    if np.ndim(raw(boundaries)) != 1:
        raise ArgumentTypeError("bucketize: boundaries must be 1-D")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
