"""Names of PyTorch's that are another of nn's, or that wrap a module for what is not here."""

from __future__ import annotations

import warnings
from typing import Any

import nn
from autograd.errors import ArgumentTypeError
from nn.recurrent.base import RNNBase as PlainRNNBase
from nn.recurrent.cells import RNNCellBase as PlainRNNCellBase
from nn.torch.nn.layers import layer
from nn.torch.nn.module import Module

__all__ = ["Container", "DataParallel", "NLLLoss2d", "RNNBase", "RNNCellBase", "SyncBatchNorm"]

Container = Module
NLLLoss2d = layer(nn.NLLLoss)
RNNBase = layer(PlainRNNBase)
RNNCellBase = layer(PlainRNNCellBase)
SyncBatchNorm = layer(nn.SyncBatchNorm)


class DataParallel(Module):
    """The module that it holds, as `module`: there are no devices to share the batch among."""

    def __init__(
        self, module: Any, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        if device_ids:
            warnings.warn("there are no devices: DataParallel only calls its module", stacklevel=2)
        if not isinstance(module, nn.Module):
            raise ArgumentTypeError(f"DataParallel takes a module, not {type(module).__name__}")
        self.module = module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        return self.module(*args, **kwargs)
