"""keras.saving: models in files, and the names of one's own classes and functions there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from autograd.errors import UnsupportedError
from nn.keras.configs import CUSTOM, made_from, register, written
from nn.keras.identifiers import refused
from nn.keras.models.saving import load_model, load_weights, save_model, save_weights

__all__ = [
    "CustomObjectScope", "KerasFileEditor", "custom_object_scope", "deserialize_keras_object",
    "get_custom_objects", "get_registered_name", "get_registered_object", "load_model",
    "load_weights", "register_keras_serializable", "save_model", "save_weights",
    "serialize_keras_object",
]  # fmt: skip

register_keras_serializable = register
KerasFileEditor = refused(
    "saving.KerasFileEditor", "load the model, change its weights, and save it again"
)


def get_custom_objects() -> dict[str, Any]:
    """Classes and functions of one's own by name, which `get` and `load_model` know too.

    >>> from nn import keras
    >>> keras.saving.get_custom_objects()["twice"] = lambda x: 2 * x
    >>> keras.activations.get("twice")(3)
    6
    >>> del keras.saving.get_custom_objects()["twice"]
    """
    return CUSTOM


@contextmanager
def custom_object_scope(*objects: Mapping[str, Any]) -> Iterator[None]:
    """Let names stand for classes and functions of one's own in a block.

    >>> from nn import keras
    >>> with keras.saving.custom_object_scope({"twice": lambda x: 2 * x}):
    ...     keras.activations.get("twice")(3)
    6
    """
    before = dict(CUSTOM)
    for each in objects:
        CUSTOM.update(each)
    try:
        yield
    finally:
        CUSTOM.clear()
        CUSTOM.update(before)


CustomObjectScope = custom_object_scope


def get_registered_name(obj: Any) -> str:
    """The name that a class or function is registered by; its own, if it is not."""
    return next((name for name, known in CUSTOM.items() if known is obj), obj.__name__)


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Any = None
) -> Any:
    """What a name is registered for; None if for nothing."""
    return {**(module_objects or {}), **CUSTOM, **(custom_objects or {})}.get(name)


def serialize_keras_object(obj: Any) -> Any:
    """The class and the config of an object, or the value itself if it is a plain one."""
    if obj is None or isinstance(obj, (bool, int, float, str)):
        return obj
    if isinstance(obj, (list, tuple)):
        return [serialize_keras_object(part) for part in obj]
    if not hasattr(obj, "get_config"):
        raise UnsupportedError(f"keras.saving: {obj!r:.60} has no get_config() to be saved by")
    return written(obj)


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, **kwargs: Any
) -> Any:
    """The object that `serialize_keras_object` has written."""
    if isinstance(config, list):
        return [deserialize_keras_object(part, custom_objects) for part in config]
    if isinstance(config, Mapping) and {"class_name", "config"} <= set(config):
        return made_from(config, custom_objects)
    return config
