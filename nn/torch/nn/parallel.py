"""nn.torch.nn.parallel: wrappers of modules for several devices, of which there are none."""

from __future__ import annotations

from typing import Any

from autograd.errors import UnsupportedError
from nn.torch.absent import refusing, unknown
from nn.torch.nn.older import DataParallel

__all__ = ["DataParallel", "DistributedDataParallel"]

_ONE = "everything is computed in one process; use the module itself"


class DistributedDataParallel(DataParallel):
    """Refused where it is made; programs import it, and ask whether a model is one."""

    def __init__(self, module: Any, *args: Any, **options: Any) -> None:
        raise UnsupportedError(f"DistributedDataParallel: {_ONE}")


__getattr__ = refusing(
    "torch.nn.parallel",
    unknown(__name__),
    dict.fromkeys(("data_parallel", "replicate", "scatter"), _ONE),
)
