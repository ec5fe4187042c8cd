"""Discrete Fourier transforms along one axis: two linear ops, and what else is made of them.

The matrix of a transform is symmetric, so that its transpose is the transform itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, AxisError, ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples

NORMS = ("backward", "ortho", "forward")

_LINES = samples(
    lambda: sample(draw(5), axis=0),
    lambda: sample(draw(4, 3, complex_=True), axis=0, label="complex"),
    lambda: sample(draw(2, 4), axis=-1),
)


@op(
    "F x",
    x=lambda g, axis: transform(g, axis),
    linear=True,
    samples=_LINES,
    reference=lambda x, axis: _by_sums(x, axis, -1),
)
def transform(x: Array, /, axis: int) -> Array:
    """Σ xₖ exp(−2πi jk / n) along an axis."""
    return np.fft.fft(x, axis=axis)


@op(
    "F̄ x",
    x=lambda g, axis: transform_back(g, axis),
    linear=True,
    samples=_LINES,
    reference=lambda x, axis: _by_sums(x, axis, 1),
)
def transform_back(x: Array, /, axis: int) -> Array:
    """Σ xₖ exp(2πi jk / n) along an axis."""
    return np.fft.ifft(x, axis=axis, norm="forward")


def _by_sums(x: Array, axis: int, sign: int) -> Array:
    n = x.shape[axis]
    matrix = np.exp(sign * 2j * np.pi / n * np.outer(np.arange(n), np.arange(n)))
    return np.moveaxis(np.moveaxis(x, axis, -1) @ matrix, -1, axis)


def given(name: str, x: Array) -> Array:
    """The numbers of a transform: floating, or complex."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if not np.ndim(x):
        raise ShapeError(f"{name}: x has no axis to transform")
    return x + 0.0 if x.dtype.kind in "biu" else x


def length_of(name: str, x: Array, n: int | None, axis: int) -> int:
    """How many elements are transformed along an axis."""
    if not -np.ndim(x) <= axis < np.ndim(x):
        raise AxisError(f"{name}: x is {np.shape(x)} and has no axis {axis}")
    length = np.shape(x)[axis] if n is None or n == -1 else n
    if length < 1:
        raise ArgumentError(f"{name}: {length} elements along axis {axis}; 1 is the least")
    return int(length)


def resized(x: Array, n: int, axis: int) -> Array:
    """x cut, or with zeros behind it, to n elements along an axis."""
    there = np.shape(x)[axis]
    axis %= np.ndim(x)
    if n < there:
        return x[(slice(None),) * axis + (slice(0, n),)]
    if n > there:
        return np.pad(x, [(0, n - there) if a == axis else (0, 0) for a in range(np.ndim(x))])
    return x


def scaled(x: Array, n: int, norm: str | None, back: bool) -> Array:
    """A plain sum as a norm wants it: "backward" divides what goes back, "forward" the other."""
    norm = "backward" if norm is None else norm
    check_choice("norm", norm, NORMS)
    if norm == "ortho":
        return x * (1 / float(np.sqrt(n)))
    return x * (1 / n) if back == (norm == "backward") else x


_ONE = samples(
    lambda: sample(draw(2, 5)),
    lambda: sample(draw(4, 2), n=3, axis=0, norm="ortho"),
    lambda: sample(draw(3), n=5, norm="forward"),
    lambda: sample(draw(2, 3, complex_=True), label="complex"),
)
_REAL = samples(
    lambda: sample(draw(2, 5)),
    lambda: sample(draw(4, 2), n=3, axis=0, norm="ortho"),
    lambda: sample(draw(3), n=6, norm="forward"),
)


def _reference(name: str) -> Any:
    return lambda x, **params: getattr(np.fft, name)(x, **params)


@composite("F x", samples=_ONE, reference=_reference("fft"))
def fft(x: Array, /, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The discrete Fourier transform along an axis: Σ xₖ exp(−2πi jk / n).

    `n` cuts x or puts zeros behind it. `norm` is "backward" (the sum), "ortho" (divided by √n) or
    "forward" (by n).

    Shape: any -> the same, with `n` at `axis`. Gives complex numbers.

    >>> import autograd as ag
    >>> ag.fft.fft(ag.Tensor([1.0, 0.0, -1.0, 0.0])).real
    Tensor([0., 2., 0., 2.], dtype=float32)
    """
    x = given("fft", x)
    n = length_of("fft", x, n, axis)
    return scaled(transform(resized(x, n, axis), axis), n, norm, False)


@composite("F⁻¹ x", samples=_ONE, reference=_reference("ifft"))
def ifft(x: Array, /, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The inverse of `fft` along an axis: Σ xₖ exp(2πi jk / n) / n.

    `n` cuts x or puts zeros behind it. `norm` is that of `fft`, of which it is the inverse.

    Shape: any -> the same, with `n` at `axis`. Gives complex numbers.

    >>> import autograd as ag
    >>> ag.fft.ifft(ag.Tensor([0.0, 2.0, 0.0, 2.0])).real
    Tensor([ 1.,  0., -1.,  0.], dtype=float32)
    """
    x = given("ifft", x)
    n = length_of("ifft", x, n, axis)
    return scaled(transform_back(resized(x, n, axis), axis), n, norm, True)


@composite("F x, half", real_only=True, samples=_REAL, reference=_reference("rfft"))
def rfft(x: Array, /, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The first half of the transform of real numbers, of which the other is the conjugate.

    `n` and `norm` are those of `fft`.

    Shape: (..., N, ...) -> (..., `n` // 2 + 1, ...) along `axis`. Gives complex numbers; complex
    numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fft.rfft(ag.Tensor([1.0, 0.0, -1.0, 0.0])).real
    Tensor([0., 2., 0.], dtype=float32)
    """
    x = given("rfft", x)
    n = length_of("rfft", x, n, axis)
    whole = transform(resized(x, n, axis), axis)
    return scaled(resized(whole, n // 2 + 1, axis), n, norm, False)


def _twice(n: int, ndim: int, axis: int, dtype: Any) -> Array:
    """How often an element of the half stands in the whole."""
    times = np.full(n // 2 + 1, 2, dtype)
    times[0] = 1
    if n % 2 == 0:
        times[-1] = 1
    return times.reshape([-1 if a == axis % ndim else 1 for a in range(ndim)])


@composite("F⁻¹ of a half", samples=_ONE, reference=_reference("irfft"))
def irfft(x: Array, /, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """Real numbers from the first half of their transform: the inverse of `rfft`.

    `n` is how many come out, 2 (N − 1) if it is None; `norm` is that of `fft`.

    Shape: (..., N, ...) -> (..., `n`, ...) along `axis`. Gives real numbers.

    >>> import autograd as ag
    >>> ag.fft.irfft(ag.Tensor([0.0, 2.0, 0.0]))
    Tensor([ 1.,  0., -1.,  0.], dtype=float32)
    """
    x = given("irfft", x)
    length = length_of("irfft", x, None, axis)
    n = length_of("irfft", x, 2 * (length - 1) if n is None else n, axis)
    half = resized(x, n // 2 + 1, axis)
    half = half * _twice(n, np.ndim(x), axis, np.abs(np.zeros((), x.dtype)).dtype)
    return np.real(scaled(transform_back(resized(half, n, axis), axis), n, norm, True))


def _turned(norm: str | None) -> str:
    norm = "backward" if norm is None else norm
    check_choice("norm", norm, NORMS)
    return {"backward": "forward", "forward": "backward"}.get(norm, norm)


@composite("F of a half", samples=_ONE, reference=_reference("hfft"))
def hfft(x: Array, /, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The transform of numbers of which the half is given, the other being its conjugate.

    `n` is how many come out, 2 (N − 1) if it is None; `norm` is that of `fft`.

    Shape: (..., N, ...) -> (..., `n`, ...) along `axis`. Gives real numbers.

    >>> import autograd as ag
    >>> ag.fft.hfft(ag.Tensor([1.0, 0.0, -1.0]))
    Tensor([0., 2., 0., 2.], dtype=float32)
    """
    return irfft(np.conj(given("hfft", x)), n, axis, _turned(norm))


@composite("F⁻¹ x, half", real_only=True, samples=_REAL, reference=_reference("ihfft"))
def ihfft(x: Array, /, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The first half of the inverse transform of real numbers: the inverse of `hfft`.

    `n` and `norm` are those of `fft`.

    Shape: (..., N, ...) -> (..., `n` // 2 + 1, ...) along `axis`. Gives complex numbers; complex
    numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fft.ihfft(ag.Tensor([0.0, 2.0, 0.0, 2.0])).real
    Tensor([ 1.,  0., -1.], dtype=float32)
    """
    return np.conj(rfft(x, n, axis, _turned(norm)))
