"""keras.optimizers: Keras' optimizers and schedules, over optim."""

from __future__ import annotations

from nn.keras.identifiers import chapter
from nn.keras.optimizers import schedules
from nn.keras.optimizers.adafactor import Adafactor
from nn.keras.optimizers.base import Optimizer
from nn.keras.optimizers.rules import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lion,
    Nadam,
    RMSprop,
)

__all__ = [
    "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "Nadam",
    "Optimizer", "RMSprop", "deserialize", "get", "schedules", "serialize",
]  # fmt: skip

TABLE = {n: globals()[n] for n in __all__ if n[0].isupper()}
REFUSED = {
    "lossscaleoptimizer": "losses are float32 here, and need no scaling: take the inner optimizer",
    "multioptimizer": "make an optimizer for each part of the model, and step with each",
    "muon": "take optim.Muon for the matrices, and keras.optimizers.AdamW for the rest",
    "optimizermap": "make an optimizer for each part of the model, and step with each",
    "schedulefreeadamw": "take keras.optimizers.AdamW with use_ema=True",
}

get, serialize, deserialize = chapter("optimizer", TABLE, REFUSED)
