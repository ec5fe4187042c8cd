"""tensorflow, as far as programs of tf.keras need it: tf.keras, its seed, and names of dtypes.

All else says what to write instead. Programs find it by `python -m nn.keras program.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.errors import MissingAttributeError
from nn import keras
from nn.keras import ops
from nn.keras.utils import set_random_seed

__all__ = ["bool", "float16", "float32", "float64", "function", "int32", "int64", "keras",
           "random", "uint8"]  # fmt: skip

__version__ = "2.20.0"
float16, float32, float64 = (np.dtype(f"float{n}") for n in (16, 32, 64))
int32, int64, uint8, bool = (np.dtype(name) for name in ("int32", "int64", "uint8", "bool"))
random = SimpleNamespace(set_seed=set_random_seed)

_CALLED = {
    "clip_by_value": "clip", "concat": "concatenate", "constant": "array", "gather": "take",
    "convert_to_tensor": "convert_to_tensor", "range": "arange", "reduce_all": "all",
    "reduce_any": "any", "reduce_max": "max", "reduce_mean": "mean", "reduce_min": "min",
    "reduce_prod": "prod", "reduce_sum": "sum",
}  # fmt: skip
_INSTEAD = {
    "GradientTape": "call loss.backward(), and give optimizer.apply each variable's .grad",
    "Session": "there are no sessions; call the model",
    "Variable": "write keras.Variable",
    "compat": "there is nothing to set; leave the line out",
    "config": "there is one device, the processor; leave the line out",
    "data": "give fit arrays, a generator of batches or a keras.utils.PyDataset",
    "distribute": "there is one device, the processor; leave the line out",
    "test": "there is one device, the processor; leave the line out",
}


def function(func: Callable[..., Any] | None = None, **options: Any) -> Any:
    """The function itself: there is nothing to compile."""
    return function if func is None else func


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    known = _CALLED.get(name, name)
    instead = f"write keras.ops.{known}" if hasattr(ops, known) else "take what keras.ops has"
    raise MissingAttributeError(
        f"tensorflow.{name} is not here, of TensorFlow there is tf.keras; "
        f"{_INSTEAD.get(name, instead)}"
    )
