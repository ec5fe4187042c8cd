"""The largest, and the smallest, of what goes to one place."""

from __future__ import annotations

import numpy as np

from autograd.engine.modes import captures, capturing
from autograd.engine.operands import tensor_types
from autograd.extend import Array, draw, op, sample, samples
from autograd.ops.indexing.take import add_along_axis, open_grid, take_along_axis


def _attains(x: Array, out: Array) -> Array:
    return np.logical_or(np.equal(x, out), np.logical_and(x != x, out != out))


def _winners(x: Array, index: Array, src: Array, out: Array, axis: int) -> tuple[Array, ...]:
    """Which elements of x, and of src, are the extremum of their place, and how many there are."""
    mine = _attains(x, out)
    theirs = _attains(src, take_along_axis(out, index, axis))
    many = mine + add_along_axis(np.where(theirs, np.ones_like(src), 0), index, np.shape(x), axis)
    return mine, theirs, many


def d_base(g: Array, x: Array, index: Array, src: Array, out: Array, axis: int) -> Array:
    mine, _, many = _winners(x, index, src, out, axis)
    return np.where(mine, g / many, 0)


def d_source(g: Array, x: Array, index: Array, src: Array, out: Array, axis: int) -> Array:
    _, theirs, many = _winners(x, index, src, out, axis)
    return np.where(theirs, take_along_axis(g / many, index, axis), 0)


def _one_by_one(x: Array, index: Array, src: Array, axis: int, largest: bool = True) -> Array:
    out, grid = np.array(x), open_grid(x.shape, index, axis)
    for place in np.ndindex(index.shape):
        to = tuple(np.broadcast_to(g, index.shape)[place] for g in grid)
        out[to] = (np.maximum if largest else np.minimum)(out[to], src[place])
    return out


_INDEX = np.array([[0, 0, 1], [2, 2, 2]])


@op(
    "max x[i]",
    x=d_base,
    src=d_source,
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3), _INDEX, draw(2, 3, seed=1), axis=1),
        lambda: sample(draw(2, 3), _INDEX[:, :1], draw(2, 1, seed=1), axis=-1, largest=False),
        lambda: sample(draw(4), np.array([1, 1, 1]), draw(3, seed=1), axis=0),
        lambda: sample(
            np.ones(2), np.array([1, 1]), np.ones(2), axis=0, label="ties", smooth=False
        ),
        lambda: sample(draw(2, 0), np.zeros((2, 0), int), draw(2, 0), axis=0),
    ),
    reference=_one_by_one,
)
def extreme_at(x: Array, index: Array, src: Array, /, axis: int, largest: bool = True) -> Array:
    """The largest, or smallest, of x and of all elements of src that go to a place of x.

    Equal parts of the cotangent go to all elements that attain it. NaN wins.
    """
    out = np.array(np.broadcast_to(x, np.shape(x)))
    ufunc = np.maximum if largest else np.minimum
    ufunc.at(out, open_grid(out.shape, index, axis), src)
    return out


# ---- which is the last ---------------------------------------------------------------------------


def is_run_again(index: Array) -> bool:
    """Whether an index is part of a program, which is to run on other indices as well."""
    return bool(type(index) in tensor_types and captures and capturing())


def last_at(index: Array, shape: tuple[int, ...], axis: int) -> Array:
    """For each place, where in the index it is named last; -1 where it is not."""
    numbers = np.arange(np.shape(index)[axis])
    numbers = numbers.reshape([-1 if a == axis else 1 for a in range(len(shape))])
    numbers = np.broadcast_to(numbers, np.shape(index))
    return extreme_at(np.full(shape, -1), index, numbers, axis=axis)
