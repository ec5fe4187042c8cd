"""Normalisation of each sample over its features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograd import Tensor
from autograd.errors import ArgumentError
from autograd.extend import ArrayLike
from nn import init
from nn.module.checks import as_lengths
from nn.module.module import Module
from nn.module.parameter import Parameter, empty
from nn.normalization.layer_norm import group_norm, layer_norm, rms_norm

if TYPE_CHECKING:
    import numpy.typing as npt


class LayerNorm(Module):
    """Less the mean, by the deviation √(var + eps), over the last axes; times weight, plus bias.

    `normalized_shape` are the lengths of these axes, and the shape of `weight` and `bias`.

    Shape: (*, normalized_shape) -> the same.

    Source: Ba, Kiros and Hinton, Layer normalization (2016).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LayerNorm(2, eps=0.0)(ag.Tensor([[1.0, 3.0]])).detach()
    Tensor([[-1.,  1.]], dtype=float32)
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_lengths(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        made = [
            Parameter(empty(self.normalized_shape, dtype)) if elementwise_affine else None
            for _ in range(2)
        ]
        self.register_parameter("weight", made[0])
        self.register_parameter("bias", made[1] if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: ArrayLike) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class GroupNorm(Module):
    """Less the mean, by the deviation √(var + eps), over groups of channels of each sample.

    The channels, axis 1, fall into `num_groups` groups of neighbours; each channel then is scaled
    by its `weight` and shifted by its `bias` (num_channels,).

    Shape: (N, C, *) -> (N, C, *).

    Source: Wu and He, Group normalization (2018).

    >>> import autograd as ag
    >>> import nn
    >>> nn.GroupNorm(2, 4, eps=0.0)(ag.Tensor([[1.0, 3.0, 0.0, 8.0]])).detach()
    Tensor([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: npt.DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise ArgumentError(
                f"GroupNorm: {num_channels} channels do not fall into {num_groups} groups of equal "
                "size"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        made = [Parameter(empty((num_channels,), dtype)) if affine else None for _ in range(2)]
        self.register_parameter("weight", made[0])
        self.register_parameter("bias", made[1] if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: ArrayLike) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """The last axes by their root of the mean of squares, √(mean x² + eps); times weight.

    `eps=None` is the machine epsilon of the input's dtype.

    Shape: (*, normalized_shape) -> the same.

    Source: Zhang and Sennrich, Root mean square layer normalization (2019).

    >>> import autograd as ag
    >>> import nn
    >>> nn.RMSNorm(2)(ag.Tensor([[1.0, -1.0]])).detach().numpy().round(4)
    array([[ 1., -1.]], dtype=float32)
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_lengths(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        made = Parameter(empty(self.normalized_shape, dtype)) if elementwise_affine else None
        self.register_parameter("weight", made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: ArrayLike) -> Tensor:
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )
