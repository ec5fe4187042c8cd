"""Dense: Keras' linear layer, with an activation, that learns the size of its input."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.extend import ArrayLike
from nn import init
from nn.activation.names import activation_named
from nn.linear.layers import LazyLinear
from nn.module.module import Module

if TYPE_CHECKING:
    import numpy.typing as npt


class Dense(LazyLinear):
    """activation(x Wᵀ + b) with `units` outputs, as in Keras: the number of inputs is learned.

    `activation` is a name ("relu", "softmax", ...), a module, a function, or None. The weight,
    (units, in_features) like that of Linear, is drawn by Glorot's uniform rule at the first call,
    and the bias starts at zero.

    Shape: (*, in_features) -> (*, units).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.Dense(2, activation="relu", rng=0)
    >>> layer(ag.Tensor(np.ones((4, 3), "float32"))).shape
    (4, 2)
    >>> layer
    Dense(
      in_features=3, units=2, bias=True
      (activation): ReLU()
    )
    """

    cls_to_become = None  # type: ignore[assignment]  # it has more than a Linear

    def __init__(
        self,
        units: int,
        activation: str | Module | Callable[[Any], Any] | None = None,
        use_bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(units, use_bias, dtype, rng)
        self.activation = activation_named(activation)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw the weight anew, and set the bias to zero."""
        if not self.has_uninitialized_params():
            init.xavier_uniform_(self.weight, rng=rng)
            if self.bias is not None:
                init.zeros_(self.bias)

    def forward(self, x: ArrayLike) -> Tensor:
        x = super().forward(x)
        return x if self.activation is None else self.activation(x)

    def extra_repr(self) -> str:
        inputs = self.in_features or "?"
        return f"in_features={inputs}, units={self.out_features}, bias={self.bias is not None}"
