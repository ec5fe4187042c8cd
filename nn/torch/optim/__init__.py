"""nn.torch.optim: the optimizers of optim, called as PyTorch's are."""

from __future__ import annotations

import sys
from typing import Any

import optim as own
from autograd.errors import MissingAttributeError
from nn.torch.absent import refusing
from nn.torch.optim import lr_scheduler, optimizer, swa_utils
from nn.torch.optim.optimizer import Optimizer as Optimizer
from nn.torch.optim.optimizer import face_of

_NAMES = (
    "ASGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "Muon",
    "NAdam", "RAdam", "RMSprop", "Rprop", "SGD",
)  # fmt: skip
_ROOMS = ("adam", "adamw", "sgd", "rmsprop", "adagrad")  # from torch.optim.adam import Adam
_REFUSED = {
    "SparseAdam": "gradients are dense; write Adam",
    "swap_in_optimizer_params_and_state": "there are no sharded parameters",
}
__all__ = [*_NAMES, "Optimizer", "lr_scheduler", "optimizer", "swa_utils"]


def _found(name: str) -> Any:
    if name not in _NAMES:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    kind = face_of(getattr(own, name))
    setattr(sys.modules[__name__], name, kind)
    return kind


__getattr__ = refusing("torch.optim", _found, _REFUSED)
sys.modules.update({f"{__name__}.{room}": sys.modules[__name__] for room in _ROOMS})


def __dir__() -> list[str]:
    return __all__
