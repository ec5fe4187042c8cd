"""keras.optimizers: Keras' optimizers and schedules, over optim."""

from __future__ import annotations

from nn.keras.engine.old_names import with_old_names
from nn.keras.identifiers import chapter, refused
from nn.keras.optimizers import schedules
from nn.keras.optimizers.adafactor import Adafactor
from nn.keras.optimizers.base import Optimizer
from nn.keras.optimizers.ftrl import Ftrl
from nn.keras.optimizers.rules import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Nadam,
    RMSprop,
)

__all__ = [
    "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion",
    "LossScaleOptimizer", "MultiOptimizer", "Muon", "Nadam", "Optimizer", "OptimizerMap", "RMSprop",
    "ScheduleFreeAdamW", "deserialize", "get", "schedules", "serialize",
]  # fmt: skip

_PARTS = "make an optimizer for each part of the model, and step with each"
Lamb = refused("optimizers.Lamb", "take keras.optimizers.AdamW")
LossScaleOptimizer = refused(
    "optimizers.LossScaleOptimizer", "losses are float32 and need no scaling: take the inner one"
)
MultiOptimizer = refused("optimizers.MultiOptimizer", _PARTS)
Muon = refused(
    "optimizers.Muon", "take optim.Muon for the matrices, and keras.optimizers.AdamW for the rest"
)
OptimizerMap = refused("optimizers.OptimizerMap", _PARTS)
ScheduleFreeAdamW = refused(
    "optimizers.ScheduleFreeAdamW", "take keras.optimizers.AdamW with use_ema=True"
)

TABLE = {n: globals()[n] for n in __all__ if n[0].isupper()}

get, serialize, deserialize = chapter("optimizer", TABLE)


__getattr__ = with_old_names(__name__)
