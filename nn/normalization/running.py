"""Base of the layers that keep running means and variances of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from autograd.tensors.tensor import taken
from nn import init
from nn.module.lazy import LazyModuleMixin
from nn.module.module import Module
from nn.module.parameter import Parameter, UninitializedBuffer, UninitializedParameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["LazyRunningNorm", "RunningNorm"]


class RunningNorm(Module):
    """Base of the layers that keep running means and variances of channels."""

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    _shapes: ClassVar[tuple[str, ...]]  # of inputs: which axes they may have

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: npt.DTypeLike | None,
        bias: bool,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        made = [Parameter(empty((num_features,), dtype)) if affine else None for _ in range(2)]
        self.register_parameter("weight", made[0])
        self.register_parameter("bias", made[1] if bias else None)
        tracked = track_running_stats
        for name in ("running_mean", "running_var"):
            value = taken(empty((num_features,), dtype)) if tracked else None
            self.register_buffer(name, value)
        count = taken(np.array(0)) if tracked else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was seen: mean 0, variance 1, no batches."""
        if self.running_mean is not None and self.running_var is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
        if self.num_batches_tracked is not None:
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, and running statistics as at the start."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _to_load(self, state: dict[str, Any], prefix: str) -> None:
        """States of older versions do not count batches: the count stays what it is."""
        if self.num_batches_tracked is not None:
            state.setdefault(prefix + "num_batches_tracked", self.num_batches_tracked)

    def _check_axes(self, shape: tuple[int, ...]) -> None:
        if len(shape) not in [1 + known.count(",") for known in self._shapes]:
            expected = " or ".join(self._shapes)
            raise ShapeError(
                f"{type(self).__name__}: input is {shape}: expected {expected}{here()}"
            )

    def _channel_axis(self, shape: tuple[int, ...]) -> int:
        return 1

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class LazyRunningNorm(LazyModuleMixin, RunningNorm):
    """Base of those that take `num_features` from axis 1 of the first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: npt.DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            0, eps, momentum, affine=False, track_running_stats=False, dtype=dtype, bias=False
        )
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self.weight = UninitializedParameter(dtype=dtype, shape=(None,))
            if bias:
                self.bias = UninitializedParameter(dtype=dtype, shape=(None,))
        if track_running_stats:
            self.running_mean = UninitializedBuffer(dtype=dtype, shape=(None,))
            self.running_var = UninitializedBuffer(dtype=dtype, shape=(None,))
            self.num_batches_tracked = taken(np.array(0))

    def initialize_parameters(self, input: Any) -> None:
        shape = np.shape(input)
        self._check_axes(shape)
        self.num_features = shape[self._channel_axis(shape)]
        names = ("weight", "bias", "running_mean", "running_var")
        held = [name for name in names if getattr(self, name) is not None]
        self.materialize(**dict.fromkeys(held, (self.num_features,)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, mean 0, variance 1; before the first input there are none."""
        if not self.has_uninitialized_params():
            super().reset_parameters()

    def adopt_sizes(self) -> None:
        sized = self.weight if self.weight is not None else self.running_mean
        if sized is not None:
            self.num_features = sized.shape[0]
