"""The short-time Fourier transform: of windows along a signal; and back by overlapping sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.diagnose import check_choice
from autograd.engine.dispatch import is_symbolic
from autograd.engine.operands import joined
from autograd.engine.ranges import Length
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import Array, here, raw
from autograd.ops.elementwise.complex import imag, real
from autograd.ops.fft._transforms import fft, ifft, irfft, rfft
from autograd.ops.indexing.pad import zero_pad
from autograd.ops.indexing.take import add_at, take
from autograd.ops.shape.axes import matrix_transpose
from autograd.ops.shape.join import stack
from autograd.ops.shape.shape import reshape

PADS = {"reflect": "reflect", "constant": "constant", "replicate": "edge", "circular": "wrap"}


@checked
def stft(
    x: Array,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool = True,
) -> Tensor:
    """The Fourier transforms of windows of `n_fft` samples, `hop_length` apart (n_fft/4).

    `window`, of `win_length` numbers (n_fft; ones), stands in the middle of each. With `center` the
    t-th is around sample t · hop_length, and both ends are padded: `pad_mode` is "reflect",
    "constant", "replicate" or "circular". `normalized` divides by √n_fft. `onesided` leaves out the
    frequencies above the half, which for real numbers say the same; it is True for those. Without
    `return_complex` a last axis holds real and imaginary part.

    Shape: (L,) or (B, L) -> (N, T) or (B, N, T), N frequencies of T windows. Integers give complex
    numbers.

    >>> import autograd as ag
    >>> ag.stft(ag.ones(16), 8).shape
    (5, 9)
    """
    x = joined(x)
    check_choice("pad_mode", pad_mode, tuple(PADS))
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    if np.ndim(x) not in (1, 2):
        raise ShapeError(f"stft: expected (L,) or (B, L), got shape {np.shape(x)}{here()}")
    length = np.shape(x)[-1]
    hop, wide = _steps("stft", n_fft, hop_length, win_length)
    if not 0 < n_fft <= length + 2 * (n_fft // 2) * center:
        raise ArgumentError(
            f"stft: n_fft must be from 1 to the signal's {length} samples, got {n_fft}{here()}"
        )
    shape = _window("stft", window, n_fft, wide)
    is_complex = x.dtype.kind == "c" or getattr(shape, "dtype", x.dtype).kind == "c"
    if onesided is None:
        onesided = not is_complex
    if onesided and is_complex:
        raise ArgumentError(f"stft: onesided is for real signals and windows{here()}")
    frames = _frames(x, n_fft, hop, center, pad_mode)
    frames = frames if shape is None else frames * shape
    found = rfft(frames) if onesided else fft(frames)
    if normalized:
        found = found / math.sqrt(n_fft)
    found = matrix_transpose(found)
    return found if return_complex else stack([real(found), imag(found)], axis=-1)


def _steps(name: str, n_fft: int, hop: int | None, wide: int | None) -> tuple[int, int]:
    hop, wide = n_fft // 4 if hop is None else hop, n_fft if wide is None else wide
    if hop < 1:
        raise ArgumentError(f"{name}: hop_length must be at least 1, got {hop}{here()}")
    if not 0 < wide <= n_fft:
        raise ArgumentError(
            f"{name}: win_length must be from 1 to n_fft={n_fft}, got {wide}{here()}"
        )
    return hop, wide


def _window(name: str, window: Any, n_fft: int, wide: int) -> Any:
    """The window in the middle of n_fft zeros; None where it is all ones."""
    if window is None:
        if wide == n_fft:
            return None
        window = np.ones(wide, np.float32)
    window = joined(window)
    window = window if hasattr(window, "dtype") else np.asarray(window)
    if np.shape(window) != (wide,):
        raise ShapeError(
            f"{name}: window must have the {wide} elements of win_length, "
            f"got shape {np.shape(window)}{here()}"
        )
    before = (n_fft - wide) // 2
    return window if wide == n_fft else zero_pad(window, ((before, n_fft - wide - before),))


def _frames(x: Array, n_fft: int, hop: int, center: bool, pad_mode: str) -> Array:
    """The windows of x, (..., T, n_fft): one `take`, for padding but repeats elements."""
    length, half = np.shape(x)[-1], n_fft // 2 if center else 0
    numbers = np.arange(length)
    if half and pad_mode == "constant":
        x = zero_pad(x, (*((0, 0),) * (np.ndim(x) - 1), (half, half)))
        numbers = np.arange(length + 2 * half)
    elif half:
        most = length - 1 if pad_mode == "reflect" else length if pad_mode == "circular" else half
        if half > most:
            raise ArgumentError(
                f"stft: {pad_mode} padding of {half} is too much for {length} elements{here()}"
            )
        numbers = np.pad(numbers, half, PADS[pad_mode])  # type: ignore[call-overload]
    starts = np.arange(0, len(numbers) - n_fft + 1, hop)
    return take(x, numbers[starts[:, None] + np.arange(n_fft)], -1)


@checked
def istft(
    x: Array,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: Length | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal whose `stft` is nearest to x: windows added up, over the sum of squared windows.

    The parameters are those of `stft`; `length` is that of the signal, which is cut, or filled up
    with zeros. Windows that leave a sample unseen raise ArgumentError.

    Shape: complex (N, T) or (B, N, T) -> (L,) or (B, L), real but with `return_complex`. Real
    numbers raise DTypeError.

    >>> import autograd as ag
    >>> x = ag.arange(1.0, 17.0)
    >>> ag.istft(ag.stft(x, 8), 8).round(4)[:4]
    Tensor([1., 2., 3., 4.], dtype=float32)
    """
    x = joined(x)
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind != "c":
        raise DTypeError(f"istft: x must be complex, not {x.dtype}{here()}")
    if np.ndim(x) not in (2, 3) or not np.size(x):
        raise ShapeError(f"istft: expected (N, T) or (B, N, T), got shape {np.shape(x)}{here()}")
    bins, count = np.shape(x)[-2:]
    hop, wide = _steps("istft", n_fft, hop_length, win_length)
    shape = _window("istft", window, n_fft, wide)
    is_complex = return_complex or getattr(shape, "dtype", np.dtype(float)).kind == "c"
    if onesided is None:
        onesided = bins != n_fft or (n_fft == 1 and not is_complex)
    if onesided and is_complex:
        raise ArgumentError(f"istft: onesided is for real signals and windows{here()}")
    if bins != (n_fft // 2 + 1 if onesided else n_fft):
        raise ShapeError(
            f"istft: n_fft={n_fft} has {n_fft // 2 + 1 if onesided else n_fft} frequencies, "
            f"and x has {bins}{here()}"
        )
    spectra = matrix_transpose(x)
    spectra = spectra * math.sqrt(n_fft) if normalized else spectra
    frames = irfft(spectra, n_fft) if onesided else ifft(spectra)
    frames = frames if return_complex or onesided else real(frames)
    frames = frames if shape is None else frames * shape
    whole = n_fft + hop * (count - 1)
    places = np.arange(count)[:, None] * hop + np.arange(n_fft)
    lead = np.shape(x)[:-2]
    added = add_at(frames, places, (*lead, whole), len(lead))
    squares = np.ones((count, n_fft), frames.dtype) if shape is None else shape * shape
    covered = add_at(np.broadcast_to(squares, (count, n_fft)), places, (whole,), 0)
    start = n_fft // 2 if center else 0
    end = start + length if length is not None else whole - start
    part = (..., slice(start, end))
    if not is_symbolic(shape) and not _sees_all(raw(shape), count, n_fft, hop, part[1:]):
        raise ArgumentError(f"istft: the windows leave samples unseen, or nearly so{here()}")
    signal = added[part] / covered[part[1:]]
    return _filled_up(signal, 0 if length is None else end - whole)


def _sees_all(window: Any, count: int, n_fft: int, hop: int, part: Any) -> bool:
    """Whether the windows, squared and added up, are nowhere 0."""
    covered = np.zeros(n_fft + hop * (count - 1), complex)
    squares = np.ones(n_fft) if window is None else np.square(window)
    for start in range(0, hop * count, hop):
        covered[start : start + n_fft] += squares
    return bool(np.all(np.abs(covered[part]) > 1e-11))


def _filled_up(signal: Array, more: int) -> Array:
    if more <= 0:
        return reshape(signal, np.shape(signal))
    return zero_pad(signal, (*((0, 0),) * (np.ndim(signal) - 1), (0, more)))
