"""torch.fft: transforms, frequencies and shifts."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.dtypes import get_default_dtype
from nn.torch import refusals
from nn.torch.dtypes import as_numpy
from nn.torch.functions.calling import made, named


def _transform(name: str, several: bool, dims: Any = None) -> Any:
    run = getattr(autograd.fft, name)

    def call(input: Any, size: Any = None, dim: Any = -1, norm: Any = None, **named: Any) -> Any:
        size = named.get("n", named.get("s", size))
        dim = dims if several and dim == -1 else dim
        if input.dtype.kind in "biu":
            input = input.to(get_default_dtype())
        if several and isinstance(dim, list):
            dim = tuple(dim)
        return run(input, size, dim, norm)

    named(call, name, f"numpy.fft.{name}, recorded.")
    return call


fft, ifft, rfft, irfft, hfft, ihfft = (
    _transform(name, False) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
)
fft2, ifft2, rfft2, irfft2 = (
    _transform(name, True, (-2, -1)) for name in ("fft2", "ifft2", "rfft2", "irfft2")
)
fftn, ifftn, rfftn, irfftn = (
    _transform(name, True) for name in ("fftn", "ifftn", "rfftn", "irfftn")
)


def _frequencies(name: str) -> Any:
    def call(n: int, d: float = 1.0, *, dtype: Any = None, **options: Any) -> Any:
        kind = get_default_dtype() if dtype is None else as_numpy(dtype)
        return made(getattr(np.fft, name)(n, d).astype(kind))

    named(call, name, "The frequencies of a transform of n points at distance d.")
    return call


fftfreq, rfftfreq = _frequencies("fftfreq"), _frequencies("rfftfreq")


def _shifted(input: Any, dim: Any, back: bool) -> Any:
    axes = range(input.ndim) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    for axis in axes:
        half = input.shape[axis] // 2
        input = autograd.roll(input, -half if back else half, axis % input.ndim)
    return input


def fftshift(input: Any, dim: Any = None) -> Any:
    """With the frequency 0 in the middle."""
    return _shifted(input, dim, False)


def ifftshift(input: Any, dim: Any = None) -> Any:
    """With the frequency 0 first again."""
    return _shifted(input, dim, True)


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.fft", name)
