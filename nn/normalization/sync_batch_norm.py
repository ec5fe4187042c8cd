"""SyncBatchNorm: a batch norm over the batches of all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from nn.module.module import Module
from nn.normalization.batch_norm import by_all
from nn.normalization.batch_norm_layers import BatchNorm

if TYPE_CHECKING:
    import numpy.typing as npt


class SyncBatchNorm(BatchNorm):
    """A batch norm whose mean and variance, in training, are those of all processes' batches.

    So a batch that is shared out gives the outputs, gradients and running statistics of the same
    batch in one process. It takes any number of axes after the channels, and is a plain batch norm
    in evaluation, and where there is one process. `process_group` is one of
    `autograd.distributed.new_group`, by default all processes.

    Shape: (N, C, *) -> the same.

    Source: Zhang, Dana, Shi, Zhang, Wang, Tyagi and Agrawal, Context encoding for semantic
    segmentation (2018).

    >>> import autograd as ag
    >>> import nn
    >>> nn.SyncBatchNorm(1)(ag.Tensor([[[1.0, 3.0]]])).detach().numpy().round(3)
    array([[[-1.,  1.]]], dtype=float32)
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        dtype: npt.DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias=bias)
        if process_group is not None:
            from autograd.distributed.alone import check_group

            check_group(process_group)
        self.process_group = process_group

    def _by_batch(self, input: Any, mean: Any, var: Any, momentum: Any) -> Any:
        from autograd.distributed import alone

        if alone.rank_and_size(self.process_group)[1] == 1:
            return super()._by_batch(input, mean, var, momentum)
        return by_all(
            input, mean, var, self.weight, self.bias, momentum, self.eps, self.process_group
        )

    def _check_axes(self, shape: tuple[int, ...]) -> None:
        if len(shape) < 2:
            raise ShapeError(f"SyncBatchNorm: input is {shape}: expected (N, C, ...){here()}")

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """The module with every batch norm in it synchronised; their parameters stay the same.

        The `module` is changed, except where it is a batch norm itself. Make the optimizer before
        or after, it holds the same parameters.

        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        >>> nn.SyncBatchNorm.convert_sync_batchnorm(model)[1].num_features
        3
        """
        if isinstance(module, BatchNorm) and not isinstance(module, SyncBatchNorm):
            return cls._twin(module, process_group)
        for name, child in module.named_children():
            new = cls.convert_sync_batchnorm(child, process_group)
            if new is not child:
                module.add_module(name, new)
        return module

    @classmethod
    def _twin(cls, norm: BatchNorm, process_group: Any) -> SyncBatchNorm:
        new = cls(
            norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats,
            process_group,
        )  # fmt: skip
        new.training = norm.training
        for name in ("weight", "bias"):
            new.register_parameter(name, getattr(norm, name))
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            new.register_buffer(name, getattr(norm, name))
        return new
