"""What convolution layers share: options, weight and bias, and learning `in_channels` lazily."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from autograd.random import generator
from nn import init
from nn.convolution.convolution import resolved_padding
from nn.convolution.windows import LETTERS, per_axis
from nn.module.checks import check_choice
from nn.module.lazy import LazyModuleMixin
from nn.module.options import Configured
from nn.module.parameter import Parameter, UninitializedParameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MODES", "ConvolutionBase", "LazyConvolution", "Sizes"]

Sizes = int | tuple[int, ...]

# padding_mode, and what `autograd.pad` calls it
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


class ConvolutionBase(Configured):
    """A convolution or a transposed one, of any rank."""

    transposed: ClassVar[bool] = False
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: Sizes | str,
        output_padding: Sizes,
        dilation: Sizes,
        groups: int,
        bias: bool,
        padding_mode: str,
        dtype: npt.DTypeLike | None,
        rng: Any,
    ) -> None:
        super().__init__()
        name, rank = type(self).__name__, self.rank
        for what, number in (("in_channels", in_channels), ("out_channels", out_channels)):
            if number % groups:
                raise ArgumentError(
                    f"{name}: {what}={number} does not fall into groups={groups} equal parts"
                )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, rank)
        self.stride = per_axis(name, "stride", stride, rank)
        self.dilation = per_axis(name, "dilation", dilation, rank)
        if isinstance(padding, str):
            resolved_padding(name, rank, padding, self.stride)
            self.padding: str | tuple[int, ...] = padding
        else:
            self.padding = per_axis(name, "padding", padding, rank)
        self.output_padding = per_axis(name, "output_padding", output_padding, rank)
        self.groups = groups
        self.padding_mode = check_choice(f"{name}: padding_mode", padding_mode, tuple(MODES))
        self._make(dtype, bias)
        self.reset_parameters(rng)

    def weight_shape(self) -> tuple[int | None, ...]:
        """(O, C/groups, ...), or transposed (C, O/groups, ...); None while C is not known."""
        inputs = self.in_channels or None
        if self.transposed:
            return (inputs, self.out_channels // self.groups, *self.kernel_size)
        return (self.out_channels, inputs and inputs // self.groups, *self.kernel_size)

    def _make(self, dtype: npt.DTypeLike | None, bias: bool) -> None:
        self.weight = Parameter(empty(self.weight_shape(), dtype))
        self.register_parameter(
            "bias", Parameter(empty((self.out_channels,), dtype)) if bias else None
        )

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng = generator(rng)
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), rng=rng)
        fan_in, _ = init.fans(self.weight)
        if self.bias is not None and fan_in:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound, rng=rng)

    def extra_repr(self) -> str:
        shown = [
            str(self.in_channels),
            str(self.out_channels),
            f"kernel_size={self.kernel_size}",
            f"stride={self.stride}",
        ]
        nothing, ones = (0,) * self.rank, (1,) * self.rank
        for name, default in (
            ("padding", nothing), ("dilation", ones), ("output_padding", nothing), ("groups", 1),
        ):  # fmt: skip
            if (value := getattr(self, name)) != default:
                shown.append(f"{name}={value}")
        if self.bias is None:
            shown.append("bias=False")
        if self.padding_mode != "zeros":
            shown.append(f"padding_mode={self.padding_mode}")
        return ", ".join(shown)


class LazyConvolution(LazyModuleMixin, ConvolutionBase):
    """One that takes `in_channels` from its first input."""

    def _make(self, dtype: npt.DTypeLike | None, bias: bool) -> None:
        self.weight = UninitializedParameter(dtype=dtype, shape=self.weight_shape())
        self.register_parameter(
            "bias",
            UninitializedParameter(dtype=dtype, shape=(self.out_channels,)) if bias else None,
        )

    def initialize_parameters(self, input: Any, *args: Any, **kwargs: Any) -> None:
        name, rank, shape = type(self).__name__, self.rank, np.shape(input)
        if len(shape) not in (rank + 1, rank + 2):
            axes = ", ".join(LETTERS[rank])
            raise ShapeError(
                f"{name}: the input is {shape}; it must be (N, C, {axes}) or (C, {axes}){here()}"
            )
        channels = shape[-rank - 1]
        if channels % self.groups:
            raise ShapeError(
                f"{name}: the input has {channels} channels, which do not fall into "
                f"{self.groups} equal groups{here()}"
            )
        self.in_channels = channels
        weight = [n or 0 for n in self.weight_shape()]
        self.materialize(weight=weight, bias=(self.out_channels,))
        self.reset_parameters(self._rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew; before the first input there is nothing to draw."""
        if not self.has_uninitialized_params():
            super().reset_parameters(rng)
        else:
            self._rng = rng

    def adopt_sizes(self) -> None:
        first, second = self.weight.shape[:2]
        self.in_channels = first if self.transposed else second * self.groups
