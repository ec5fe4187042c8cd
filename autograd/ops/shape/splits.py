"""Ways to split: before indices, into equal parts, into parts of sizes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array
from autograd.ops.shape.join import split_at
from autograd.ops.shape.shape import normal_axis


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
    return split_at(x, tuple(points), axis)


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
    return split_at(x, tuple(range(size, length, size)), axis)


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
