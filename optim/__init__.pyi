# fmt: off
# isort: skip_file
"""The public names of optim, and where each is defined."""

from optim.adadelta import Adadelta as Adadelta
from optim.adafactor import Adafactor as Adafactor
from optim.adagrad import Adagrad as Adagrad
from optim.adam import Adam as Adam, AdamW as AdamW
from optim.adamax import Adamax as Adamax
from optim.asgd import ASGD as ASGD
from optim.lbfgs import LBFGS as LBFGS
from optim.lion import Lion as Lion
from optim.muon import Muon as Muon
from optim.nadam import NAdam as NAdam
from optim.optimizer import Optimizer as Optimizer
from optim.radam import RAdam as RAdam
from optim.rmsprop import RMSprop as RMSprop
from optim.rprop import Rprop as Rprop
from optim.sgd import SGD as SGD
from optim.zero_redundancy import ZeroRedundancyOptimizer as ZeroRedundancyOptimizer
from optim import lr_scheduler as lr_scheduler, swa_utils as swa_utils
