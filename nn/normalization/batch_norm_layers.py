"""Batch normalisation: channels standardised over the batch, with running statistics."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.engine.trail import computed
from autograd.extend import ArrayLike
from autograd.tensors.inplace import replace
from nn.normalization.batch_norm import batch_norm
from nn.normalization.running import LazyRunningNorm, RunningNorm

if TYPE_CHECKING:
    import numpy.typing as npt


class BatchNorm(RunningNorm):
    """Base of the batch normalisations, which say what axes their inputs have."""

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

    def forward(self, input: ArrayLike) -> Tensor:
        self._check_axes(input.shape if isinstance(input, Tensor) else np.shape(input))
        moves = self.training and self.track_running_stats
        momentum = self.momentum or 0.0
        if moves and self.num_batches_tracked is not None:
            seen = computed(_one_more, self.num_batches_tracked, decides=False)
            if self.momentum is None:
                momentum = computed(_share, seen, decides=False)  # the mean of all batches alike
        known = moves or not self.training
        mean, var = (self.running_mean, self.running_var) if known else (None, None)
        if self.training or self.running_mean is None:
            output = self._by_batch(input, mean, var, momentum)
        else:
            output = batch_norm(input, mean, var, self.weight, self.bias, False, 0.0, self.eps)
        if moves and self.num_batches_tracked is not None:
            replace(self.num_batches_tracked, seen)
        return output

    def _by_batch(self, input: Any, mean: Any, var: Any, momentum: Any) -> Any:
        """What is standardised by moments of its own, towards which the running ones move."""
        # a momentum that a traced call has computed is no number yet
        function = batch_norm if self.momentum is not None else inspect.unwrap(batch_norm)
        return function(input, mean, var, self.weight, self.bias, True, momentum, self.eps)


def _one_more(count: Any) -> Any:
    return count + 1


def _share(count: Any) -> float:
    return 1 / int(count)


class BatchNorm1d(BatchNorm):
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


class BatchNorm2d(BatchNorm):
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


class BatchNorm3d(BatchNorm):
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
