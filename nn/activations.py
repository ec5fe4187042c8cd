"""Activations: elementwise nonlinearities, and softmax."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.module import Module

__all__ = ["GELU", "LeakyReLU", "LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Module):
    """max(x, 0).

    Shape: (*) -> (*), any shape.

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReLU()(ag.Tensor([-1.0, 2.0]))
    Tensor([0., 2.], dtype=float32)
    """

    def forward(self, x: Any) -> Any:
        return ag.relu(x)


class LeakyReLU(Module):
    """x where it is positive, negative_slope·x elsewhere.

    Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models (2013).

    Shape: (*) -> (*), any shape.

    >>> import autograd as ag
    >>> import nn
    >>> nn.LeakyReLU(0.5)(ag.Tensor([-1.0, 2.0]))
    Tensor([-0.5,  2. ], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        return ag.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class Tanh(Module):
    """The hyperbolic tangent.

    Shape: (*) -> (*), any shape.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Tanh()(ag.Tensor([0.0]))
    Tensor([0.], dtype=float32)
    """

    def forward(self, x: Any) -> Any:
        return ag.tanh(x)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ).

    Shape: (*) -> (*), any shape.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Sigmoid()(ag.Tensor([0.0]))
    Tensor([0.5], dtype=float32)
    """

    def forward(self, x: Any) -> Any:
        return ag.sigmoid(x)


class GELU(Module):
    """x·Φ(x), with the normal distribution's Φ, or its approximation by tanh.

    Hendrycks and Gimpel, Gaussian error linear units (2016).

    Shape: (*) -> (*), any shape.

    >>> import autograd as ag
    >>> import nn
    >>> nn.GELU()(ag.Tensor([0.0]))
    Tensor([0.], dtype=float32)
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        return ag.gelu(x, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Softmax(Module):
    """exp(x) / Σ exp(x) along an axis.

    Shape: (*) -> (*), any shape with the axis `dim`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Softmax(dim=-1)(ag.Tensor([1.0, 1.0]))
    Tensor([0.5, 0.5], dtype=float32)
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Any) -> Any:
        return ag.softmax(x, axis=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """log softmax(x) along an axis.

    Shape: (*) -> (*), any shape with the axis `dim`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.LogSoftmax(dim=-1)(ag.Tensor([1.0, 1.0]))
    Tensor([-0.6931472, -0.6931472], dtype=float32)
    """

    def forward(self, x: Any) -> Any:
        return ag.log_softmax(x, axis=self.dim)
