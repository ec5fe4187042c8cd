"""The frequencies that the coefficients of a Fourier transform belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine.dtypes import as_dtype, get_default_dtype
from autograd.engine.kinds import Device
from autograd.engine.outputs import wrap
from autograd.engine.ranges import Count
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError

if TYPE_CHECKING:
    import numpy.typing as npt


def _made(function: Any, n: int, d: float, dtype: npt.DTypeLike | None) -> Tensor:
    if d == 0:
        raise ArgumentError(f"{function.__name__}: d is the time between samples, and not 0")
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    return wrap(function(n, d).astype(kind))


def fftfreq(
    n: Count, /, d: float = 1.0, *, dtype: npt.DTypeLike | None = None, device: Device = None
) -> Tensor:
    """The frequency of each of the n coefficients of `fft`, for samples `d` apart.

    Shape: (n,), of the default dtype if none is given.

    >>> import autograd as ag
    >>> ag.fft.fftfreq(4)
    Tensor([ 0.  ,  0.25, -0.5 , -0.25], dtype=float32)
    """
    return _made(np.fft.fftfreq, n, d, dtype)


def rfftfreq(
    n: Count, /, d: float = 1.0, *, dtype: npt.DTypeLike | None = None, device: Device = None
) -> Tensor:
    """The frequency of each of the n // 2 + 1 coefficients of `rfft`, for samples `d` apart.

    Shape: (n // 2 + 1,), of the default dtype if none is given.

    >>> import autograd as ag
    >>> ag.fft.rfftfreq(4)
    Tensor([0.  , 0.25, 0.5 ], dtype=float32)
    """
    return _made(np.fft.rfftfreq, n, d, dtype)
