"""nn.torch.optim.swa_utils: averages of a model's weights over the course of training."""

from __future__ import annotations

from typing import Any

from nn.torch.devices import check_cpu
from nn.torch.nn.module import face_of
from nn.torch.optim.lr_scheduler import SWALR
from optim import swa_utils as own
from optim.swa_utils import (
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
)

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]


def _made(
    self: Any,
    model: Any,
    device: Any = None,
    avg_fn: Any = None,
    multi_avg_fn: Any = None,
    use_buffers: bool = False,
) -> None:
    check_cpu(device)
    own.AveragedModel.__init__(self, model, avg_fn, multi_avg_fn, use_buffers)


AveragedModel = face_of(own.AveragedModel, __init__=_made)


def update_bn(loader: Any, model: Any, device: Any = None) -> None:
    """Bring the running statistics of a model's BatchNorms up to date with a pass over data."""
    check_cpu(device)
    own.update_bn(loader, model)
