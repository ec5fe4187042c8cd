"""nn.torch.nn.parallel: a module in several processes, or on devices, of which there are none."""

from __future__ import annotations

import nn
from nn.torch.absent import refusing, unknown
from nn.torch.nn.layers import layer
from nn.torch.nn.older import DataParallel

__all__ = ["DataParallel", "DistributedDataParallel"]

_ONE = "everything is computed in one process; use the module itself"


DistributedDataParallel = layer(nn.parallel.DistributedDataParallel)


__getattr__ = refusing(
    "torch.nn.parallel",
    unknown(__name__),
    dict.fromkeys(("data_parallel", "replicate", "scatter"), _ONE),
)
