"""Callbacks: what happens between the steps of `fit`, under Keras' names."""

from autograd.engine.arguments import guard
from nn.callbacks.base import Callback, History, LambdaCallback
from nn.callbacks.checkpoints import BackupAndRestore, ModelCheckpoint
from nn.callbacks.logger import CSVLogger
from nn.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
from nn.callbacks.stopping import EarlyStopping, TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]

guard(__name__, __all__)
