"""keras.callbacks: what happens between the steps of `fit`, over nn.callbacks."""

from __future__ import annotations

from nn.callbacks import History, TensorBoard
from nn.keras.callbacks.base import Callback, LambdaCallback
from nn.keras.callbacks.monitors import (
    EarlyStopping,
    ModelCheckpoint,
    MonitorCallback,
    ReduceLROnPlateau,
)
from nn.keras.callbacks.others import (
    BackupAndRestore,
    CSVLogger,
    LearningRateScheduler,
    TerminateOnNaN,
)
from nn.keras.identifiers import refused

__all__ = [
    "BackupAndRestore", "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History",
    "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint", "MonitorCallback",
    "OrbaxCheckpoint", "ProgbarLogger", "ReduceLROnPlateau", "RemoteMonitor", "SwapEMAWeights",
    "TensorBoard", "TerminateOnNaN",
]  # fmt: skip

RemoteMonitor = refused(
    "callbacks.RemoteMonitor", "send the logs in on_epoch_end of a Callback of your own"
)
OrbaxCheckpoint = refused("callbacks.OrbaxCheckpoint", "take keras.callbacks.ModelCheckpoint")
ProgbarLogger = refused("callbacks.ProgbarLogger", "fit(verbose=1) prints the progress")
SwapEMAWeights = refused(
    "callbacks.SwapEMAWeights", "fit ends with the means where the optimizer has use_ema=True"
)
CallbackList = refused("callbacks.CallbackList", "call the hooks in a loop over your callbacks")
