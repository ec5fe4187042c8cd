# fmt: off
# isort: skip_file
"""The public names of optim.lr_scheduler, and where each is defined."""

from optim.lr_scheduler.base import LRScheduler as LRScheduler
from optim.lr_scheduler.compose import (
    ChainedScheduler as ChainedScheduler, SequentialLR as SequentialLR,
)
from optim.lr_scheduler.cosine import (
    CosineAnnealingLR as CosineAnnealingLR,
    CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts,
)
from optim.lr_scheduler.cyclic import CyclicLR as CyclicLR
from optim.lr_scheduler.factors import (
    ConstantLR as ConstantLR, ExponentialLR as ExponentialLR, LinearLR as LinearLR,
    MultiStepLR as MultiStepLR, PolynomialLR as PolynomialLR, StepLR as StepLR,
)
from optim.lr_scheduler.functions import LambdaLR as LambdaLR, MultiplicativeLR as MultiplicativeLR
from optim.lr_scheduler.one_cycle import OneCycleLR as OneCycleLR
from optim.lr_scheduler.plateau import ReduceLROnPlateau as ReduceLROnPlateau
