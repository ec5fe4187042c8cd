"""torch.fft: frequencies and shifts; transforms of Tensors that need no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.dtypes import get_default_dtype
from autograd.errors import UnsupportedError
from autograd.extend import raw
from nn.torch import refusals
from nn.torch.dtypes import as_numpy
from nn.torch.functions.calling import made, named


def _transform(name: str, several: bool, dims: Any = None) -> Any:
    run = getattr(np.fft, name)

    def call(input: Any, size: Any = None, dim: Any = -1, norm: Any = None, **named: Any) -> Any:
        if input.requires_grad:
            raise UnsupportedError(
                f"torch.fft.{name} has no gradient here; transform x.detach(), or write the "
                "transform as a product with a matrix"
            )
        size = named.get("n", named.get("s", size))
        dim = dims if several and dim == -1 else dim
        found = run(raw(input), size, dim, norm)
        single = raw(input).dtype in (np.float32, np.complex64, np.float16)
        kind = (
            (np.complex64 if single else np.complex128)
            if found.dtype.kind == "c"
            else (np.float32 if single else np.float64)
        )
        return made(found.astype(kind))

    named(call, name, f"numpy.fft.{name} of a Tensor that needs no gradient.")
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
