"""Joining and splitting. Each is the other's rule: concat and split, stack and unstack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.parallel.copies import LARGE, concatenated
from autograd.ops.shape.rank import atleast_1d, atleast_2d, atleast_3d, ravel
from autograd.ops.shape.shape import normal_axis, reshape


def d_concat(g: Array, xs_shape: tuple[tuple[int, ...], ...], axis: int) -> tuple[Array, ...]:
    ends = tuple(accumulate(shape[axis] for shape in xs_shape))
    parts: tuple[Array, ...] = _split(g, ends[:-1], axis)
    return parts


@op(
    "join xs",
    joint=d_concat,
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), draw(1, 3, seed=1)),
        lambda: sample(draw(2, 3), draw(2, 0), draw(2, 2, seed=1), axis=-1),
        lambda: sample(draw(3)),
        lambda: sample(draw(0, 2), draw(0, 2), axis=1),
    ),
    reference=lambda *xs, axis=0: np.concatenate(xs, axis),
)
def _concat(*xs: Array, axis: int = 0) -> Array:
    if xs and type(xs[0]) is np.ndarray and xs[0].size >= LARGE:
        return concatenated(xs, axis)
    return np.concatenate(xs, axis)


@checked
def concat(xs: Iterable[Array], axis: int | None = 0) -> Tensor:
    """xs, all of one shape but for an axis, joined along it; flattened first if axis is None.

    Shape: (..., N, ...), (..., M, ...) -> (..., N + M, ...). Other lengths that differ raise
    ShapeError; no xs at all is an error.

    >>> import autograd as ag
    >>> ag.concat([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0])])
    Tensor([1., 2., 3.], dtype=float32)
    """
    if axis is None:
        return _concat(*(ravel(x) for x in xs))
    return _concat(*xs, axis=axis)


concatenate = concat
cat = concat


@op(
    "stack xs",
    joint=lambda g, axis: unstack(g, axis),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), draw(2, 3, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1), draw(3, seed=2), axis=-1),
        lambda: sample(draw(), draw(seed=1)),
        lambda: sample(draw(0, 3), draw(0, 3), axis=1),
    ),
    reference=lambda *xs, axis=0: np.concatenate([np.expand_dims(x, axis) for x in xs], axis),
)
def _stack(*xs: Array, axis: int = 0) -> Array:
    if xs and type(xs[0]) is np.ndarray and xs[0].size >= LARGE and len({*map(np.shape, xs)}) == 1:
        return concatenated([np.expand_dims(x, axis) for x in xs], axis)
    alike = xs and axis == 0 and {*map(type, xs)} == {np.ndarray} and xs[0].ndim
    if alike and len({x.shape for x in xs}) == 1:
        return np.concatenate(xs).reshape(len(xs), *xs[0].shape)  # half of what np.stack takes
    return np.stack(xs, axis, dtype=np.result_type(*xs) if xs else None)  # Python scalars are weak


@checked
def stack(xs: Iterable[Array], axis: int = 0) -> Tensor:
    """xs, all of one shape, joined along a new axis.

    Shape: n times (M, N, ...) -> the same with n at `axis`. Shapes that differ raise ShapeError; no
    xs at all is an error.

    >>> import autograd as ag
    >>> ag.stack([ag.Tensor(1.0), ag.Tensor(2.0)])
    Tensor([1., 2.], dtype=float32)
    """
    return _stack(*xs, axis=axis)


_ROWS = samples(
    lambda: sample(draw(3), draw(3, seed=1)),
    lambda: sample(draw(2, 3), draw(2, 3, seed=1)),
    lambda: sample(draw(1, 2, 3)),
    lambda: sample(draw(0), draw(0)),
)


@composite("join rows", samples=_ROWS, reference=lambda *xs: np.vstack(xs))
def _vstack(*xs: Array) -> Array:
    return concat([atleast_2d(x) for x in xs], 0)


def vstack(xs: Iterable[Array]) -> Tensor:
    """xs joined along the first axis; (N,) counts as a row (1, N).

    Shape: (N,), (M, N) -> (1 + M, N). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.vstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])]).shape
    (2, 2)
    """
    return _vstack(*xs)


@composite("join columns", samples=_ROWS, reference=lambda *xs: np.hstack(xs))
def _hstack(*xs: Array) -> Array:
    wide = [atleast_1d(x) for x in xs]
    return concat(wide, 0 if wide and wide[0].ndim == 1 else 1)


def hstack(xs: Iterable[Array]) -> Tensor:
    """xs joined along the second axis; along the only one if they are 1-d.

    Shape: (M, N), (M, K) -> (M, N + K); (N,), (K,) -> (N + K,). Others that differ raise
    ShapeError.

    >>> import autograd as ag
    >>> ag.hstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0])])
    Tensor([1., 2., 3.], dtype=float32)
    """
    return _hstack(*xs)


@composite("join in depth", samples=_ROWS, reference=lambda *xs: np.dstack(xs))
def _dstack(*xs: Array) -> Array:
    return concat([atleast_3d(x) for x in xs], 2)


def dstack(xs: Iterable[Array]) -> Tensor:
    """xs joined along the third axis; (N,) counts as (1, N, 1) and (M, N) as (M, N, 1).

    Shape: (M, N), (M, N, K) -> (M, N, 1 + K). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.dstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])]).shape
    (1, 2, 2)
    """
    return _dstack(*xs)


@composite(
    "join columns",
    samples=samples(
        lambda: sample(draw(3), draw(3, 2, seed=1)),
        lambda: sample(draw(3), draw(3, seed=1)),
        lambda: sample(draw(0), draw(0, 2)),
    ),
    reference=lambda *xs: np.column_stack(xs),
)
def _column_stack(*xs: Array) -> Array:
    return concat([x if np.ndim(x) > 1 else reshape(x, (-1, 1)) for x in xs], 1)


def column_stack(xs: Iterable[Array]) -> Tensor:
    """xs joined as columns of a matrix: (N,) counts as (N, 1).

    Shape: (N,), (N, K) -> (N, 1 + K). Lengths that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.column_stack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])])
    Tensor([[1., 3.],
            [2., 4.]], dtype=float32)
    """
    return _column_stack(*xs)


@op(
    "split x",
    x=lambda g, axis: concat(g, axis),
    outputs=0,
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(4, 3), indices_or_sections=(1, 3)),
        lambda: sample(draw(2, 3), indices_or_sections=(-1,), axis=1),
        lambda: sample(draw(3), indices_or_sections=(2, 2, 5)),
        lambda: sample(draw(3), indices_or_sections=()),
        lambda: sample(draw(0, 2), indices_or_sections=(0,)),
    ),
)
def _split(x: Array, /, indices_or_sections: tuple[int, ...], axis: int = 0) -> tuple[Array, ...]:
    parts = tuple(np.split(x, indices_or_sections, axis))
    if sum(part.shape[axis] for part in parts) != x.shape[axis]:
        raise ShapeError(f"split: the points {indices_or_sections} must be in ascending order")
    return parts


@checked
def split(
    x: Array,
    indices_or_sections: int | Sequence[int],
    axis: int = 0,
    dim: int | None = None,
) -> tuple[Tensor, ...]:
    """x cut along an axis before each of the given indices, or into so many equal parts.

    `indices_or_sections` are these indices, or that number; indices beyond the end give empty
    parts. With `dim` instead of `axis` it is PyTorch's: they are the sizes of the parts.

    Shape: (..., N, ...) -> a tuple of (..., Nᵢ, ...), of which N is the sum. Parts that cannot be
    equal raise ShapeError.

    >>> import autograd as ag
    >>> ag.split(ag.Tensor([1.0, 2.0, 3.0]), [1])
    (Tensor([1.], dtype=float32), Tensor([2., 3.], dtype=float32))
    >>> ag.split(ag.Tensor([1.0, 2.0, 3.0]), 2, dim=0)
    (Tensor([1., 2.], dtype=float32), Tensor([3.], dtype=float32))
    """
    x = joined(x)
    if dim is not None:
        return array_split(x, _ends(_length(x, dim), indices_or_sections), dim)
    if isinstance(indices_or_sections, (int, np.integer)):
        length, parts = _length(x, axis), int(indices_or_sections)
        if parts < 1 or length % parts:
            raise ShapeError(
                f"split: {length} elements along axis {axis} make no {parts} equal parts: "
                f"x is {np.shape(x)}.\n  Use array_split or chunk for unequal parts."
            )
    return array_split(x, indices_or_sections, axis)


def _ends(length: int, sizes: int | Sequence[int]) -> list[int]:
    """Where the parts of such sizes end, but for the last."""
    if isinstance(sizes, (int, np.integer)):
        if sizes < 1:
            raise ShapeError(f"split: the size of a part must be at least 1, got {sizes}")
        return [*range(int(sizes), length, int(sizes))]
    if sum(sizes) != length or min(sizes, default=0) < 0:
        raise ShapeError(f"split: the sizes {[*sizes]} do not add up to the length {length}")
    return [*accumulate(sizes)][:-1]


@checked
def split_method(
    x: Array,
    indices_or_sections: int | Sequence[int],
    axis: int = 0,
    dim: int | None = None,
) -> tuple[Tensor, ...]:
    """`split` as a method, which NumPy's arrays do not have, and PyTorch's take sizes for.

    `indices_or_sections` that cannot be a number of parts is their size, as it is with `dim`. What
    could be both, and differs, raises ArgumentError: write `dim` for `axis`, or `ag.split`.

    Shape: (..., N, ...) -> a tuple of (..., Nᵢ, ...), of which N is the sum.

    >>> import autograd as ag
    >>> [part.size for part in ag.arange(5).split(2)]
    [2, 2, 1]
    """
    if dim is None:
        length, given = _length(x, axis), indices_or_sections
        if isinstance(given, (int, np.integer)):
            differs = given > 0 and given * given != length
            fits = given > 0 and length % given == 0
        else:
            differs = isinstance(given, (list, tuple)) and len(given) > 1 and sum(given) == length
            fits = not differs or list(given) == sorted(given)
        if differs and fits:
            raise ArgumentError(
                f"x.split({given}, {axis}) is one thing in NumPy and another in PyTorch; write "
                f"x.split({given}, dim={axis}) for parts of such sizes, as in PyTorch, or "
                f"ag.split(x, {given}, {axis}) for NumPy's"
            )
        dim = None if fits else axis
    return split(x, indices_or_sections, axis, dim)


@checked
def array_split(
    x: Array, indices_or_sections: int | Sequence[int], axis: int = 0
) -> tuple[Tensor, ...]:
    """x cut along an axis before each of the given indices, or into so many parts.

    `indices_or_sections` are those of `split`, but the first parts are one longer where the length
    is no multiple of their number.

    Shape: (..., N, ...) -> a tuple of (..., Nᵢ, ...), of which N is the sum. Less than one part
    raises ShapeError.

    >>> import autograd as ag
    >>> [part.shape for part in ag.array_split(ag.Tensor([1.0, 2.0, 3.0]), 2)]
    [(2,), (1,)]
    """
    x = joined(x)
    if isinstance(indices_or_sections, (int, np.integer)):
        parts = int(indices_or_sections)
        if parts < 1:
            raise ShapeError(f"array_split: the number of parts must be positive, not {parts}")
        each, longer = divmod(_length(x, axis), parts)
        points = [each * i + min(i, longer) for i in range(1, parts)]
    else:
        points = [int(i) for i in indices_or_sections]
    return _split(x, tuple(points), axis)


@checked
def chunk(x: Array, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
    """x cut along an axis into at most so many parts, all but the last equally long (PyTorch).

    `chunks` is the number of parts.

    Shape: (..., N, ...) -> a tuple of (..., ⌈N / chunks⌉, ...). Less than one raises ShapeError.

    >>> import autograd as ag
    >>> [part.shape for part in ag.chunk(ag.Tensor([1.0, 2.0, 3.0, 4.0, 5.0]), 3)]
    [(2,), (2,), (1,)]
    """
    x = joined(x)
    length = _length(x, axis)
    size = max(-(-length // chunks), 1)
    return _split(x, tuple(range(size, length, size)), axis)


def _length(x: Array, axis: int) -> int:
    shape: tuple[int, ...] = x.shape if hasattr(x, "shape") else np.shape(x)  # 3 µs for a Tensor
    return shape[normal_axis(axis, len(shape))]


def hsplit(x: Array, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """`split` along the second axis (the only one if x is 1-d), with its `indices_or_sections`.

    Shape: (M, N, ...) -> a tuple of (M, Nᵢ, ...). A number without axes raises AxisError.

    >>> import autograd as ag
    >>> [part.shape for part in ag.hsplit(ag.Tensor([[1.0, 2.0]]), 2)]
    [(1, 1), (1, 1)]
    """
    x = joined(x)
    return split(x, indices_or_sections, min(np.ndim(x) - 1, 1))


def vsplit(x: Array, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """`split` along the first axis, with its `indices_or_sections`.

    Shape: (M, ...) -> a tuple of (Mᵢ, ...). A number without axes raises AxisError.

    >>> import autograd as ag
    >>> [part.shape for part in ag.vsplit(ag.Tensor([[1.0], [2.0]]), 2)]
    [(1, 1), (1, 1)]
    """
    return split(x, indices_or_sections, 0)


def dsplit(x: Array, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """`split` along the third axis, with its `indices_or_sections`.

    Shape: (M, N, K, ...) -> a tuple of (M, N, Kᵢ, ...). Fewer axes raise AxisError.

    >>> import autograd as ag
    >>> [part.shape for part in ag.dsplit(ag.Tensor([[[1.0, 2.0]]]), 2)]
    [(1, 1, 1), (1, 1, 1)]
    """
    return split(x, indices_or_sections, 2)


@op(
    "unstack x",
    x=lambda g, axis: stack(g, axis),
    outputs=0,
    linear=True,
    views=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3, 2), axis=-2),
        lambda: sample(draw(3)),
        lambda: sample(draw(2, 0), axis=0),
    ),
    reference=lambda x, axis=0: tuple(np.take(x, i, axis) for i in range(x.shape[axis])),
)
def unstack(x: Array, /, axis: int = 0) -> tuple[Array, ...]:
    """The slices of x along an axis, as a tuple.

    Shape: (..., N, ...) -> N times the same without `axis`.

    >>> import autograd as ag
    >>> a, b = ag.unstack(ag.Tensor([1.0, 2.0]))
    >>> b
    Tensor(2., dtype=float32)
    """
    return tuple(np.moveaxis(x, axis, 0))


unbind: Any = unstack
