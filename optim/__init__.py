"""optim: optimizers and learning-rate schedules, with PyTorch's names and formulas."""

import importlib
from typing import Any

from optim import lr_scheduler
from optim.adadelta import Adadelta
from optim.adafactor import Adafactor
from optim.adagrad import Adagrad
from optim.adam import Adam, AdamW
from optim.adamax import Adamax
from optim.asgd import ASGD
from optim.lbfgs import LBFGS
from optim.lion import Lion
from optim.muon import Muon
from optim.nadam import NAdam
from optim.optimizer import Optimizer
from optim.radam import RAdam
from optim.rmsprop import RMSprop
from optim.rprop import Rprop
from optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]


def __getattr__(name: str) -> Any:
    """Load `optim.swa_utils`, which needs nn, when it is first named."""
    if name == "swa_utils":
        return importlib.import_module("optim.swa_utils")
    raise AttributeError(f"module 'optim' has no attribute {name!r}")
