"""Shapes: `transpose` swaps two dimensions, `repeat` tiles, `split` takes the size of a part."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, lengths, made, numbers, numpy_names, own, reshaped
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
        return made(np.repeat(np.arange(input.size), numbers(input, "how often to repeat")))
    axis = None if dim is None else axis_of(input, dim)
    return own(autograd.repeat(input, numbers(repeats, "how often to repeat"), axis=axis), input)


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
