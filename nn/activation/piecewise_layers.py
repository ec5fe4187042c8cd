"""Rectifiers: activations that bend at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autograd as ag
from autograd import Tensor
from autograd.errors import ArgumentError
from autograd.extend import ArrayLike
from autograd.random import generator
from nn.activation.piecewise import prelu, rrelu
from nn.init import constant_
from nn.loss.reduction import as_floats, as_tensor
from nn.module.module import Module
from nn.module.parameter import Parameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt


class InPlace(Module):
    """`inplace` is taken, shown, and has no effect: Tensors behave like values."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


def inplace_text(inplace: bool) -> str:
    """The end of a layer's line."""
    return ", inplace=True" if inplace else ""


class ReLU(InPlace):
    """max(x, 0), elementwise; its derivative at 0 is 0.

    Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReLU()(ag.Tensor([-1.0, 2.0]))
    Tensor([0., 2.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.relu(x)


class ReLU6(InPlace):
    """min(max(x, 0), 6), elementwise.

    Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReLU6()(ag.Tensor([-1.0, 2.0, 8.0]))
    Tensor([0., 2., 6.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.relu6(x)


class LeakyReLU(Module):
    """x where it is positive, negative_slope·x elsewhere.

    Source: Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models
    (2013).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.LeakyReLU(0.5)(ag.Tensor([-1.0, 2.0]))
    Tensor([-0.5,  2. ], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.leaky_relu(as_floats(x), self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}{inplace_text(self.inplace)}"


class ELU(Module):
    """x where it is positive, alpha·(eˣ - 1) elsewhere.

    Source: Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by
    exponential linear units (2016).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.ELU()(ag.Tensor([-100.0, 2.0]))
    Tensor([-1.,  2.], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.elu(as_floats(x), self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}{inplace_text(self.inplace)}"


class SELU(InPlace):
    """An elu with the scale and alpha that keep mean 0 and variance 1.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.SELU()(ag.Tensor([0.0, 2.0]))
    Tensor([0.      , 2.101402], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.selu(as_floats(x))


class CELU(Module):
    """x where it is positive, alpha·(exp(x/alpha) - 1) elsewhere: smooth for every alpha.

    Source: Barron, Continuously differentiable exponential linear units (2017).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.CELU(0.5)(ag.Tensor([-100.0, 2.0]))
    Tensor([-0.5,  2. ], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if alpha == 0:
            raise ArgumentError("CELU: alpha must not be 0: it divides x")
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.celu(as_floats(x), self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}{inplace_text(self.inplace)}"


class PReLU(Module):
    """x where it is positive, weight·x elsewhere, with a weight to learn.

    There is one weight, or with `num_parameters` one for each channel, axis 1 of the input. Weight
    decay pulls them to 0, and so the layer to ReLU: leave them out of it.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).

    Shape: (N, C, ...) -> the same, with C = num_parameters; any -> the same for one weight.

    >>> import autograd as ag
    >>> import nn
    >>> nn.PReLU(init=0.5)(ag.Tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, dtype: npt.DTypeLike | None = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty((num_parameters,), dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again at `init`."""
        constant_(self.weight, self.init)

    def forward(self, x: ArrayLike) -> Tensor:
        return prelu(as_tensor(x, self.weight.dtype), self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """x where it is positive, elsewhere x times a slope: random in training, the mean in eval mode.

    Each slope is drawn uniformly between `lower` and `upper`, from `rng` or the default generator.

    Source: Xu, Wang, Chen and Li, Empirical evaluation of rectified activations (2015).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.RReLU(0.25, 0.75).eval()(ag.Tensor([-1.0, 2.0]))
    Tensor([-0.5,  2. ], dtype=float32)
    """

    def __init__(
        self,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        inplace: bool = False,
        rng: Any = None,
    ) -> None:
        super().__init__()
        if not lower <= upper:
            raise ArgumentError(f"RReLU: lower {lower} must not be above upper {upper}")
        self.lower = lower
        self.upper = upper
        self.inplace = inplace
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: ArrayLike) -> Tensor:
        return rrelu(as_floats(x), self.lower, self.upper, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}{inplace_text(self.inplace)}"
