"""Models from files and configs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import StateDictError
from nn.keras.configs import made_from, restored
from nn.keras.engine.symbolic import OpCall
from nn.keras.layers.inputs import InputLayer
from nn.keras.models.files import assign, config_of, load_weights, read, save_model, save_weights
from nn.keras.models.model import Model
from nn.keras.models.sequential import Sequential
from nn.keras.structure import flatten, mapped

__all__ = [
    "clone_model", "load_model", "load_weights", "model_from_json", "save_model", "save_weights",
]  # fmt: skip


def model_of(config: Any, custom: Mapping[str, Any] | None = None) -> Any:
    """The model that a config was written of."""
    kind, options = config["class_name"], config["config"]
    if kind == "Sequential":
        model = Sequential(name=options["name"])
        if options["build_input_shape"] is not None:
            model.add(InputLayer(batch_shape=options["build_input_shape"], dtype=options["dtype"]))
        for each in options["layers"]:
            model.add(_layer_of(each, custom))
        return model
    if kind == "Functional":
        return _graph_of(options, custom)
    return made_from(config, custom)


def _layer_of(config: Any, custom: Any) -> Any:
    if config["class_name"] in ("Sequential", "Functional"):
        return model_of(config, custom)
    if config["class_name"] == "__op__":
        return OpCall(**config["config"])
    return made_from(config, custom)


def _graph_of(options: Any, custom: Any) -> Any:
    layers = {each["config"]["name"]: _layer_of(each, custom) for each in options["layers"]}
    inputs = mapped(lambda name: layers[name].tensor, options["inputs"])
    found: dict[int, list[Any]] = {-1: flatten(inputs)}
    for number, call in enumerate(options["calls"]):
        args, kwargs = _tensors(call["arguments"], found)
        kwargs = {name: restored(value, custom) for name, value in kwargs.items()}
        found[number] = flatten(layers[call["layer"]](*args, **kwargs))
    return Model(inputs, _tensors(options["outputs"], found), name=options["name"])


def _tensors(value: Any, found: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"__tensor__"}:
        number, place = value["__tensor__"]
        return found[number][place]
    if isinstance(value, dict):
        return {name: _tensors(part, found) for name, part in value.items()}
    return [_tensors(part, found) for part in value] if isinstance(value, list) else value


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model of which `to_json` has written the layers; its weights are drawn anew."""
    return model_of(json.loads(json_string), custom_objects)


def clone_model(
    model: Any, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None
) -> Any:
    """A model of the same layers, with weights of its own, drawn anew."""
    return model_of(config_of(model))


def load_model(
    filepath: Any, custom_objects: Mapping[str, Any] | None = None, compile: bool = True,
    safe_mode: bool = True,
) -> Any:  # fmt: skip
    """The model that `save` has written: its layers, weights, and how it was compiled.

    `custom_objects` are the classes and functions of one's own that it is made of, by name.
    """
    config, arrays = read(filepath)
    if "model" not in config:
        raise StateDictError(
            f"{filepath} holds weights alone: make the model, and load_weights({filepath!r})"
        )
    model = model_of(config["model"], custom_objects)
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
    return model
