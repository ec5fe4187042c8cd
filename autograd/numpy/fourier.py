"""Fourier transforms of Tensors: two linear ops, and what else is made of them.

The matrix of a transform is symmetric, so that its transpose is the transform itself. Those of real
values are halves of complex ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defjvp, defvjp, primitive
from autograd.engine.operands import raw
from autograd.errors import ArgumentError, MissingMethodError

Axes = Sequence[int] | None


def _transform(function: Callable[..., Any], name: str) -> Any:
    def forward(x: Any, axes: Any, norm: Any) -> Any:
        return function(x, axes=axes, norm=norm)

    forward.__name__ = name
    made = primitive(forward)
    defvjp(made, lambda ans, x, axes, norm: lambda g: made(g, axes, norm), None, None)
    defjvp(made, "same", None, None)
    return made


_forward, _inverse = _transform(np.fft.fftn, "fftn"), _transform(np.fft.ifftn, "ifftn")


def _sizes(x: Any, s: Any, axes: Axes) -> tuple[list[int], list[int]]:
    """The axes to transform, and the length of each."""
    if axes is None:
        axes = range(-(np.ndim(raw(x)) if s is None else len(s)), 0)
    axes = [int(axis) for axis in axes]
    if len({axis % np.ndim(raw(x)) for axis in axes}) < len(axes):
        raise MissingMethodError("FFT gradient for repeated axes is not implemented")
    lengths = [x.shape[axis] for axis in axes] if s is None else [int(n) for n in s]
    if len(lengths) != len(axes):
        raise ArgumentError(f"fft: {len(lengths)} lengths for {len(axes)} axes; one for each")
    return axes, [x.shape[a] if n == -1 else n for a, n in zip(axes, lengths, strict=True)]


def _resized(x: Any, axes: list[int], lengths: list[int]) -> Any:
    """Cut or padded with zeros at the end of some axes."""
    for axis, n in zip(axes, lengths, strict=True):
        axis %= x.ndim
        if n < x.shape[axis]:
            x = x[(slice(None),) * axis + (slice(0, n),)]
        elif n > x.shape[axis]:
            pads = [(0, n - x.shape[axis]) if k == axis else (0, 0) for k in range(x.ndim)]
            x = ag.pad(x, pads)
    return x


def fftn(a: Any, s: Any = None, axes: Axes = None, norm: str | None = None) -> Any:
    """The transform over several axes."""
    axes, lengths = _sizes(a, s, axes)
    return _forward(_resized(a, axes, lengths), tuple(axes), norm)


def ifftn(a: Any, s: Any = None, axes: Axes = None, norm: str | None = None) -> Any:
    """The inverse transform over several axes."""
    axes, lengths = _sizes(a, s, axes)
    return _inverse(_resized(a, axes, lengths), tuple(axes), norm)


def rfftn(a: Any, s: Any = None, axes: Axes = None, norm: str | None = None) -> Any:
    """The half of the transform of real values that tells the other."""
    axes, lengths = _sizes(a, s, axes)
    whole = fftn(a, lengths, axes, norm)
    last = axes[-1] % whole.ndim
    return whole[(slice(None),) * last + (slice(0, lengths[-1] // 2 + 1),)]


def irfftn(a: Any, s: Any = None, axes: Axes = None, norm: str | None = None) -> Any:
    """Real values from half of their transform."""
    axes, lengths = _sizes(a, s, axes)
    if s is None:
        lengths[-1] = 2 * (a.shape[axes[-1]] - 1)
    n = lengths[-1]
    if len(axes) > 1:
        a = ifftn(a, lengths[:-1], axes[:-1], norm)
    half = ag.moveaxis(_resized(a, axes[-1:], [n // 2 + 1]), axes[-1], -1)
    whole = ag.concatenate([half, ag.conj(ag.flip(half[..., 1 : (n + 1) // 2], axis=-1))], axis=-1)
    return ag.moveaxis(ag.real(_inverse(whole, (-1,), norm)), -1, axes[-1])


def _of_one(transform: Callable[..., Any]) -> Callable[..., Any]:
    def function(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
        return transform(a, None if n is None else (n,), (axis,), norm)

    return function


def _of_two(transform: Callable[..., Any]) -> Callable[..., Any]:
    def function(a: Any, s: Any = None, axes: Axes = (-2, -1), norm: str | None = None) -> Any:
        return transform(a, s, axes, norm)

    return function


fft, ifft, rfft, irfft = map(_of_one, (fftn, ifftn, rfftn, irfftn))
fft2, ifft2, rfft2, irfft2 = map(_of_two, (fftn, ifftn, rfftn, irfftn))


def _shifted(x: Any, axes: Any, half: Callable[[int], int]) -> Any:
    axes = range(x.ndim) if axes is None else [axes] if isinstance(axes, int) else axes
    for axis in axes:
        x = ag.roll(x, half(x.shape[axis]), axis=axis)
    return x


def fftshift(x: Any, axes: Any = None) -> Any:
    """The frequency 0 in the middle."""
    return _shifted(x, axes, lambda n: n // 2)


def ifftshift(x: Any, axes: Any = None) -> Any:
    """The frequency 0 in front again."""
    return _shifted(x, axes, lambda n: -(n // 2))
