"""Initial values: fill a parameter in place, with PyTorch's names and formulas.

`rng` is a `numpy.random.Generator` or a seed; without it the default generator draws, which
`nn.manual_seed` sets. Weights are (out, in, ...): fan-in is in · receptive field, fan-out is
out · receptive field.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import ShapeError
from autograd.inplace import write
from autograd.random import generator

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def _fill(tensor: Tensor, values: Any) -> Tensor:
    write(tensor, np.asarray(values).astype(tensor.dtype, copy=False))
    return tensor


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, rng: Any = None) -> Tensor:
    """Fill with draws from the uniform distribution on [a, b).

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.uniform_(ag.Tensor([0.0] * 100), -1.0, 1.0, rng=0)
    >>> bool(abs(w.numpy()).max() < 1)
    True
    """
    return _fill(tensor, generator(rng).uniform(a, b, tensor.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, rng: Any = None) -> Tensor:
    """Fill with draws from the normal distribution.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.normal_(ag.Tensor([0.0] * 4), std=0.0)
    Tensor([0., 0., 0., 0.], dtype=float32)
    """
    return _fill(tensor, generator(rng).normal(mean, std, tensor.shape))


def constant_(tensor: Tensor, value: float) -> Tensor:
    """Fill with one value.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.constant_(ag.Tensor([0.0, 0.0]), 3.0)
    Tensor([3., 3.], dtype=float32)
    """
    return _fill(tensor, np.full(tensor.shape, value))


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which a nonlinearity shrinks the standard deviation, to be made up for.

    `param` is the negative slope of leaky_relu (default 0.01).

    >>> import nn
    >>> round(nn.init.calculate_gain("relu"), 4)
    1.4142
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope * slope))
    if nonlinearity not in _GAINS:
        known = ", ".join([*_GAINS, "leaky_relu"])
        raise ValueError(f"no gain is known for {nonlinearity!r}; there is {known}")
    return _GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan-in, fan-out) of a weight (out, in, ...)."""
    if tensor.ndim < 2:
        raise ShapeError(
            f"fan-in and fan-out need a weight of shape (out, in, ...), got {tensor.shape}"
        )
    receptive = math.prod(tensor.shape[2:])
    return tensor.shape[1] * receptive, tensor.shape[0] * receptive


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Uniform on ±gain·√(6 / (fan-in + fan-out)).

    Glorot and Bengio, Understanding the difficulty of training deep feedforward networks (2010).
    """
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Normal with standard deviation gain·√(2 / (fan-in + fan-out)).

    Glorot and Bengio, Understanding the difficulty of training deep feedforward networks (2010).
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), rng)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    modes = {"fan_in": 0, "fan_out": 1}
    if mode not in modes:
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(max(fans(tensor)[modes[mode]], 1))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    rng: Any = None,
) -> Tensor:
    """Uniform on ±gain·√(3 / fan), for layers before a rectifier of negative slope `a`.

    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    rng: Any = None,
) -> Tensor:
    """Normal with standard deviation gain / √fan, for layers before a rectifier of slope `a`.

    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), rng)
