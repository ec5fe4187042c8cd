"""Batch normalisation: channels standardised over the batch, with running statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd import Tensor, asarray
from autograd.diagnose import here
from autograd.errors import ShapeError
from nn import functional, init
from nn.lazy import LazyModuleMixin
from nn.module import Module
from nn.parameter import Parameter, UninitializedBuffer, UninitializedParameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
]


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
            value = asarray(empty((num_features,), dtype)) if tracked else None
            self.register_buffer(name, value)
        count = asarray(np.array(0)) if tracked else None
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

    def _check_axes(self, shape: tuple[int, ...]) -> None:
        if len(shape) not in {1 + known.count(",") for known in self._shapes}:
            expected = " or ".join(self._shapes)
            raise ShapeError(
                f"{type(self).__name__}: input is {shape}: expected {expected}{here()}"
            )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(RunningNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: npt.DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Any) -> Any:
        self._check_axes(np.shape(input))
        moves = self.training and self.track_running_stats
        momentum = self.momentum or 0.0
        if moves and self.num_batches_tracked is not None:
            seen = self.num_batches_tracked._value + 1
            if self.momentum is None:
                momentum = 1 / int(seen)  # the mean of all batches alike
        output = functional.batch_norm(
            input,
            self.running_mean if moves or not self.training else None,
            self.running_var if moves or not self.training else None,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            momentum,
            self.eps,
        )
        if moves and self.num_batches_tracked is not None:
            self.num_batches_tracked._value = seen
        return output


class BatchNorm1d(_BatchNorm):
    """Each channel less its mean, by its deviation √(var + eps), times weight, plus bias.

    In training mean and variance are the batch's, and the buffers `running_mean` and `running_var`
    move towards them by the share `momentum` (None: they are the mean over all batches); in
    evaluation the buffers are used. Without `track_running_stats` there are none, and the batch's
    own are always used. The variance that divides is the biased one, the running one is unbiased.

    Shape: (N, C) -> (N, C), or (N, C, L) -> (N, C, L).

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift (2015).

    >>> import autograd as ag
    >>> import nn
    >>> norm = nn.BatchNorm1d(2)
    >>> y = norm(ag.Tensor([[0.0, 10.0], [4.0, 30.0]]))
    >>> y.detach().numpy().round(3)
    array([[-1., -1.],
           [ 1.,  1.]], dtype=float32)
    >>> norm.running_mean
    Tensor([0.2, 2. ], dtype=float32)
    """

    _shapes = ("(N, C)", "(N, C, L)")


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images, over the batch and all places; see `BatchNorm1d`.

    Shape: (N, C, H, W) -> (N, C, H, W).

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift (2015).

    >>> import autograd as ag
    >>> import nn
    >>> nn.BatchNorm2d(1)(ag.Tensor([[[[1.0, 3.0]]]])).detach().numpy().round(3)
    array([[[[-1.,  1.]]]], dtype=float32)
    """

    _shapes = ("(N, C, H, W)",)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes, over the batch and all places; see `BatchNorm1d`.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W).

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift (2015).

    >>> import autograd as ag
    >>> import nn
    >>> nn.BatchNorm3d(1)(ag.Tensor([[[[[1.0, 3.0]]]]])).detach().numpy().round(3)
    array([[[[[-1.,  1.]]]]], dtype=float32)
    """

    _shapes = ("(N, C, D, H, W)",)


# ---- lazy ----------------------------------------------------------------------------------------


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
            self.num_batches_tracked = asarray(np.array(0))

    def initialize_parameters(self, input: Any) -> None:
        shape = np.shape(input)
        self._check_axes(shape)
        self.num_features = shape[self._channel_axis(shape)]
        names = ("weight", "bias", "running_mean", "running_var")
        held = [name for name in names if getattr(self, name) is not None]
        self.materialize(**dict.fromkeys(held, (self.num_features,)))
        self.reset_parameters()

    def _channel_axis(self, shape: tuple[int, ...]) -> int:
        return 1

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, mean 0, variance 1; before the first input there are none."""
        if not self.has_uninitialized_params():
            super().reset_parameters()

    def adopt_sizes(self) -> None:
        sized = self.weight if self.weight is not None else self.running_mean
        if sized is not None:
            self.num_features = sized.shape[0]


class LazyBatchNorm1d(LazyRunningNorm, BatchNorm1d):
    """A BatchNorm1d that takes `num_features` from its first input, and is plain from then on.

    Shape: (N, C) -> (N, C), or (N, C, L) -> (N, C, L).

    >>> import autograd as ag
    >>> import nn
    >>> norm = nn.LazyBatchNorm1d()
    >>> norm(ag.Tensor([[0.0, 1.0], [1.0, 0.0]])).shape
    (2, 2)
    >>> norm.num_features
    2
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(LazyRunningNorm, BatchNorm2d):
    """A BatchNorm2d that takes `num_features` from its first input, and is plain from then on.

    Shape: (N, C, H, W) -> (N, C, H, W).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LazyBatchNorm2d()(ag.Tensor([[[[1.0, 3.0]]]])).shape
    (1, 1, 1, 2)
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(LazyRunningNorm, BatchNorm3d):
    """A BatchNorm3d that takes `num_features` from its first input, and is plain from then on.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LazyBatchNorm3d()(ag.Tensor([[[[[1.0, 3.0]]]]])).shape
    (1, 1, 1, 1, 2)
    """

    cls_to_become = BatchNorm3d
