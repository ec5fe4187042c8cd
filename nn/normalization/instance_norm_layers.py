"""Instance normalisation: each channel of each sample standardised by itself."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from autograd.extend import ArrayLike
from nn.normalization.batch_norm import instance_norm
from nn.normalization.running import LazyRunningNorm, RunningNorm

if TYPE_CHECKING:
    import numpy.typing as npt


class _InstanceNorm(RunningNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        dtype: npt.DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: ArrayLike) -> Tensor:
        shape = input.shape if isinstance(input, ag.Tensor) else np.shape(input)
        self._check_axes(shape)
        self._check_features(shape)
        alone = self._channel_axis(shape) == 0
        output = instance_norm(
            ag.expand_dims(input, 0) if alone else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self.momentum or 0.0,
            self.eps,
        )
        return output[0] if alone else output

    def _channel_axis(self, shape: tuple[int, ...]) -> int:
        """0 in a single sample, which has one axis less."""
        return 1 if len(shape) == 1 + self._shapes[0].count(",") else 0

    def _check_features(self, shape: tuple[int, ...]) -> None:
        channels = shape[self._channel_axis(shape)]
        if channels == self.num_features or not self.num_features:
            return  # 0: of a lazy layer without weights and statistics, which never learns it
        text = (
            f"{type(self).__name__}: input is {shape} and has {channels} channels; num_features is "
            f"{self.num_features}"
        )
        if self.affine or self.track_running_stats:
            raise ShapeError(text + here())
        warnings.warn(f"{text}, which is not used{here()}", stacklevel=3)


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each sample less its own mean, by its own deviation √(var + eps).

    Without `track_running_stats` each sample is standardised by its own means and variances, also
    in evaluation; with it evaluation uses the running ones. Without `affine` nothing is scaled.

    Shape: (N, C, L) -> (N, C, L), or (C, L) -> (C, L).

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization (2016).

    >>> import autograd as ag
    >>> import nn
    >>> nn.InstanceNorm1d(1, eps=0.0)(ag.Tensor([[[1.0, 3.0]]]))
    Tensor([[[-1.,  1.]]], dtype=float32)
    """

    _shapes = ("(N, C, L)", "(C, L)")


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of images: see `InstanceNorm1d`.

    Shape: (N, C, H, W) -> (N, C, H, W), or (C, H, W) -> (C, H, W).

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization (2016).

    >>> import autograd as ag
    >>> import nn
    >>> nn.InstanceNorm2d(1, eps=0.0)(ag.Tensor([[[[1.0, 3.0]]]]))
    Tensor([[[[-1.,  1.]]]], dtype=float32)
    """

    _shapes = ("(N, C, H, W)", "(C, H, W)")


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes: see `InstanceNorm1d`.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), or (C, D, H, W) -> (C, D, H, W).

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization (2016).

    >>> import autograd as ag
    >>> import nn
    >>> nn.InstanceNorm3d(1, eps=0.0)(ag.Tensor([[[[[1.0, 3.0]]]]]))
    Tensor([[[[[-1.,  1.]]]]], dtype=float32)
    """

    _shapes = ("(N, C, D, H, W)", "(C, D, H, W)")


# ---- lazy ----------------------------------------------------------------------------------------


class LazyInstanceNorm1d(LazyRunningNorm, InstanceNorm1d):
    """An InstanceNorm1d that takes `num_features` from its first input, plain from then on.

    As in PyTorch it has weights and running statistics by default.

    Shape: (N, C, L) -> (N, C, L), or (C, L) -> (C, L).

    >>> import autograd as ag
    >>> import nn
    >>> norm = nn.LazyInstanceNorm1d()
    >>> norm(ag.Tensor([[[1.0, 3.0]]])).shape
    (1, 1, 2)
    >>> norm.num_features
    1
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(LazyRunningNorm, InstanceNorm2d):
    """An InstanceNorm2d that takes `num_features` from its first input, plain from then on.

    As in PyTorch it has weights and running statistics by default.

    Shape: (N, C, H, W) -> (N, C, H, W), or (C, H, W) -> (C, H, W).

    >>> import autograd as ag
    >>> import nn
    >>> norm = nn.LazyInstanceNorm2d()
    >>> norm(ag.Tensor([[[[1.0, 3.0]]]])).shape
    (1, 1, 1, 2)
    >>> norm.num_features
    1
    """

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(LazyRunningNorm, InstanceNorm3d):
    """An InstanceNorm3d that takes `num_features` from its first input, plain from then on.

    As in PyTorch it has weights and running statistics by default.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), or (C, D, H, W) -> (C, D, H, W).

    >>> import autograd as ag
    >>> import nn
    >>> norm = nn.LazyInstanceNorm3d()
    >>> norm(ag.Tensor([[[[[1.0, 3.0]]]]])).shape
    (1, 1, 1, 1, 2)
    >>> norm.num_features
    1
    """

    cls_to_become = InstanceNorm3d
