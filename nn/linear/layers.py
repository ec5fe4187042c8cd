"""Linear layers, and the layers that only rearrange."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentTypeError, ShapeError
from autograd.extend import ArrayLike
from autograd.random import generator
from nn import init
from nn.linear.linear import bilinear, channel_shuffle
from nn.module.lazy import LazyModuleMixin
from nn.module.module import Module
from nn.module.parameter import Parameter, UninitializedParameter, empty
from nn.module.tree import got

if TYPE_CHECKING:
    import numpy.typing as npt


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

    def forward(self, x: ArrayLike) -> Tensor:
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


class Bilinear(Module):
    """x₁ᵀ W x₂ + b, with a matrix W for each output.

    `weight` is (out_features, in1_features, in2_features) and `bias` (out_features,), both drawn
    uniformly from ±1/√in1_features. `rng` is a generator or a seed.

    Shape: (*, in1_features) and (*, in2_features) -> (*, out_features).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.Bilinear(2, 3, 4, rng=0)
    >>> layer(ag.Tensor([[1.0, 2.0]]), ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 4)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(empty((out_features, in1_features, in2_features), dtype))
        self.register_parameter("bias", Parameter(empty((out_features,), dtype)) if bias else None)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng = generator(rng)
        bound = 1 / math.sqrt(max(self.in1_features, 1))
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng=rng)

    def forward(self, input1: ArrayLike, input2: ArrayLike) -> Tensor:
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


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

    def forward(self, x: Tensor) -> Tensor:
        ndim = x.ndim
        start, end = (d + ndim if d < 0 else d for d in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < ndim:
            raise ShapeError(
                f"Flatten: no axes from {self.start_dim} to {self.end_dim} in shape {x.shape}"
                f"{here()}"
            )
        joined = math.prod(x.shape[start : end + 1])
        return ag.reshape(x, (*x.shape[:start], joined, *x.shape[end + 1 :]))

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """The axis `dim` split into several, of the lengths `unflattened_size`; one of them may be -1.

    Shape: (..., a·b, ...) -> (..., a, b, ...).

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> nn.Unflatten(1, (3, 4))(ag.Tensor(np.zeros((2, 12)))).shape
    (2, 3, 4)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, Sequence):
            raise ArgumentTypeError(
                f"Unflatten: unflattened_size is a tuple, {got(unflattened_size)}"
            )
        self.dim = dim
        self.unflattened_size = tuple(map(operator.index, unflattened_size))

    def forward(self, x: Any) -> Tensor:
        shape, sizes = x.shape, self.unflattened_size
        dim = self.dim + len(shape) if self.dim < 0 else self.dim
        try:
            inner = np.empty(shape[dim], bool).reshape(sizes).shape if dim >= 0 else None
        except (IndexError, ValueError):
            inner = None
        if inner is None:
            raise ShapeError(
                f"Unflatten: axis {self.dim} of shape {shape} cannot be split into {sizes}{here()}"
            )
        return ag.reshape(x, (*shape[:dim], *inner, *shape[dim + 1 :]))

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class ChannelShuffle(Module):
    """The channels dealt out anew, one from each of the groups in turn.

    So that convolutions in groups exchange what they know.

    Source: Zhang, Zhou, Lin and Sun, ShuffleNet (2018).

    Shape: (N, C, ...) -> the same, with C a multiple of groups.

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> nn.ChannelShuffle(2)(ag.Tensor(np.arange(4).reshape(1, 4, 1))).tolist()
    [[[0], [2], [1], [3]]]
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: ArrayLike) -> Tensor:
        return channel_shuffle(x, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
