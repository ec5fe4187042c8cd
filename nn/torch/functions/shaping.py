"""Shapes: `transpose` swaps two dimensions, `repeat` tiles, `split` takes the size of a part."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

import autograd
from autograd.engine.views import refuse_writes
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, lengths, made, numpy_names, own, reshaped
from nn.torch.sizes import Size


def reshape(input: Any, *shape: Any, **named: Any) -> Any:
    """The elements in another shape, in which one length may be -1."""
    return reshaped(input, lengths(_given(shape, named, "shape"), "reshape"))


def _given(sizes: Any, named: Any, name: str) -> Any:
    """Lengths that are given one by one, in a tuple, or by name."""
    if named:
        sizes = (named.pop(name, None),)
    if named:
        raise ArgumentTypeError(f"unexpected keyword {next(iter(named))!r}; there is {name}")
    return sizes


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """With two dimensions exchanged."""
    if not input.ndim:
        axis_of(input, dim0), axis_of(input, dim1)
        return input
    return autograd.swapaxes(input, axis_of(input, dim0), axis_of(input, dim1))


def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """With two dimensions exchanged."""
    return transpose(input, axis0, axis1)


def swapdims(input: Any, dim0: int, dim1: int) -> Any:
    """With two dimensions exchanged."""
    return transpose(input, dim0, dim1)


def t(input: Any) -> Any:
    """A matrix transposed; vectors and numbers stay."""
    if input.ndim > 2:
        raise ShapeError(f"t: expects at most 2 dimensions, got {input.ndim}; use x.mT")
    return transpose(input, 0, 1) if input.ndim == 2 else input


def adjoint(input: Any) -> Any:
    """The last two dimensions exchanged, and conjugated."""
    flipped = autograd.matrix_transpose(input)
    return autograd.conj(flipped) if raw(input).dtype.kind == "c" else flipped


def permute(input: Any, *dims: Any, **named: Any) -> Any:
    """The dimensions in another order."""
    return autograd.permute_dims(input, lengths(_given(dims, named, "dims"), "permute"))


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """With dimensions moved to other places."""
    return autograd.moveaxis(input, source, destination)


moveaxis = movedim


@numpy_names
def squeeze(input: Any, dim: Any = None) -> Any:
    """Without dimensions of length 1; `dim` that is longer stays."""
    if dim is None:
        return autograd.squeeze(input)
    dims = dim if isinstance(dim, (tuple, list)) else (dim,)
    ones = {axis_of(input, d) for d in dims} if input.ndim else set()
    return autograd.squeeze(input, tuple(a for a in sorted(ones) if input.shape[a] == 1))


@numpy_names
def unsqueeze(input: Any, dim: int) -> Any:
    """With a new dimension of length 1."""
    return autograd.expand_dims(input, dim)


def expand(input: Any, *sizes: Any, **named: Any) -> Any:
    """Broadcast to a size, in which -1 keeps a length."""
    wanted = lengths(_given(sizes, named, "size"), "expand")
    ahead = len(wanted) - input.ndim
    if ahead < 0:
        raise ShapeError(f"expand: {input.ndim} dimensions do not fit the size {wanted}")
    own = (*(-1,) * ahead, *input.shape)
    if -1 in wanted[:ahead]:
        raise ShapeError(f"expand: -1 keeps a length, and there is none yet in {wanted}")
    return autograd.broadcast_to(
        input, tuple(o if n == -1 else n for n, o in zip(wanted, own, strict=True))
    )


def expand_as(input: Any, other: Any) -> Any:
    """Broadcast to the size of another Tensor."""
    return expand(input, *other.shape)


def broadcast_to(input: Any, *size: Any, **named: Any) -> Any:
    """Broadcast to a size."""
    return expand(input, lengths(_given(size, named, "size"), "broadcast_to"))


def broadcast_tensors(*tensors: Any) -> Any:
    """Tensors broadcast to their common size."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    return tuple(expand(x, *broadcast_shapes(*[y.shape for y in given])) for x in given)


def broadcast_shapes(*shapes: Any) -> Any:
    """The size that sizes broadcast to."""
    try:
        return Size(np.broadcast_shapes(*[s if isinstance(s, int) else tuple(s) for s in shapes]))
    except ValueError:
        raise ShapeError(f"broadcast_shapes: {shapes} do not broadcast") from None


def repeat(input: Any, *repeats: Any, **named: Any) -> Any:
    """The whole Tensor over again, so often along each dimension."""
    times = lengths(_given(repeats, named, "repeats"), "repeat")
    if len(times) < input.ndim:
        raise ShapeError(f"repeat: {times} has fewer numbers than there are dimensions")
    return own(autograd.tile(input, times), input) if times else autograd.copy(input)


def tile(input: Any, *dims: Any, **named: Any) -> Any:
    """The whole Tensor over again, so often along each of the last dimensions."""
    times = lengths(_given(dims, named, "dims"), "tile")
    return own(autograd.tile(input, times), input) if times else autograd.copy(input)


@numpy_names
def repeat_interleave(
    input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None
) -> Any:
    """Each element over again, so often; of repeats alone, the index of each."""
    if repeats is None:
        return made(np.repeat(np.arange(input.size), raw(input)))
    axis = None if dim is None else axis_of(input, dim)
    return own(autograd.repeat(input, raw(repeats), axis=axis), input)


@numpy_names
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """With the dimensions from `start_dim` to `end_dim` as one."""
    if not input.ndim:
        return autograd.reshape(input, 1)
    start, end = axis_of(input, start_dim), axis_of(input, end_dim)
    if start > end:
        raise ArgumentError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    if start == end:
        return input
    size = tuple(input.shape)
    return reshaped(input, (*size[:start], math.prod(size[start : end + 1]), *size[end + 1 :]))


def ravel(input: Any) -> Any:
    """All elements in a row."""
    return reshaped(input, (-1,))


def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """With one dimension as several."""
    return autograd.unflatten(input, axis_of(input, dim), tuple(sizes))


@numpy_names
def flip(input: Any, *dims: Any, **named: Any) -> Any:
    """In reverse order along dimensions."""
    axes = lengths(_given(dims, named, "dims"), "flip")
    return own(autograd.flip(input, axes), input) if axes else autograd.copy(input)


def fliplr(input: Any) -> Any:
    """In reverse order along the second dimension."""
    return own(autograd.fliplr(input), input)


def flipud(input: Any) -> Any:
    """In reverse order along the first dimension."""
    return own(autograd.flipud(input), input)


def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """Moved along dimensions, and in again at the other end; flat without `dims`."""
    both = [tuple(v) if isinstance(v, (list, tuple)) else v for v in (shifts, dims)]
    return autograd.roll(input, *both)


def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """Turned by right angles."""
    return own(autograd.rot90(input, k, tuple(dims)), input)


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
        return tensor_split(input, indices_or_sections, at)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"Parts along dimension {axis}."
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
    length = input.shape[axis] if input.ndim else 1
    if size > length or step < 1:
        raise ShapeError(f"unfold: windows of {size} by steps of {step} along {length} elements")
    starts = np.arange(0, length - size + 1, step)
    x = input if input.ndim else autograd.reshape(input, 1)
    windows = autograd.take(x, starts[:, None] + np.arange(size), axis)
    return refuse_writes(autograd.moveaxis(windows, axis + 1, -1), "unfold")


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
    side = input.shape[-1] + abs(offset)
    rows = np.arange(input.shape[-1])
    place = (..., rows + max(-offset, 0), rows + max(offset, 0))
    zeros = np.zeros((*input.shape[:-1], side, side), raw(input).dtype)
    return autograd.moveaxis(autograd.setitem(zeros, input, place), (-2, -1), (dim1, dim2))


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
