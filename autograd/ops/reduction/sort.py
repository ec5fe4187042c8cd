"""Sorting: its gradient is the inverse permutation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError
from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.matrix.ranks import at_ranks, largest_first, order
from autograd.ops.indexing.take import add_along_axis
from autograd.ops.shape.shape import normal_axis

_SHAPES = samples(
    lambda: sample(draw(5)),
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(3, 2, 2).T, axis=1, label="not contiguous"),
    lambda: sample(draw(2, 4), axis=-1, descending=True),
    lambda: sample(np.array([2.0, 1, 2, 1]), descending=True, label="ties", smooth=False),
    lambda: sample(draw(4), stable=False),
    lambda: sample(draw(0, 3), axis=0),
)


def _order_of_keys(
    x: Array, axis: int = -1, descending: bool = False, stable: bool = True
) -> Array:
    return np.argsort(-x if descending else x, axis=axis, kind="stable")


def _sorted_by_keys(x: Array, **params: bool) -> tuple[Array, Array]:
    values = np.sort(x, axis=params.get("axis", -1))
    if params.get("descending"):
        values = np.flip(values, params.get("axis", -1))
    return values, _order_of_keys(x, **params)


@op("argsort x", real_only=True, samples=_SHAPES, reference=_order_of_keys)
def argsort(x: Array, /, axis: int = -1, *, descending: bool = False, stable: bool = True) -> Array:
    """The indices that sort x along an axis; equal elements keep their order if `stable`.

    `descending` is that of `sort`.

    Shape: any -> the same. Gives int64. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.argsort(ag.Tensor([3.0, 1.0, 2.0]))
    Tensor([1, 2, 0], dtype=int64)
    """
    return order(x, axis, descending, stable)


def d_sort(g: tuple[Array, Array], out: tuple[Array, Array], axis: int) -> Array:
    return np.take_along_axis(g[0], np.argsort(out[1], axis=axis), axis)


def t_sort(t: Array, out: tuple[Array, Array], axis: int) -> tuple[Array, Array]:
    return np.take_along_axis(t, out[1], axis), out[1]


@op(
    "sort x",
    x=d_sort,
    jvp={"x": t_sort},
    outputs=2,
    real_only=True,
    samples=_SHAPES,
    reference=_sorted_by_keys,
)
def _sort(
    x: Array, /, axis: int = -1, *, descending: bool = False, stable: bool = True
) -> tuple[Array, Array]:
    indices = order(x, axis, descending, stable)
    return np.take_along_axis(x, indices, axis), indices


@checked
def sort(
    x: Array, axis: int | None = -1, *, descending: bool = False, stable: bool = True
) -> Tensor:
    """The elements in ascending order along an axis (of x flattened if None); NaN comes last.

    `descending` turns the order, with NaN first; `stable` keeps that of equal elements. The
    gradient goes back where each element came from.

    Shape: any -> the same, or 1-D if `axis` is None. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.sort(ag.Tensor([3.0, 1.0, 2.0]), descending=True)
    Tensor([3., 2., 1.], dtype=float32)
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    return _sort(x, axis, descending=descending, stable=stable)[0]


def d_chosen(g: tuple[Array, Array], out: tuple[Array, Array], x_shape: Any, axis: int) -> Array:
    return add_along_axis(g[0], out[1], x_shape, axis)


def _ranked_by_sorting(x: Array, ranks: tuple[int, ...], axis: int = -1) -> tuple[Array, Array]:
    indices = np.argsort(x, axis=-1, kind="stable")[..., ranks]
    return np.sort(x, axis=-1)[..., ranks], indices


@op(
    "x of rank r",
    x=d_chosen,
    jvp={"x": t_sort},
    outputs=2,
    real_only=True,
    samples=samples(
        lambda: sample(draw(5), ranks=(2,)),
        lambda: sample(draw(2, 4), ranks=(0, 1, 3)),
        lambda: sample(np.array([2.0, 1, 2, 1]), ranks=(1, 2), label="ties", smooth=False),
        lambda: sample(draw(0, 3), ranks=(1,), label="no slices"),
    ),
    reference=_ranked_by_sorting,
)
def ranked(x: Array, /, ranks: tuple[int, ...], axis: int = -1) -> tuple[Array, Array]:
    """The elements that stand at these ranks when the last axis is sorted, and their indices.

    In a slice that holds NaN they are all NaN.
    """
    return at_ranks(x, ranks)


class TopK(NamedTuple):
    """What `topk` returns."""

    values: Tensor
    indices: Tensor


def _topk_by_sorting(x: Array, k: int, axis: int = -1, largest: bool = True) -> tuple[Array, Array]:
    indices = np.argsort(-x if largest else x, axis=axis, kind="stable")
    indices = np.take(indices, range(k), axis)
    return np.take_along_axis(x, indices, axis), indices


@op(
    "top k of x",
    x=d_chosen,
    jvp={"x": t_sort},
    outputs=2,
    real_only=True,
    samples=samples(
        lambda: sample(draw(5), k=2),
        lambda: sample(draw(3, 4), k=3, axis=0, largest=False),
        lambda: sample(np.array([1.0, 3, 3, 3]), k=2, label="ties", smooth=False),
        lambda: sample(draw(3), k=0),
    ),
    reference=_topk_by_sorting,
)
def _topk(x: Array, /, k: int, axis: int = -1, largest: bool = True) -> tuple[Array, ...]:
    return largest_first(x, k, axis, largest)


@checked
def topk(x: Array, k: int, axis: int = -1, largest: bool = True) -> TopK:
    """The k largest (or smallest) elements along an axis, in order, and their indices.

    Smallest with `largest=False`. Of equal elements the first ones are taken. The gradient goes to
    the elements taken.

    Shape: (..., N, ...) -> (..., k, ...) twice, as `TopK(values, indices)`; the indices are int64.
    Complex numbers raise DTypeError. k beyond N is an error.

    >>> import autograd as ag
    >>> values, indices = ag.topk(ag.Tensor([1.0, 4.0, 3.0]), 2)
    >>> values, indices
    (Tensor([4., 3.], dtype=float32), Tensor([1, 2], dtype=int64))
    """
    x = joined(x)
    shape = np.shape(x)
    length = shape[normal_axis(axis, len(shape))]
    if not 0 <= k <= length:
        raise ArgumentError(f"topk: k is {k}, but x has {length} elements along axis {axis}")
    return TopK(*_topk(x, k, axis, largest))
