"""Linear layers, and the layers that only rearrange."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.diagnose import here
from autograd.errors import ShapeError
from autograd.random import generator
from nn import init
from nn.lazy import LazyModuleMixin
from nn.module import Module
from nn.parameter import Parameter, UninitializedParameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Flatten", "Identity", "LazyLinear", "Linear"]


class Linear(Module):
    """x Wᵀ + b: (..., in_features) -> (..., out_features).

    `weight` is (out_features, in_features) and `bias` (out_features,), both drawn uniformly from
    ±1/√in_features, as in PyTorch. `rng` is a generator or a seed.

    Shape: (*, in_features) -> (*, out_features).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.Linear(3, 2, rng=0)
    >>> layer(ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty((out_features, in_features), dtype))
        self.register_parameter("bias", Parameter(empty((out_features,), dtype)) if bias else None)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng = generator(rng)
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), rng=rng)
        if self.bias is not None:
            bound = 1 / math.sqrt(max(self.in_features, 1))
            init.uniform_(self.bias, -bound, bound, rng=rng)

    def forward(self, x: Any) -> Any:
        return ag.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class LazyLinear(LazyModuleMixin, Linear):
    """A Linear that takes `in_features` from its first input, and is a plain Linear from then on.

    Shape: (..., in_features) -> (..., out_features).

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyLinear(2)
    >>> layer.weight
    <UninitializedParameter (2, ?) float32>
    >>> layer(ag.Tensor(np.ones((4, 3), "float32"))).shape
    (4, 2)
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    """

    cls_to_become = Linear

    def __init__(
        self,
        out_features: int,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = UninitializedParameter(dtype=dtype, shape=(out_features, None))
        if bias:
            self.bias = UninitializedParameter(dtype=dtype, shape=(out_features,))
        self._rng = rng

    def initialize_parameters(self, x: Any) -> None:
        if not np.ndim(x):
            raise ShapeError(f"LazyLinear: the input is a scalar; it needs an axis{here()}")
        self.materialize(weight=(self.out_features, x.shape[-1]), bias=(self.out_features,))
        self.adopt_sizes()
        self.reset_parameters(self._rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew; before the first input there is nothing to draw."""
        if not self.has_uninitialized_params():
            super().reset_parameters(rng)

    def adopt_sizes(self) -> None:
        self.in_features = self.weight.shape[1]


class Identity(Module):
    """The input itself; takes and ignores any arguments when made.

    Shape: any.

    >>> import nn
    >>> nn.Identity()(3)
    3
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        return x


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` joined into one; by default all but the first.

    Shape: (N, C, *) -> (N, C·∏*) by default.

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> nn.Flatten()(ag.Tensor(np.zeros((2, 3, 4)))).shape
    (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Tensor) -> Any:
        ndim = x.ndim
        start, end = (d + ndim if d < 0 else d for d in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < ndim:
            raise ShapeError(
                f"Flatten: no axes from {self.start_dim} to {self.end_dim} in shape {x.shape}"
            )
        joined = math.prod(x.shape[start : end + 1])
        return ag.reshape(x, (*x.shape[:start], joined, *x.shape[end + 1 :]))

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
