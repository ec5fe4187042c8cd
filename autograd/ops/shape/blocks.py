"""Arrays put together from blocks, and what is left of NumPy's ways to arrange axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.typed import Tensor
from autograd.errors import AxisError, ShapeError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.shape.axes import moveaxis
from autograd.ops.shape.diagonals import diag
from autograd.ops.shape.join import concat
from autograd.ops.shape.rank import ravel
from autograd.ops.shape.shape import reshape


@composite(
    "blocks",
    samples=samples(
        lambda: sample(draw(2, 2), draw(2, 1), draw(3), layout=((0, 1), (2,))),
        lambda: sample(draw(2), draw(), layout=(0, 1)),
        lambda: sample(draw(2, 2), layout=0),
    ),
    reference=lambda *xs, layout: np.block(_filled(layout, xs)),
)
def _block(*xs: Array, layout: Any) -> Array:
    depth = _depth(layout)
    return _joined(layout, xs, depth, max(depth, *map(np.ndim, xs)))


def _filled(layout: Any, xs: Any) -> Any:
    return [_filled(part, xs) for part in layout] if isinstance(layout, tuple) else xs[layout]


def _depth(layout: Any) -> int:
    if not isinstance(layout, tuple):
        return 0
    depths = {_depth(part) for part in layout}
    if len(depths) != 1:
        raise ShapeError("block: the lists are nested to different depths, or one is empty")
    return 1 + depths.pop()


def _joined(layout: Any, xs: Any, depth: int, ndim: int) -> Array:
    if depth == 0:
        shape = np.shape(xs[layout])
        return reshape(xs[layout], (1,) * (ndim - len(shape)) + shape)
    return concat([_joined(part, xs, depth - 1, ndim) for part in layout], axis=-depth)


def block(arrays: Any) -> Tensor:
    """The array that nested lists of blocks draw: the innermost are joined along the last axis.

    The lists around them are joined along the axis before it, and so on: `arrays` is written as the
    result looks.

    Shape: as the blocks fit; those that do not raise ShapeError.

    >>> import autograd as ag
    >>> x = ag.Tensor([[1.0]])
    >>> ag.block([[x, 2 * x], [3 * x, 4 * x]])
    Tensor([[1., 2.],
            [3., 4.]], dtype=float32)
    """
    found: list[Any] = []

    def placed(part: Any) -> Any:
        if isinstance(part, list):
            return tuple(map(placed, part))
        found.append(part)
        return len(found) - 1

    layout = placed(arrays)
    return _block(*found, layout=layout)


@composite(
    "diag x",
    samples=samples(lambda: sample(draw(2, 2)), lambda: sample(draw(), k=-1)),
)
def diagflat(x: Array, /, k: int = 0) -> Array:
    """A matrix with all elements of x on its diagonal, or on the k-th above it.

    Shape: any -> (N, N) with N = size + |k|.

    >>> import autograd as ag
    >>> ag.diagflat(ag.Tensor([[1.0], [2.0]]))
    Tensor([[1., 0.],
            [0., 2.]], dtype=float32)
    """
    return diag(ravel(x), k)


@composite(
    "axis of x moved",
    samples=samples(
        lambda: sample(draw(2, 3, 4), axis=2),
        lambda: sample(draw(2, 3, 4), axis=0, start=3),
        lambda: sample(draw(2, 3), axis=-1, start=-2),
    ),
)
def rollaxis(x: Array, /, axis: int, start: int = 0) -> Array:
    """x with an axis moved before another, `start`; `moveaxis` says it more plainly.

    Shape: (..., N, ...) -> the same lengths, in another order.

    >>> import autograd as ag
    >>> ag.rollaxis(ag.zeros(2, 3, 4), 2).shape
    (4, 2, 3)
    """
    ndim = np.ndim(x)
    if not (-ndim <= axis < ndim and -ndim <= start <= ndim):
        raise AxisError(f"rollaxis: x is {np.shape(x)}, axis is {axis} and start {start}")
    axis, start = axis % ndim, start + ndim if start < 0 else start
    return moveaxis(x, axis, start - 1 if axis < start else start)
