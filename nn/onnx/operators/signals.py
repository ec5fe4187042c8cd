"""Fourier transforms, as products with waves."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import UnsupportedError
from autograd.extend import raw
from nn.onnx.budget import STEP, budget, products, sized
from nn.onnx.table import Call, number, row
from nn.onnx.tensors import dtype_of


def _waves(length: int, count: int, inverse: bool, dtype: Any) -> tuple[Any, Any]:
    turns = np.outer(np.arange(length), np.arange(count)) % length
    angle = 2 * np.pi * turns / length * (1 if inverse else -1)
    scale = 1 / length if inverse else 1.0
    return ag.Tensor((np.cos(angle) * scale).astype(dtype)), ag.Tensor(
        (np.sin(angle) * scale).astype(dtype)
    )


def _transformed(x: Any, count: int, inverse: bool) -> Any:
    """The transform of the last axis but one; the last holds real and imaginary parts."""
    length, dtype = x.shape[-2], raw(x).dtype
    sized((length, count), copies=4)
    products((*x.shape[:-2], count), length)
    cos, sin = _waves(length, count, inverse, dtype)
    real = x[..., 0]
    if x.shape[-1] == 1:
        return ag.stack([real @ cos, real @ sin], axis=-1)
    imaginary = x[..., 1]
    return ag.stack([real @ cos - imaginary @ sin, real @ sin + imaginary @ cos], axis=-1)


@row("DFT", since=17)
def dft(call: Call, x: Any, length: Any = None, axis: Any = None) -> Any:
    """The discrete Fourier transform along an axis, or its inverse."""
    told = -2 if axis is None else int(number(axis))
    along = call("axis", 1) if call.opset < 20 else told
    along %= x.ndim
    x = ag.moveaxis(x, along, -2)
    inverse, onesided = bool(call("inverse", 0)), bool(call("onesided", 0))
    if inverse and onesided:
        n = int(number(length)) if length is not None else 2 * (x.shape[-2] - 1)
        last = x.shape[-2] - 1 + n % 2
        mirrored = ag.flip(x[..., 1:last, :], -2)
        sign = ag.Tensor(np.array([1, -1], raw(x).dtype))
        x = ag.concat([x, mirrored * sign], axis=-2)
        return ag.moveaxis(_transformed(x, n, True)[..., :1], -2, along)
    if length is not None:
        n = int(number(length))
        sized((*x.shape[:-2], n, x.shape[-1]))
        x = x[..., :n, :]
        widths = [(0, 0)] * (x.ndim - 2) + [(0, n - x.shape[-2]), (0, 0)]
        x = ag.pad(x, widths)
    n = x.shape[-2]
    count = n // 2 + 1 if onesided else n
    return ag.moveaxis(_transformed(x, count, inverse), -2, along)


@row("STFT", since=17)
def stft(call: Call, x: Any, step: Any, window: Any = None, length: Any = None) -> Any:
    """The Fourier transforms of frames of a signal, under a window."""
    if x.ndim == 2:
        x = ag.expand_dims(x, -1)
    if length is None and window is None:
        raise UnsupportedError("STFT needs a window or the length of a frame")
    n = int(number(length)) if length is not None else raw(window).shape[0]
    hop = int(number(step))
    frames = (x.shape[1] - n) // hop + 1
    sized((x.shape[0], max(0, frames), n, x.shape[-1]))
    at = np.arange(frames)[:, None] * hop + np.arange(n)
    cut = ag.take(x, ag.Tensor(at), axis=1)
    cut = cut if window is None else cut * window.reshape(-1, 1)
    return _transformed(cut, n // 2 + 1 if call("onesided", 1) else n, False)


@row("MelWeightMatrix", since=17)
def mel_weight_matrix(call: Call, *given: Any) -> Any:
    """The matrix that takes a spectrum to bands of the mel scale."""
    bins, length, rate, low, high = (number(v) for v in given)
    spectrum = length // 2 + 1
    sized([max(1, spectrum), bins])
    budget().took(bins * STEP)
    mel = np.linspace(
        2595 * np.log10(1 + low / 700), 2595 * np.log10(1 + high / 700), bins + 2, endpoint=False
    )
    edges = np.floor((length + 1) * 700 * (10 ** (mel / 2595) - 1) / rate).astype(int)
    found = np.zeros((spectrum, bins))
    for i, (a, b, c) in enumerate(zip(edges[:-2], edges[1:-1], edges[2:], strict=True)):
        if b == a:
            found[b, i] = 1
        else:
            found[a : b + 1, i] = (np.arange(a, b + 1) - a) / (b - a)
        if c > b:
            found[b:c, i] = (c - np.arange(b, c)) / (c - b)
    return ag.Tensor(found.astype(dtype_of(call("output_datatype", 1))))
