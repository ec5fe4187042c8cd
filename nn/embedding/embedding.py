"""Rows of a table by their numbers, one by one or summed up in bags, as functions."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals, here
from autograd.engine.dtypes import in_single
from autograd.engine.modes import capturing
from autograd.engine.trail import computed, written_outside
from autograd.errors import (
    ArgumentError,
    DTypeError,
    IndexRangeError,
    InPlaceError,
    ShapeError,
    UnsupportedError,
)
from autograd.extend import raw
from autograd.ops.indexing.take import move_rows
from nn.loss.reduction import as_tensor, chosen
from nn.module.checks import check_choice, check_floating

MODES = ("mean", "sum", "max")


@checked
def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` (V, D) that `input`, integers of any shape (*), names: (*, D).

    The row `padding_idx` gets no gradient. With `max_norm` the rows that are named are first
    scaled down, where they lie in `weight`, to that norm at most, in the sense of `norm_type`. With
    `scale_grad_by_freq` the gradient of a row is divided by the times it is named. Gradients are
    never `sparse`.

    Shape: (*) integers -> (*, D). Row numbers out of range are errors; floats raise DTypeError.

    >>> import autograd as ag
    >>> import nn
    >>> weight = ag.Tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> nn.functional.embedding(ag.Tensor([2, 0]), weight)
    Tensor([[3., 4.],
            [0., 0.]], dtype=float32)
    """
    name = "embedding"
    check_dense(name, sparse)
    weight = _table(name, weight)
    indices = _indices(name, as_tensor(input), weight.shape)
    padding = padding_row(name, padding_idx, weight.shape[0])
    if max_norm is not None:
        _renormalize(name, weight, indices, max_norm, norm_type)
    rows = _looked_up(weight, indices, scale_grad_by_freq)
    if padding is None:
        return rows
    pads = indices == padding
    if capturing() or np.any(pads):  # a traced call may not look: there may be other ones next time
        return ag.where(np.expand_dims(pads, -1), rows.detach(), rows)
    return rows


@checked
@for_reals
def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The mean, sum or max (`mode`) of rows of `weight` (V, D) over bags of row numbers: (B, D).

    `input` is (B, L), a bag each row, or (N,), and then `offsets` (B,) says where each bag starts;
    with `include_last_offset` it is (B + 1,) and also says where the last one ends.
    `per_sample_weights`, of the shape of `input`, multiply the rows of a sum. Rows `padding_idx` do
    not count. An empty bag gives zeros. The other options are those of `embedding`.

    Shape: (B, L) integers -> (B, D); or (N,) with offsets (B,).

    >>> import autograd as ag
    >>> import nn
    >>> weight = ag.Tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> nn.functional.embedding_bag(ag.Tensor([1, 2, 2]), weight, ag.Tensor([0, 2]))
    Tensor([[2., 3.],
            [3., 4.]], dtype=float32)
    """
    name = "embedding_bag"
    check_choice("mode", mode, MODES)
    check_dense(name, sparse)
    weight, input = _table(name, weight), as_tensor(input)
    factors = _factors(name, per_sample_weights, input.shape, mode, weight.dtype)
    indices = _indices(name, input, weight.shape)
    bags, count = _bags(name, indices, offsets, include_last_offset)
    indices = indices.reshape(-1)[: len(bags)]
    if max_norm is not None:
        _renormalize(name, weight, indices, max_norm, norm_type)
    padding = padding_row(name, padding_idx, weight.shape[0])
    kept, rows, bags = computed(_that_count, indices, bags=bags, padding=padding)
    return _joined(weight, factors, kept, rows, bags, count, mode, by_frequency=scale_grad_by_freq)


def _that_count(indices: Any, bags: Any, padding: int | None) -> tuple[Any, Any, Any]:
    """Which of the indices do not pad; they, and their bags."""
    kept = np.arange(len(bags)) if padding is None else np.flatnonzero(indices != padding)
    return kept, indices[kept], bags[kept]


@in_single
def _joined(
    weight: Tensor, factors: Any, kept: Any, indices: Any, bags: Any, count: int, mode: str,
    *, by_frequency: bool,
) -> Any:  # fmt: skip
    """The rows of each bag in one."""
    if mode != "max" and factors is None and not by_frequency:
        return _averaged(move_rows(weight, indices, bags, count), bags, mode)
    rows = _looked_up(weight, indices, by_frequency)
    if factors is not None:
        rows = rows * ag.expand_dims(ag.take(factors, kept), -1)
    if mode == "max":
        return _largest(rows, bags, count)
    sums = ag.add_at(rows, bags, (count, weight.shape[1]), axis=0)
    return _averaged(sums, bags, mode)


# ---- what they share -----------------------------------------------------------------------------


def _looked_up(weight: Tensor, indices: Any, by_frequency: bool) -> Any:
    rows = ag.take(weight, indices, axis=0)
    if not by_frequency or not indices.size:
        return rows
    times = np.bincount(indices.reshape(-1))[indices]
    fixed = rows.detach()
    return fixed + (rows - fixed) * np.expand_dims(1 / times, -1).astype(rows.dtype)


def _averaged(sums: Any, bags: Any, mode: str) -> Any:
    if mode == "sum":
        return sums
    sizes = np.maximum(np.bincount(bags, minlength=len(sums)), 1)
    return sums / sizes[:, None].astype(sums.dtype)


def _largest(rows: Any, bags: Any, count: int) -> Any:
    """The largest of each column in each bag, of several the first; zeros for an empty bag."""
    if not bags.size:
        return ag.add_at(rows, bags, (count, rows.shape[1]), axis=0)
    places, filled = computed(_tops, rows, bags)
    found = ag.take_along_axis(rows, places, axis=0)
    if len(filled) == count:
        return found
    return ag.add_at(found, filled, (count, rows.shape[1]), axis=0)


def _tops(values: Any, bags: Any) -> tuple[Any, Any]:
    """The row of each bag's largest, column by column; and which bags there are."""
    starts = np.flatnonzero(np.diff(bags, prepend=-1))
    sizes = np.diff(starts, append=len(bags))
    tops = np.repeat(np.maximum.reduceat(values, starts, axis=0), sizes, axis=0)
    numbers = np.arange(len(bags))[:, None]
    at_top = (values == tops) | np.isnan(values)
    places = np.minimum.reduceat(np.where(at_top, numbers, len(bags)), starts, axis=0)
    return places, bags[starts]


def _renormalize(
    name: str, weight: Tensor, indices: Any, max_norm: float, norm_type: float
) -> None:
    """Scale rows that are named down to a norm, where they lie."""
    written_outside("a change of the weight by max_norm")
    named = np.unique(indices)
    rows = raw(weight)[named]
    norms = np.linalg.norm(rows, ord=norm_type, axis=1)
    long = norms > max_norm
    if not np.any(long):
        return
    if not weight.is_leaf:
        raise InPlaceError(
            f"{name}: max_norm changes weight where it lies, and weight is the result of "
            f"an operation.\n  Pass a leaf, such as a Parameter, or scale it yourself.{here()}"
        )
    factors = max_norm / (norms[long] + 1e-7)
    with ag.no_grad():
        weight[named[long]] = (rows[long] * factors[:, None]).astype(weight.dtype)


def padding_row(name: str, padding_idx: int | None, count: int) -> int | None:
    """The number of the row that pads, counted from the front; a ValueError if there is none."""
    if padding_idx is None:
        return None
    if not -count <= padding_idx < count:
        raise ArgumentError(
            f"{name}: padding_idx is {padding_idx}; there are {count} rows, so it must lie between "
            f"{-count} and {count - 1}{here()}"
        )
    return int(padding_idx) % count


# ---- what is checked -----------------------------------------------------------------------------


def check_dense(name: str, sparse: bool) -> None:
    """Raise UnsupportedError if sparse gradients are asked for."""
    if sparse:
        raise UnsupportedError(
            f"{name}: there are no sparse gradients: pass sparse=False. Only the rows that are "
            f"named get a gradient other than 0.{here()}"
        )


def _table(name: str, weight: Any) -> Tensor:
    table: Tensor = as_tensor(weight)
    check_floating(name, table, 0)
    if table.ndim != 2:
        raise ShapeError(f"{name}: weight is {table.shape}; it must be (rows, features){here()}")
    return table


def _indices(name: str, input: Tensor, table: tuple[int, ...]) -> Any:
    """The indices as an array, each the number of a row."""
    if input.dtype.kind not in "iu":
        raise DTypeError(
            f"{name}: input holds numbers of rows (integers), not {input.dtype}.\n"
            f"  Write input.astype('int64').{here()}"
        )
    return computed(_checked_rows, input, name=name, table=table)


def _checked_rows(indices: Any, name: str, table: tuple[int, ...]) -> Any:
    indices = np.asarray(indices)
    if indices.size and (indices.min() < 0 or indices.max() >= table[0]):
        wrong = tuple(map(int, np.argwhere((indices < 0) | (indices >= table[0]))[0]))
        place = f"input[{', '.join(map(str, wrong))}]" if wrong else "input"
        raise IndexRangeError(
            f"{name}: {place} is {indices[wrong]}, out of range: weight is {table}, so there are "
            f"{table[0]} rows, 0 to {table[0] - 1}{here()}"
        )
    return indices


def _factors(
    name: str, weights: Any, shape: tuple[int, ...], mode: str, dtype: Any
) -> Tensor | None:
    """The weights of the samples, or None."""
    if weights is None:
        return None
    if mode != "sum":
        raise ArgumentError(f"{name}: per_sample_weights are for mode='sum', not {mode!r}{here()}")
    weights = as_tensor(weights)
    if weights.shape != shape:
        raise ShapeError(
            f"{name}: per_sample_weights is {weights.shape}; there must be one for each of the "
            f"input, {shape}{here()}"
        )
    return ag.reshape(ag.astype(weights, dtype), (-1,))


def _bags(name: str, indices: Any, offsets: Any, include_last: bool) -> tuple[Any, int]:
    """The number of the bag of each index, in ascending order, and how many bags there are."""
    if indices.ndim == 2:
        if offsets is not None:
            raise ShapeError(
                f"{name}: input is {indices.shape}, a bag each row, so there are no offsets{here()}"
            )
        return np.repeat(np.arange(len(indices)), indices.shape[1]), len(indices)
    if indices.ndim != 1:
        raise ShapeError(f"{name}: input is {indices.shape}; it must be (B, L) or (N,){here()}")
    if offsets is None:
        raise ShapeError(
            f"{name}: input is {indices.shape}: pass offsets, where in it each bag starts.\n"
            f"  For a single bag write input[None].{here()}"
        )
    starts = np.asarray(chosen(as_tensor(offsets)))
    if starts.ndim != 1 or starts.dtype.kind not in "iu":
        raise ShapeError(
            f"{name}: offsets is {starts.shape} {starts.dtype}; it must be (B,) integers{here()}"
        )
    edges = starts if include_last else np.append(starts, len(indices))
    falls = np.any(np.diff(edges) < 0) or (len(edges) and edges[-1] > len(indices))
    if falls or not len(edges) or edges[0] != 0:
        last = "and end" if include_last else "and stay"
        raise ArgumentError(
            f"{name}: offsets is {starts.tolist()}; it must start at 0, never fall, {last} within "
            f"the {len(indices)} of input{here()}"
        )
    return np.repeat(np.arange(len(edges) - 1), np.diff(edges)), len(edges) - 1
