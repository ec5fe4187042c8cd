"""Arrays made of several: blocks on a diagonal, all tuples of elements; and windows of one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.operands import joined
from autograd.engine.ranges import Length
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, here
from autograd.ops.indexing.index import getitem
from autograd.ops.indexing.pad import zero_pad
from autograd.ops.indexing.take import take
from autograd.ops.shape.axes import moveaxis
from autograd.ops.shape.join import concat, stack
from autograd.ops.shape.rank import atleast_2d, ravel
from autograd.ops.shape.shape import broadcast_to, normal_axis, reshape


def block_diag(*arrays: Any) -> Tensor:
    """A matrix with the given `arrays` along its diagonal, zeros elsewhere.

    Vectors are rows, numbers are matrices of one element.

    Shape: (Mᵢ, Nᵢ) -> (Σ Mᵢ, Σ Nᵢ). Others than matrices, vectors and numbers raise ShapeError.

    >>> import autograd as ag
    >>> ag.block_diag(ag.Tensor([[1.0, 2.0]]), ag.Tensor(3.0))
    Tensor([[1., 2., 0.],
            [0., 0., 3.]], dtype=float32)
    """
    blocks: list[Any] = [atleast_2d(joined(x)) for x in arrays] or [np.zeros((1, 0), np.float32)]
    for x in blocks:
        if np.ndim(x) != 2:
            raise ShapeError(f"block_diag: expected matrices, got shape {np.shape(x)}{here()}")
    whole, before = sum(np.shape(x)[1] for x in blocks), 0
    rows = []
    for x in blocks:
        width = np.shape(x)[1]
        rows.append(zero_pad(x, ((0, 0), (before, whole - before - width))))
        before += width
    return concat(rows, axis=0)


def _vector(name: str, x: Array) -> Array:
    if np.ndim(x) != 1:
        raise ShapeError(f"{name}: expected 1-D arrays, got shape {np.shape(x)}{here()}")
    return x


def cartesian_prod(*arrays: Any) -> Tensor:
    """All tuples of one element of each of the 1-D `arrays`, as rows; the last changes first.

    Shape: (Nᵢ,), k of them -> (Π Nᵢ, k); of one array the array itself.

    >>> import autograd as ag
    >>> ag.cartesian_prod(ag.Tensor([1, 2]), ag.Tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    if not arrays:
        raise ArgumentError("cartesian_prod: expected at least one array")
    xs = [joined(x) for x in arrays]
    given = [_vector("cartesian_prod", x if hasattr(x, "dtype") else np.asarray(x)) for x in xs]
    if len(given) == 1:
        return given[0]
    shape = tuple(np.shape(x)[0] for x in given)
    grids = [
        broadcast_to(reshape(x, tuple(-1 if i == k else 1 for i in range(len(given)))), shape)
        for k, x in enumerate(given)
    ]
    return stack([ravel(x) for x in grids], axis=-1)


@checked
def combinations(x: Array, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of r elements of a 1-D x, in their order, as rows.

    With `with_replacement` an element may be chosen several times.

    Shape: (N,) -> (K, r), K choices; for r = 0 (0,), as in PyTorch.

    >>> import autograd as ag
    >>> ag.combinations(ag.Tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """
    x = joined(x)
    if r < 0:
        raise ArgumentError(f"combinations: r must not be negative, got {r}{here()}")
    x = _vector("combinations", x)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(np.shape(x)[0]), r))
    return take(x, np.array(rows, np.int64).reshape((len(rows), r) if r else 0), 0)


@checked
def unfold(x: Array, axis: int, size: Length, step: int) -> Tensor:
    """The windows of a size along an axis, a step apart; what is in a window is a last axis.

    Shape: (..., N, ...) -> (..., (N - size)//step + 1, ..., size). A window longer than the axis
    raises ShapeError.

    >>> import autograd as ag
    >>> ag.arange(5.0).unfold(0, 3, 2)
    Tensor([[0., 1., 2.],
            [2., 3., 4.]], dtype=float32)
    """
    x = joined(x)
    if not np.ndim(x) and size in (0, 1):
        return getitem(reshape(x, (1,)), slice(size))
    at = normal_axis(axis, np.ndim(x))
    length = np.shape(x)[at]
    if not 0 <= size <= length or step < 1:
        raise ShapeError(
            f"unfold: no windows of {size} by steps of {step} along an axis of {length}: "
            f"x is {np.shape(x)}{here()}"
        )
    starts = np.arange(0, length - size + 1, step)
    return moveaxis(take(x, starts[:, None] + np.arange(size), at), at + 1, -1)
