"""nn.torch.nn.parallel: wrappers of modules for several devices, of which there are none."""

from __future__ import annotations

from typing import Any

from nn.torch.nn.older import DataParallel
from nn.torch.absent import refusing

__all__ = ["DataParallel"]

_ONE = "everything is computed in one process; use the module itself"


def _unknown(name: str) -> Any:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__getattr__ = refusing(
    "torch.nn.parallel",
    _unknown,
    dict.fromkeys(("DistributedDataParallel", "data_parallel", "replicate", "scatter"), _ONE),
)
