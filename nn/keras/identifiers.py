"""What `get`, `serialize` and `deserialize` of all chapters share: names, configs and classes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import ArgumentTypeError, UnsupportedError, shown
from nn.keras.configs import CUSTOM
from nn.module.names import look_up

__all__ = ["chapter", "config_of", "refused"]

Finder = Callable[..., Any]


def chapter(kind: str, names: Mapping[str, Any]) -> tuple[Finder, Finder, Finder]:
    """The functions `get`, `serialize` and `deserialize` of a chapter, from its table of names."""

    def named(name: str) -> Any:
        own = CUSTOM.get(name, names.get(name))
        if own is not None:
            return own
        return look_up(kind, name.rpartition(">")[2], dict(names))

    def get(identifier: Any) -> Any:
        """What a name, a config, a class or a function stands for; None for None."""
        if identifier is None:
            return None
        if isinstance(identifier, Mapping):
            return deserialize(identifier)
        found = named(identifier) if isinstance(identifier, str) else identifier
        if inspect.isclass(found):
            return found()
        if callable(found) or hasattr(found, "step"):
            return found
        raise ArgumentTypeError(
            f"{kind} must be a name, such as {next(iter(names))!r}, a config, a class or a "
            f"function, got {shown(identifier)}"
        )

    def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """What a config, as `serialize` gives it, or a name stands for."""
        if not isinstance(config, Mapping):
            return (custom_objects or {}).get(config) or get(config)
        name, options = config.get("class_name"), config.get("config", {})
        if name == "function":  # as Keras writes a function that has a name
            return get(options)
        if not isinstance(name, str):
            raise ArgumentTypeError(
                f"a config of {kind} has the keys 'class_name' and 'config', got {shown(config)}"
            )
        found = (custom_objects or {}).get(name) or named(name)
        make = getattr(found, "from_config", None)
        return make(dict(options)) if make else found(**options)

    def serialize(value: Any) -> Any:
        """A config from which `deserialize` makes it again; the name, for a function."""
        if value is None or isinstance(value, str):
            return value
        if not hasattr(value, "get_config"):
            return getattr(value, "__name__", type(value).__name__)
        return {"class_name": type(value).__name__, "config": value.get_config()}

    return get, serialize, deserialize


def config_of(value: Any) -> dict[str, Any]:
    """The arguments of `__init__` that an object keeps as attributes of the same names."""
    parameters = inspect.signature(type(value).__init__).parameters
    return {name: getattr(value, name) for name in parameters if hasattr(value, name)}


def refused(name: str, instead: str) -> Any:
    """A class in the place of one that Keras has: it can be imported, and says what to write.

    >>> from nn import keras
    >>> keras.callbacks.OrbaxCheckpoint("folder")
    Traceback (most recent call last):
    autograd.errors.UnsupportedError: keras.callbacks.OrbaxCheckpoint is not here; take
    keras.callbacks.ModelCheckpoint
    """

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        raise UnsupportedError(f"keras.{name} is not here; {instead}")

    return type(name.rpartition(".")[2], (), {"__init__": __init__, "__doc__": "Not here."})
