# fmt: off
# isort: skip_file
"""The public names of nn.callbacks, and where each is defined."""

from nn.callbacks.base import (
    Callback as Callback, History as History, LambdaCallback as LambdaCallback,
)
from nn.callbacks.checkpoints import (
    BackupAndRestore as BackupAndRestore, ModelCheckpoint as ModelCheckpoint,
)
from nn.callbacks.checks import CheckGradients as CheckGradients
from nn.callbacks.doctor import Doctor as Doctor
from nn.callbacks.logger import (
    CSVLogger as CSVLogger, JSONLogger as JSONLogger, LogTo as LogTo,
)
from nn.callbacks.rates import (
    LearningRateScheduler as LearningRateScheduler, ReduceLROnPlateau as ReduceLROnPlateau,
)
from nn.callbacks.tensorboard import TensorBoard as TensorBoard
from nn.callbacks.stopping import EarlyStopping as EarlyStopping, TerminateOnNaN as TerminateOnNaN
