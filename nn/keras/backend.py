"""keras.backend: the settings of the face, the numbers of its names, and what old programs ask."""

from __future__ import annotations

import importlib
from collections import Counter
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, UnsupportedError
from autograd.extend import raw
from nn.keras.engine.symbolic import is_symbolic
from nn.keras.naming import reset_names

__all__ = [
    "backend", "clear_session", "epsilon", "floatx", "get_uid", "get_value", "image_data_format",
    "is_float_dtype", "is_int_dtype", "is_keras_tensor", "result_type", "set_backend",
    "set_epsilon", "set_floatx",
    "set_image_data_format", "set_value", "standardize_dtype", "tensor",
]  # fmt: skip

_FLOATS = ("float16", "float32", "float64")
_settings: dict[str, Any] = {"epsilon": 1e-7}
_uids: Counter[str] = Counter()


def backend() -> str:
    """The name of what computes: chaingrad, where Keras says "tensorflow", "jax" or "torch"."""
    return "chaingrad"


def set_backend(backend: str) -> None:
    """Refused: this face stands over chaingrad alone."""
    raise UnsupportedError(
        f"keras.config.set_backend({backend!r}): nn.keras computes with chaingrad alone; leave the "
        "line out"
    )


def epsilon() -> float:
    """The small number that Keras adds where it divides or takes logarithms; 1e-7.

    >>> from nn.keras import backend
    >>> backend.epsilon()
    1e-07
    """
    value: float = _settings["epsilon"]
    return value


def set_epsilon(value: float) -> None:
    """Set that number."""
    _settings["epsilon"] = value


def floatx() -> str:
    """The default dtype of floating numbers, which is chaingrad's: "float32"."""
    return str(ag.get_default_dtype())


def set_floatx(value: str) -> None:
    """Set the default dtype: "float16", "float32" or "float64"."""
    ag.set_default_dtype(np.dtype(check_choice("floatx", value, _FLOATS)))


def image_data_format() -> str:
    """Where images have their channels: "channels_last"."""
    return "channels_last"


def set_image_data_format(data_format: str) -> None:
    """Only "channels_last" can be set; layers take `data_format="channels_first"` one by one."""
    if data_format != "channels_last":
        raise UnsupportedError(
            f"set_image_data_format({data_format!r}): the default stays 'channels_last'; give the "
            "layers data_format='channels_first'"
        )


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype, by default `floatx()`.

    >>> from nn.keras import backend
    >>> backend.standardize_dtype(int), backend.standardize_dtype(None)
    ('int64', 'float32')
    """
    if dtype is None:
        return floatx()
    if dtype in (int, "int"):
        return "int64"
    if dtype in (float, "float"):
        return floatx()
    try:
        return str(np.dtype(dtype))
    except TypeError:
        raise ArgumentError(
            f"{dtype!r} is no dtype; write 'float32', 'float64', 'int64', 'bool', ..."
        ) from None


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype is of floating numbers."""
    return np.dtype(standardize_dtype(dtype)).kind == "f"


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype is of whole numbers."""
    return np.dtype(standardize_dtype(dtype)).kind in "iu"


def is_keras_tensor(x: Any) -> bool:
    """Whether it is a symbol of a model under construction."""
    return bool(is_symbolic(x))


def result_type(*dtypes: Any) -> str:
    """The dtype that several have in common."""
    return str(np.result_type(*[np.dtype(standardize_dtype(each)) for each in dtypes]))


def get_uid(prefix: str = "") -> int:
    """The next number of a prefix, from 1.

    >>> from nn.keras import backend
    >>> backend.clear_session()
    >>> backend.get_uid("dense"), backend.get_uid("dense")
    (1, 2)
    """
    _uids[prefix] += 1
    return _uids[prefix]


def clear_session(free_memory: bool = True) -> None:
    """Let names begin anew. There is no graph to clear: a graph goes when nothing refers to it."""
    _uids.clear()
    reset_names()


def tensor(x: Any, dtype: Any = None) -> Any:
    """A Tensor of numbers, in a dtype if one is given; a symbol of a model as it is."""
    if hasattr(x, "__autograd_op__") and not isinstance(x, ag.Tensor):
        return x
    value = ag.asarray(x)
    return value if dtype is None or value.dtype == dtype else value.astype(np.dtype(dtype))


def get_value(x: Any) -> Any:
    """The array, or the number, of a Tensor."""
    return np.asarray(raw(x))[()]


def set_value(x: Any, value: Any) -> None:
    """Refused for numbers, which cannot be changed in place; Tensors have `assign`."""
    from autograd.tensors.inplace import write

    if not isinstance(x, ag.Tensor):
        raise UnsupportedError(
            "keras.backend.set_value changes Tensors; for a learning rate write "
            "model.optimizer.learning_rate = value"
        )
    write(x, np.broadcast_to(np.asarray(raw(value), x.dtype), x.shape))


def __getattr__(name: str) -> Any:
    """Names of Keras 2's backend; they stand over keras.ops, which stands over this file."""
    if name[:1] == "_":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("nn.keras.legacy").named(name)
