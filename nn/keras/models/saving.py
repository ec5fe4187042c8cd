"""Models from files and configs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import StateDictError
from nn.keras.configs import made_from, restored, written
from nn.keras.models.files import assign, load_weights, read, save_model, save_weights, state_from

__all__ = [
    "clone_model", "load_model", "load_weights", "model_from_json", "save_model", "save_weights",
]  # fmt: skip


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model of which `to_json` has written the layers; its weights are drawn anew."""
    return made_from(json.loads(json_string), custom_objects)


def clone_model(
    model: Any, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None
) -> Any:
    """A model of the same layers, with weights of its own, drawn anew."""
    return made_from(written(model))


def load_model(
    filepath: Any, custom_objects: Mapping[str, Any] | None = None, compile: bool = True,
    safe_mode: bool = True,
) -> Any:  # fmt: skip
    """The model that `save` has written: its layers, weights, and how it was compiled.

    `custom_objects` are the classes and functions of one's own that it is made of, by name.
    """
    config, arrays, others = read(filepath)
    if "model" not in config:
        raise StateDictError(
            f"{filepath} holds weights alone: make the model, and load_weights({filepath!r})"
        )
    model = made_from(config["model"], custom_objects)
    if not model.built and arrays:
        raise StateDictError(
            f"{filepath}: {model.name} is not built, so its weights have no place: make it, call "
            "it on data, and load_weights"
        )
    if arrays:
        assign(model, arrays, str(filepath))
    if compile and config.get("compile"):
        options = restored(config["compile"], custom_objects)
        model.compile(**{k: restored(v, custom_objects) for k, v in options.items()})
        if config.get("optimizer") and model.trainable_weights:
            model.optimizer.load_state_dict(state_from(config["optimizer"], others))
    return model
