"""One value for all, or draws from one distribution."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.trail import written_outside
from autograd.errors import ArgumentError, DTypeError
from autograd.random import generator
from autograd.tensors.assignment import overwrite

__all__ = ["constant_", "fill", "normal_", "ones_", "trunc_normal_", "uniform_", "zeros_"]


def fill(tensor: Tensor, values: Any) -> Tensor:
    """Write values of the Tensor's shape, or of one that broadcasts to it, in its own dtype."""
    written_outside("initial values, which nn.init computes with NumPy")
    overwrite(tensor, np.asarray(values).astype(tensor.dtype, copy=False), "nn.init")
    return tensor


def check_floating(name: str, tensor: Tensor) -> None:
    """Raise DTypeError where drawn numbers would be cut to integers."""
    if tensor.dtype.kind not in "fc":
        raise DTypeError(f"{name} draws floating numbers, and the Tensor holds {tensor.dtype}")


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, rng: Any = None) -> Tensor:
    """Fill with draws from the uniform distribution on [a, b).

    Shape: any -> the same. Integers raise DTypeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.uniform_(ag.Tensor([0.0] * 100), -1.0, 1.0, rng=0)
    >>> bool(abs(w.numpy()).max() < 1)
    True
    """
    check_floating("uniform_", tensor)
    if not -math.inf < a <= b < math.inf:
        raise ArgumentError(
            f"uniform_: a must not be greater than b, and both finite, got {a}, {b}"
        )
    return fill(tensor, generator(rng).uniform(a, b, tensor.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, rng: Any = None) -> Tensor:
    """Fill with draws from the normal distribution with this `mean` and standard deviation `std`.

    Shape: any -> the same. Integers raise DTypeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.normal_(ag.Tensor([0.0] * 4), std=0.0)
    Tensor([0., 0., 0., 0.], dtype=float32)
    """
    check_floating("normal_", tensor)
    return fill(tensor, generator(rng).normal(mean, std, tensor.shape))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    rng: Any = None,
) -> Tensor:
    """Fill with draws from the normal distribution, of which only [a, b] is left.

    `a` and `b` are values and not multiples of `std`: Keras' truncated_normal has them at
    mean ± 2·std.

    Shape: any -> the same. Integers raise DTypeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.trunc_normal_(ag.Tensor([0.0] * 100), std=10.0, rng=0)
    >>> bool(abs(w.numpy()).max() <= 2)
    True
    """
    check_floating("trunc_normal_", tensor)
    if not a < b:
        raise ArgumentError(f"trunc_normal_: a must be below b, got [{a}, {b}]")
    if std <= 0:
        raise ArgumentError(f"trunc_normal_: std must be positive, got {std}")
    low, high = (a - mean) / std, (b - mean) / std
    # the distribution function has its digits in the lower tail: an upper one is turned over
    sign = -1.0 if low > 0 else 1.0
    if sign < 0:
        low, high = -high, -low
    ends = (0.5 * math.erfc(-low / math.sqrt(2)), 0.5 * math.erfc(-high / math.sqrt(2)))
    if ends[1] < sys.float_info.min:
        raise ArgumentError(
            f"trunc_normal_: nothing is left of the distribution on [{a}, {b}], which lies "
            f"{-high:.3g} standard deviations from the mean {mean}"
        )
    drawn = ag.ndtri(generator(rng).uniform(*ends, tensor.shape))
    return fill(tensor, np.clip(mean + sign * std * drawn, a, b))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value, `val`.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.constant_(ag.Tensor([0.0, 0.0]), 3.0)
    Tensor([3., 3.], dtype=float32)
    """
    return fill(tensor, np.full(tensor.shape, val))


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.zeros_(ag.Tensor([1.0, 2.0]))
    Tensor([0., 0.], dtype=float32)
    """
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.ones_(ag.Tensor([0.0, 2.0]))
    Tensor([1., 1.], dtype=float32)
    """
    return constant_(tensor, 1.0)
