"""Draws scaled to the number of inputs or outputs, so that signals neither fade nor explode."""

from __future__ import annotations

import math
from typing import Any

from autograd import Tensor
from autograd.errors import ShapeError
from nn.init.fill import normal_, uniform_
from nn.module.checks import check_choice

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which a nonlinearity shrinks the standard deviation, to be made up for.

    `param` is the negative slope of leaky_relu (default 0.01).

    `nonlinearity` is the name of a function of nn.functional, such as "relu"; other names are
    errors.

    >>> import nn
    >>> round(nn.init.calculate_gain("relu"), 4)
    1.4142
    """
    check_choice("nonlinearity", nonlinearity, (*_GAINS, "leaky_relu"))
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope * slope))
    return _GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan-in, fan-out) of a weight: how many values each output, input meets.

    Shape: (out, in, *) -> two whole numbers; fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.fans(ag.zeros((8, 4, 3, 3)))
    (36, 72)
    """
    if tensor.ndim < 2:
        raise ShapeError(
            f"tensor: fan-in and fan-out need a weight of shape (out, in, ...), got {tensor.shape}"
        )
    receptive = math.prod(tensor.shape[2:])
    return tensor.shape[1] * receptive, tensor.shape[0] * receptive


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Uniform on ±gain·√(6 / (fan-in + fan-out)); Keras' glorot_uniform.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.xavier_uniform_(ag.zeros((3, 3)), rng=0)
    >>> bool(abs(w.numpy()).max() < 1)
    True
    """
    bound = gain * math.sqrt(6 / max(sum(fans(tensor)), 1))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Normal with standard deviation gain·√(2 / (fan-in + fan-out)); Keras' glorot_normal.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.xavier_normal_(ag.zeros((2, 3)), rng=0).shape
    (2, 3)
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / max(sum(fans(tensor)), 1)), rng)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    check_choice("mode", mode, ("fan_in", "fan_out"))
    fan_in, fan_out = fans(tensor)
    fan = fan_in if mode == "fan_in" else fan_out
    return calculate_gain(nonlinearity, a) / math.sqrt(max(fan, 1))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    rng: Any = None,
) -> Tensor:
    """Uniform on ±gain·√(3 / fan), before a rectifier of negative slope `a`; Keras' he_uniform.

    `nonlinearity` and `mode` are those of `kaiming_normal_`.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.kaiming_uniform_(ag.zeros((2, 6)), rng=0)
    >>> bool(abs(w.numpy()).max() < 1)
    True
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
    """Normal with standard deviation gain / √fan, before such a rectifier; Keras' he_normal.

    The gain is that of `nonlinearity` with the negative slope `a`; `mode` is "fan_in" or "fan_out".

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.kaiming_normal_(ag.zeros((2, 6)), mode="fan_out", rng=0).shape
    (2, 6)
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), rng)


def lecun_uniform_(tensor: Tensor, rng: Any = None) -> Tensor:
    """Uniform on ±√(3 / fan-in): outputs vary as much as inputs, before tanh or selu.

    Source: LeCun, Bottou, Orr and Müller, Efficient backprop (1998).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.lecun_uniform_(ag.zeros((2, 3)), rng=0)
    >>> bool(abs(w.numpy()).max() < 1)
    True
    """
    bound = math.sqrt(3 / max(fans(tensor)[0], 1))
    return uniform_(tensor, -bound, bound, rng)


def lecun_normal_(tensor: Tensor, rng: Any = None) -> Tensor:
    """Normal with standard deviation 1 / √fan-in, which self-normalizing networks need.

    Source: LeCun, Bottou, Orr and Müller, Efficient backprop (1998).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.lecun_normal_(ag.zeros((2, 3)), rng=0).shape
    (2, 3)
    """
    return normal_(tensor, 0.0, 1 / math.sqrt(max(fans(tensor)[0], 1)), rng)
