"""optim: optimizers and learning-rate schedules, with PyTorch's names and formulas."""

from typing import TYPE_CHECKING

from autograd.engine.arguments import guard
from autograd.engine.late import late
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

if TYPE_CHECKING:
    from optim import lr_scheduler
    from optim import swa_utils as swa_utils

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

guard(__name__, __all__)
__getattr__ = late("optim", "optim", {}, ("lr_scheduler", "swa_utils"))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
