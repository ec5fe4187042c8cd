"""nn.torch.nn.parallel: wrappers of modules for several devices, of which there are none."""

from __future__ import annotations

from nn.torch.absent import refusing, unknown
from nn.torch.nn.older import DataParallel

__all__ = ["DataParallel"]

_ONE = "everything is computed in one process; use the module itself"


__getattr__ = refusing(
    "torch.nn.parallel",
    unknown(__name__),
    dict.fromkeys(("DistributedDataParallel", "data_parallel", "replicate", "scatter"), _ONE),
)
