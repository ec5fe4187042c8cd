"""Fourier transforms along several axes, one after the other; the frequency 0 in the middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, AxisError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.fft._transforms import fft, given, ifft, irfft, rfft

Lengths = int | Sequence[int] | None
Axes = int | Sequence[int] | None

_SEVERAL = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3, 2), s=(3, 2), axes=(0, 1), norm="ortho"),
    lambda: sample(draw(2, 3, complex_=True), axes=(-1,), norm="forward", label="complex"),
)
_REAL = samples(
    lambda: sample(draw(2, 4)),
    lambda: sample(draw(2, 3, 2), s=(3, 4), axes=(0, 1), norm="ortho"),
)
_TWO = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(draw(2, 3, 2), s=(3, 2), axes=(0, 1), norm="ortho"),
)


def _reference(name: str) -> Any:
    return lambda x, **params: getattr(np.fft, name)(x, **params)


def _plan(name: str, x: Array, s: Lengths, axes: Axes) -> list[tuple[int, int | None]]:
    """The axes to transform, each with its length, or None for what it has."""
    ndim = np.ndim(x)
    lengths = None if s is None else [s] if isinstance(s, int) else list(s)
    if axes is None:
        axes = range(ndim) if lengths is None else range(ndim - len(lengths), ndim)
    axes = [axes] if isinstance(axes, int) else list(axes)
    if any(not -ndim <= a < ndim for a in axes):
        raise AxisError(f"{name}: x is {np.shape(x)} and has not all of the axes {axes}")
    if lengths is not None and len(lengths) != len(axes):
        raise ArgumentError(f"{name}: {len(lengths)} lengths for {len(axes)} axes; one for each")
    if not axes:
        raise ArgumentError(f"{name}: there is no axis to transform")
    if len({a % ndim for a in axes}) < len(axes):
        raise ArgumentError(f"{name}: an axis is named twice in {axes}")
    given_lengths: list[Any] = lengths or [None] * len(axes)
    return list(zip(axes, given_lengths, strict=True))


def _each(one: Any, x: Array, plan: list[tuple[int, int | None]], norm: str | None) -> Array:
    for axis, n in reversed(plan):
        x = one(x, n, axis, norm)
    return x


@composite("F x", samples=_SEVERAL, reference=_reference("fftn"))
def fftn(x: Array, /, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Array:
    """The discrete Fourier transform over several axes, all of them if `axes` is None.

    `s` are their lengths, to which x is cut or filled with zeros; `norm` is that of `fft`.

    Shape: any -> the same, with `s` at `axes`. Gives complex numbers.

    >>> import autograd as ag
    >>> ag.fft.fftn(ag.Tensor([[1.0, 0.0], [0.0, 1.0]])).real
    Tensor([[2., 0.],
            [0., 2.]], dtype=float32)
    """
    x = given("fftn", x)
    return _each(fft, x, _plan("fftn", x, s, axes), norm)


@composite("F⁻¹ x", samples=_SEVERAL, reference=_reference("ifftn"))
def ifftn(x: Array, /, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Array:
    """The inverse of `fftn` over several axes, all of them if `axes` is None.

    `s` are their lengths, to which x is cut or filled with zeros; `norm` is that of `fft`.

    Shape: any -> the same, with `s` at `axes`. Gives complex numbers.

    >>> import autograd as ag
    >>> ag.fft.ifftn(ag.Tensor([[2.0, 0.0], [0.0, 2.0]])).real
    Tensor([[1., 0.],
            [0., 1.]], dtype=float32)
    """
    x = given("ifftn", x)
    return _each(ifft, x, _plan("ifftn", x, s, axes), norm)


@composite("F x, half", real_only=True, samples=_REAL, reference=_reference("rfftn"))
def rfftn(x: Array, /, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Array:
    """The transform of real numbers over several axes, of the last one its first half.

    `s`, `axes` and `norm` are those of `fftn`.

    Shape: any -> the same, with `s` at `axes`, of the last n // 2 + 1. Gives complex numbers;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fft.rfftn(ag.Tensor([[1.0, 0.0], [0.0, 1.0]])).shape
    (2, 2)
    """
    x = given("rfftn", x)
    *others, (axis, n) = _plan("rfftn", x, s, axes)
    return _each(fft, rfft(x, n, axis, norm), others, norm)


@composite("F⁻¹ of a half", samples=_SEVERAL, reference=_reference("irfftn"))
def irfftn(x: Array, /, s: Lengths = None, axes: Axes = None, norm: str | None = None) -> Array:
    """Real numbers from the half of their transform over several axes: the inverse of `rfftn`.

    `s` are the lengths that come out, of the last 2 (N − 1) if it is None; `axes` and `norm` are
    those of `fftn`.

    Shape: any -> that of the numbers, with `s` at `axes`. Gives real numbers.

    >>> import autograd as ag
    >>> ag.fft.irfftn(ag.Tensor([[2.0, 0.0], [0.0, 2.0]]))
    Tensor([[1., 0.],
            [0., 1.]], dtype=float32)
    """
    x = given("irfftn", x)
    *others, (axis, n) = _plan("irfftn", x, s, axes)
    return irfft(_each(ifft, x, others, norm), n, axis, norm)


@composite("F x", samples=_TWO, reference=_reference("fft2"))
def fft2(x: Array, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Array:
    """The discrete Fourier transform over two axes.

    `s`, `axes` and `norm` are those of `fftn`.

    Shape: any -> the same, with `s` at `axes`. Gives complex numbers.

    >>> import autograd as ag
    >>> ag.fft.fft2(ag.Tensor([[1.0, 0.0], [0.0, 1.0]])).real
    Tensor([[2., 0.],
            [0., 2.]], dtype=float32)
    """
    return fftn(x, s, axes, norm)


@composite("F⁻¹ x", samples=_TWO, reference=_reference("ifft2"))
def ifft2(x: Array, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Array:
    """The inverse of `fft2` over two axes.

    `s`, `axes` and `norm` are those of `fftn`.

    Shape: any -> the same, with `s` at `axes`. Gives complex numbers.

    >>> import autograd as ag
    >>> ag.fft.ifft2(ag.Tensor([[2.0, 0.0], [0.0, 2.0]])).real
    Tensor([[1., 0.],
            [0., 1.]], dtype=float32)
    """
    return ifftn(x, s, axes, norm)


@composite("F x, half", real_only=True, samples=_TWO, reference=_reference("rfft2"))
def rfft2(x: Array, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Array:
    """The transform of real numbers over two axes, of the second its first half.

    `s`, `axes` and `norm` are those of `fftn`.

    Shape: any -> the same, with `s` at `axes`, of the last n // 2 + 1. Gives complex numbers;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fft.rfft2(ag.Tensor([[1.0, 0.0], [0.0, 1.0]])).shape
    (2, 2)
    """
    return rfftn(x, s, axes, norm)


@composite("F⁻¹ of a half", samples=_TWO, reference=_reference("irfft2"))
def irfft2(x: Array, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = None) -> Array:
    """Real numbers from the half of their transform over two axes: the inverse of `rfft2`.

    `s`, `axes` and `norm` are those of `irfftn`.

    Shape: any -> that of the numbers, with `s` at `axes`. Gives real numbers.

    >>> import autograd as ag
    >>> ag.fft.irfft2(ag.Tensor([[2.0, 0.0], [0.0, 2.0]]))
    Tensor([[1., 0.],
            [0., 1.]], dtype=float32)
    """
    return irfftn(x, s, axes, norm)


def _shifted(x: Array, axes: Axes, half: Callable[[int], int]) -> Array:
    shape = np.shape(x)
    axes = range(len(shape)) if axes is None else [axes] if isinstance(axes, int) else list(axes)
    if not axes:
        return np.positive(x)  # one number is where it belongs
    return np.roll(x, tuple(half(shape[a]) for a in axes), tuple(axes))


_SHIFTED = samples(lambda: sample(draw(3, 4)), lambda: sample(draw(3, 4), axes=1))


@composite("x with 0 in the middle", samples=_SHIFTED, reference=_reference("fftshift"))
def fftshift(x: Array, /, axes: Axes = None) -> Array:
    """What `fft` gives with the frequency 0 in the middle, along all axes or some.

    `axes` are those that are moved.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.fft.fftshift(ag.Tensor([0.0, 1.0, -1.0]))
    Tensor([-1.,  0.,  1.], dtype=float32)
    """
    return _shifted(x, axes, lambda n: n // 2)


@composite("x with 0 first", samples=_SHIFTED, reference=_reference("ifftshift"))
def ifftshift(x: Array, /, axes: Axes = None) -> Array:
    """What `fftshift` gives with the frequency 0 first again.

    `axes` are those that are moved.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.fft.ifftshift(ag.Tensor([-1.0, 0.0, 1.0]))
    Tensor([ 0.,  1., -1.], dtype=float32)
    """
    return _shifted(x, axes, lambda n: -(n // 2))
