"""What the tests beside Keras share: Keras over PyTorch, in one precision, and its numbers."""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "torch"

from typing import Any

import keras
import numpy as np
import pytest

__all__ = ["QUIET", "as_numbers", "keras", "outcome"]

QUIET = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Gradients do not exist:UserWarning"),
]


def as_numbers(value: Any) -> Any:
    """A result of either library as an array."""
    if hasattr(value, "detach"):
        value = value.detach()
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value, np.float64)


def outcome(call: Any) -> Any:
    """What a call gives, or that it raises."""
    try:
        return as_numbers(call())
    except Exception as error:  # noqa: BLE001 (of any kind, and compared)
        return type(error)
