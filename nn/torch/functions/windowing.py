"""Windows, and the short-time Fourier transform that they are for."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.dtypes import get_default_dtype
from autograd.errors import ArgumentError, DTypeError
from autograd.extend import raw
from nn.torch.functions.calling import made, named
from nn.torch.functions.creating import options


def _window(name: str, make: Any, *parameters: str) -> Any:
    def call(window_length: int, periodic: bool = True, *shape: Any, **kwargs: Any) -> Any:
        own = dict(zip(parameters, shape, strict=False))
        own |= {option: kwargs.pop(option) for option in parameters if option in kwargs}
        dtype, requires_grad = options(kwargs, name)
        points = window_length + 1 if periodic and window_length > 1 else window_length
        array = make(points, **own)[:window_length].astype(dtype or get_default_dtype())
        return made(array).requires_grad_(requires_grad)

    named(call, name, "A window of a length, periodic or symmetric.")
    return call


def _hamming(points: int, alpha: float = 0.54, beta: float = 0.46) -> Any:
    if points == 1:
        return np.ones(1)
    return alpha - beta * np.cos(2 * np.pi * np.arange(points) / (points - 1))


def _kaiser(points: int, beta: float = 12.0) -> Any:
    return np.kaiser(points, beta)


hann_window = _window("hann_window", np.hanning)
hamming_window = _window("hamming_window", _hamming, "alpha", "beta")
blackman_window = _window("blackman_window", np.blackman)
bartlett_window = _window("bartlett_window", np.bartlett)
kaiser_window = _window("kaiser_window", _kaiser, "beta")


def stft(
    input: Any,
    n_fft: int,
    hop_length: Any = None,
    win_length: Any = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: Any = None,
    return_complex: Any = None,
    align_to_window: Any = None,
) -> Any:
    """The Fourier transforms of windows along a signal."""
    if raw(input).dtype.kind not in "fc":
        raise DTypeError(f"stft: input must be floating or complex, not {input.dtype}")
    if align_to_window is not None and center:
        raise ArgumentError("stft: align_to_window is for center=False; leave it out")
    if align_to_window and win_length is not None and 0 < win_length < n_fft:
        before = (n_fft - win_length) // 2  # so that the first window begins with the signal
        ends = (before, n_fft - win_length - before)
        input = autograd.zero_pad(input, (*((0, 0),) * (input.ndim - 1), ends))
    is_complex = raw(input).dtype.kind == "c" or _is_complex(window)
    if return_complex is None and not is_complex:
        raise ArgumentError(
            "stft: say return_complex=True, for complex numbers; torch.view_as_real makes pairs"
        )
    return autograd.stft(
        input, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided,
        return_complex is not False,
    )  # fmt: skip


def _is_complex(window: Any) -> bool:
    return window is not None and bool(raw(window).dtype.kind == "c")


def istft(
    input: Any,
    n_fft: int,
    hop_length: Any = None,
    win_length: Any = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: Any = None,
    length: Any = None,
    return_complex: bool = False,
) -> Any:
    """The signal of its short-time Fourier transform."""
    return autograd.istft(
        input, n_fft, hop_length, win_length, window, center, normalized, onesided, length,
        return_complex,
    )  # fmt: skip
