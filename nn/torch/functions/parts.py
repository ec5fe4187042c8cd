"""Parts of Tensors: `split` takes the size of a part; windows, diagonals, complex parts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

import autograd
from autograd.engine.views import refuse_writes
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, named, numpy_names, own

# ---- parts ---------------------------------------------------------------------------------------


def _cut(input: Any, axis: int, sizes: Any) -> Any:
    ends = list(itertools.accumulate(sizes))
    before = (slice(None),) * axis
    return tuple(
        autograd.getitem(input, (*before, slice(end - size, end)))
        for size, end in zip(sizes, ends, strict=True)
    )


@numpy_names
def split(tensor: Any, split_size_or_sections: Any = None, dim: int = 0, **old: Any) -> Any:
    """Parts of a size along `dim`, the last of which may be smaller; or of several sizes."""
    size = old.get("split_size", split_size_or_sections)
    axis = axis_of(tensor, dim)
    length = tensor.shape[axis] if tensor.ndim else 1
    if isinstance(size, (list, tuple)):
        if sum(size) != length:
            raise ShapeError(f"split: sizes {tuple(size)} add up to {sum(size)}, not {length}")
        return _cut(tensor, axis, size)
    if size < 0 or (size == 0 and length):
        raise ArgumentError(f"split: the size of a part is positive, got {size}")
    full, rest = divmod(length, size) if size else (1, 0)
    return _cut(tensor, axis, [size] * full + [rest] * (rest > 0 or not full))


def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """Parts of these sizes along `dim`."""
    return split(input, list(split_sizes), dim)


@numpy_names
def chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """At most so many parts of equal size along `dim`, the last of which may be smaller."""
    if chunks < 1:
        raise ArgumentError(f"chunk: there is at least one part, got {chunks}")
    length = input.shape[axis_of(input, dim)]
    if not length:
        return _cut(input, axis_of(input, dim), [0] * chunks)
    return split(input, -(-length // chunks), dim)


def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> Any:
    """So many parts that differ by one at most, or parts between indices."""
    where = raw(indices_or_sections)
    where = where.tolist() if hasattr(where, "tolist") else where
    where = where if isinstance(where, int) else list(where)
    return autograd.array_split(input, where, axis_of(input, dim))


def _split_at(axis: int, name: str) -> Any:
    def call(input: Any, indices_or_sections: Any) -> Any:
        at = 0 if axis == 1 and input.ndim == 1 else axis
        if input.ndim < max(axis, 1) + (axis != 1):
            raise ShapeError(f"{name}: needs {axis + 1} dimensions, got {input.ndim}")
        count, length = indices_or_sections, input.shape[at]
        if isinstance(count, int) and (count < 1 or length % count):
            raise ShapeError(f"{name}: {length} along dimension {at} make no {count} equal parts")
        return tensor_split(input, indices_or_sections, at)

    named(call, name, f"Parts along dimension {axis}.")
    return call


hsplit, vsplit, dsplit = _split_at(1, "hsplit"), _split_at(0, "vsplit"), _split_at(2, "dsplit")
unsafe_chunk, unsafe_split, unsafe_split_with_sizes = chunk, split, split_with_sizes


@numpy_names
def unbind(input: Any, dim: int = 0) -> Any:
    """The slices along `dim`, as a tuple."""
    if not input.ndim:
        raise ShapeError("unbind: a Tensor without dimensions has no slices")
    return autograd.unbind(input, axis_of(input, dim))


def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """`length` slices along `dim` from `start`."""
    axis, start = axis_of(input, dim), int(start)
    count = input.shape[axis]
    start = start + count if start < 0 else start
    if not 0 <= start <= start + length <= count:
        raise ShapeError(f"narrow: {start} to {start + length} of {count} slices")
    return autograd.getitem(input, (*(slice(None),) * axis, slice(start, start + length)))


narrow_copy = narrow


def select(input: Any, dim: int, index: int) -> Any:
    """One slice along `dim`."""
    return autograd.getitem(input, (*(slice(None),) * axis_of(input, dim), int(index)))


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """Windows of a size along a dimension, which is last in the result."""
    axis = axis_of(input, dimension)
    return refuse_writes(autograd.unfold(input, axis, size, step), "unfold")


def as_strided(input: Any, size: Any, stride: Any, storage_offset: Any = None) -> Any:
    """The elements at steps of these sizes in memory, of what lies there in order."""
    array = np.asarray(raw(input))
    if not array.flags.c_contiguous:
        raise ShapeError("as_strided: the Tensor must lie in order; use x.contiguous()")
    places = np.asarray(storage_offset or 0)
    for axis, (length, step) in enumerate(zip(size, stride, strict=True)):
        shape = [-1 if a == axis else 1 for a in range(len(size))]
        places = places + (np.arange(length) * step).reshape(shape)
    if places.size and (places.min() < 0 or places.max() >= array.size):
        raise ShapeError(f"as_strided: size {tuple(size)} reaches beyond {array.size} elements")
    found = autograd.take(autograd.reshape(input, -1), places)
    return refuse_writes(found, "as_strided")


# ---- diagonals, complex numbers ------------------------------------------------------------------


def diag(input: Any, diagonal: int = 0) -> Any:
    """The matrix with a vector on its diagonal, or the diagonal of a matrix."""
    return own(autograd.diag(input, diagonal), input)


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonal of two dimensions, which is last in the result."""
    return autograd.diagonal(input, offset, dim1, dim2)


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Matrices with the last dimension on their diagonals."""
    return autograd.diag_embed(input, offset, dim1, dim2)


def diagflat(input: Any, offset: int = 0) -> Any:
    """The matrix with all elements on its diagonal."""
    return autograd.diag(autograd.reshape(input, -1), offset)


def tril(input: Any, diagonal: int = 0) -> Any:
    """The lower triangle of matrices, zeros elsewhere."""
    return autograd.tril(input, diagonal)


def triu(input: Any, diagonal: int = 0) -> Any:
    """The upper triangle of matrices, zeros elsewhere."""
    return autograd.triu(input, diagonal)


def view_as_real(input: Any) -> Any:
    """Real and imaginary parts in a last dimension."""
    parts = autograd.stack([autograd.real(input), autograd.imag(input)], -1)
    return refuse_writes(parts, "view_as_real")


def view_as_complex(input: Any) -> Any:
    """Complex numbers of a last dimension of length 2."""
    if not input.ndim or input.shape[-1] != 2:
        raise ShapeError("view_as_complex: the last dimension holds real and imaginary part")
    both = complex(autograd.getitem(input, (..., 0)), autograd.getitem(input, (..., 1)))
    return refuse_writes(both, "view_as_complex")


def complex(real: Any, imag: Any, *, out: Any = None) -> Any:
    """Complex numbers of their parts."""
    if raw(real).dtype.kind != "f" or raw(real).dtype != raw(imag).dtype:
        raise DTypeError("complex: real and imag must be floating, and of one dtype")
    return real + imag * 1j


def polar(abs: Any, angle: Any, *, out: Any = None) -> Any:
    """Complex numbers of their length and angle."""
    return complex(abs * autograd.cos(angle), abs * autograd.sin(angle))
