"""Activations without a kink: the sigmoid and its kin."""

from __future__ import annotations

import autograd as ag
from autograd import Tensor
from autograd.extend import ArrayLike
from nn.activation.piecewise_layers import InPlace
from nn.loss.reduction import as_floats
from nn.module.checks import check_choice
from nn.module.module import Module


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Sigmoid()(ag.Tensor([-1000.0, 0.0]))
    Tensor([0. , 0.5], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.sigmoid(as_floats(x))


class Tanh(Module):
    """The hyperbolic tangent, elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Tanh()(ag.Tensor([0.0, 1000.0]))
    Tensor([0., 1.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.tanh(as_floats(x))


class LogSigmoid(Module):
    """log(sigmoid(x)), elementwise, accurate where the sigmoid is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.LogSigmoid()(ag.Tensor([-1000.0, 1000.0]))
    Tensor([-1000.,     0.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.logsigmoid(as_floats(x))


class Softplus(Module):
    """log(1 + exp(beta·x)) / beta, and x itself where beta·x > threshold.

    Source: Dugas et al., Incorporating second-order functional knowledge for better option pricing
    (2000).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Softplus()(ag.Tensor([-1000.0, 1000.0]))
    Tensor([   0., 1000.], dtype=float32)
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.softplus(as_floats(x), self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    """x / (1 + |x|), elementwise.

    Source: Turian, Bergstra and Bengio, Quadratic features and deep architectures for chunking
    (2009).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Softsign()(ag.Tensor([-1.0, 3.0]))
    Tensor([-0.5 ,  0.75], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.softsign(as_floats(x))


class Tanhshrink(Module):
    """x - tanh(x), elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Tanhshrink()(ag.Tensor([0.0, 1000.0]))
    Tensor([  0., 999.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.tanhshrink(as_floats(x))


class SiLU(InPlace):
    """x·sigmoid(x), elementwise, also named swish.

    Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning (2017).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.SiLU()(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.silu(as_floats(x))


class Mish(InPlace):
    """x·tanh(softplus(x)), elementwise.

    Source: Misra, Mish: a self regularized non-monotonic activation function (2019).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Mish()(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.mish(as_floats(x))


class GELU(Module):
    """x·Φ(x), with the normal distribution's Φ, or its approximation by tanh.

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.GELU()(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], dtype=float32)
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = check_choice("approximate", approximate, ("none", "tanh"))

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.gelu(as_floats(x), self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"
