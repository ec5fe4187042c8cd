"""Configs: objects as dicts of plain values, and back; what `get_config` and saving use."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from nn.keras.structure import mapped

__all__ = [
    "CUSTOM", "bound_options", "made_from", "plain", "register", "restored",
    "restored_options", "written",
]  # fmt: skip

CUSTOM: dict[str, Any] = {}  # what `keras.saving.register_keras_serializable` was told of
_ROOMS = ("layers", "models", "initializers", "regularizers", "constraints", "losses", "metrics",
          "optimizers")  # fmt: skip


def register(package: str = "Custom", name: str | None = None) -> Any:
    """A decorator: let `load_model` know a class or function of one's own."""

    def known(thing: Any) -> Any:
        CUSTOM[name or thing.__name__] = thing
        return thing

    return known


def bound_options(cls: type, args: Any, kwargs: Any) -> dict[str, Any]:
    """The options that an object was made with, by name, as `__init__` names them."""
    init: Any = cls.__init__  # type: ignore[misc]
    names = [
        p.name
        for p in [*inspect.signature(init).parameters.values()][1:]
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    names += getattr(cls, "_positions", ())  # of what stands in *args
    return {**dict(zip(names, args, strict=False)), **kwargs}


def plain(value: Any, where: str) -> Any:
    """A value as numbers, strings, lists and dicts; an ArgumentError if it has no such form."""
    if isinstance(value, (list, tuple)):
        return [plain(part, where) for part in value]
    if isinstance(value, dict):
        return {str(key): plain(part, where) for key, part in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        return value.item()
    if isinstance(value, np.ndarray):
        return {"class_name": "__array__", "config": value.tolist()}
    if isinstance(value, (np.dtype, type)) and not hasattr(value, "get_config"):
        return getattr(value, "__name__", str(value))
    if hasattr(value, "get_config"):
        return written(value)
    name = getattr(value, "__name__", "")
    if callable(value) and name in CUSTOM:
        return {"class_name": "__function__", "config": name}
    if callable(value) and name.isidentifier():
        return name
    raise ArgumentError(
        f"{where} cannot be written down: {value!r} has no get_config(); register it with "
        "keras.saving.register_keras_serializable, or save the weights alone with save_weights"
    )


def written(thing: Any) -> dict[str, Any]:
    """The class and the config of an object."""
    kind = type(thing).__name__
    return {"class_name": kind, "config": plain(thing.get_config(), kind)}


def made_from(config: Any, custom: Mapping[str, Any] | None = None) -> Any:
    """The object that a config was written of."""
    kind, options = config["class_name"], config["config"]
    if kind == "__array__":
        return np.array(options)
    known = {**CUSTOM, **(custom or {})}
    if kind == "__function__":
        return known.get(options, options)
    cls = known.get(kind) or _by_name(kind)
    if cls is None:
        raise ArgumentError(
            f"there is no class {kind!r} here; give it by custom_objects={{{kind!r}: {kind}}}"
        )
    if hasattr(cls, "_from_config"):  # a model, whose layers may be of one's own
        return cls._from_config(options, custom)
    return cls.from_config(restored_options(options, custom))


def restored_options(
    options: Mapping[str, Any], custom: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The options of a config; a layer may be called as its class is, and `name` stays a name."""
    return {k: v if k == "name" else restored(v, custom) for k, v in options.items()}


def restored(value: Any, custom: Mapping[str, Any] | None = None) -> Any:
    """Options with the objects that are written in them; names of custom objects too."""
    if isinstance(value, dict) and set(value) == {"class_name", "config"}:
        return made_from(value, custom)
    if isinstance(value, str) and value in {**CUSTOM, **(custom or {})}:
        return {**CUSTOM, **(custom or {})}[value]
    if isinstance(value, list):
        return [restored(part, custom) for part in value]
    return value if not isinstance(value, dict) else mapped(lambda v: v, value)


def _by_name(kind: str) -> Any:
    for room in _ROOMS:
        module = importlib.import_module(f"nn.keras.{room}")
        if isinstance(found := getattr(module, kind, None), type):
            return found
    return None
