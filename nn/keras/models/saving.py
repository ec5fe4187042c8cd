"""Models and weights in files, and models as configs.

A file is an archive with `config.json`, `weights.npz` and nothing that could run. It is not the
HDF5 that Keras writes: weights of Keras' own files are brought over by `set_weights`.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ShapeError, StateDictError
from nn.keras.engine.configs import made_from, plain, restored, written
from nn.keras.engine.structure import flatten, mapped
from nn.keras.engine.symbolic import KerasTensor, OpCall
from nn.keras.layers.inputs import InputLayer
from nn.keras.models.model import Model
from nn.keras.models.sequential import Sequential

__all__ = [
    "clone_model", "load_model", "load_weights", "model_from_json", "save_model", "save_weights",
    "to_json",
]  # fmt: skip

_FORMAT = "chaingrad keras 1"


# ---- configs -------------------------------------------------------------------------------------


def config_of(model: Any) -> dict[str, Any]:
    """The class and the config of a model, with all its layers."""
    kind = type(model).__name__
    if isinstance(model, Sequential) and type(model) is Sequential:
        layers = [_layer_config(layer) for layer in model.layers]
        head = model._head
        shape = None if head is None else [*head.shape]
        options = {"name": model.name, "layers": layers, "build_input_shape": shape,
                   "dtype": None if head is None else head.dtype}  # fmt: skip
        return {"class_name": "Sequential", "config": options}
    if model._nodes is not None and type(model) is Model:
        return {"class_name": "Functional", "config": _graph_config(model)}
    return {"class_name": kind, "config": plain(model.get_config(), kind)}


def _layer_config(layer: Any) -> dict[str, Any]:
    return config_of(layer) if isinstance(layer, Model) else written(layer)


def _graph_config(model: Any) -> dict[str, Any]:
    """Layers once, and the calls in order; a KerasTensor is (call, place) there."""
    places: dict[int, Any] = {}
    for number, x in enumerate(model.inputs):
        places[id(x)] = {"__tensor__": [-1, number]}
    calls = []
    for number, node in enumerate(model._nodes):
        for place, x in enumerate(flatten(node.outputs)):
            places[id(x)] = {"__tensor__": [number, place]}

        def shown(x: Any) -> Any:
            return places[id(x)] if isinstance(x, KerasTensor) else x

        if isinstance(node.operation, OpCall):
            _check_known(node.operation)
        arguments = plain(mapped(shown, [list(node.args), node.kwargs]), node.operation.name)
        calls.append({"layer": node.operation.name, "arguments": arguments})
    layers = [
        {"class_name": "__op__", "config": {"op": op.op, "name": op.name}}
        if isinstance(op, OpCall) else _layer_config(op)
        for op in model._operations
    ]  # fmt: skip
    return {
        "name": model.name, "layers": layers, "calls": calls,
        "inputs": _form(mapped(lambda x: x._keras_history.operation.name, model._inputs_form)),
        "outputs": mapped(lambda x: places[id(x)], model._outputs_form),
    }  # fmt: skip


def _form(structure: Any) -> Any:
    return list(structure) if isinstance(structure, tuple) else structure


def _check_known(operation: OpCall) -> None:
    from autograd import OPS

    if operation.op not in OPS:
        raise ArgumentError(
            f"{operation.name}: the function {operation.op} cannot be written down; make it a "
            "Layer, or save the weights alone with save_weights"
        )


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


def to_json(model: Any) -> str:
    """A model's layers as JSON."""
    return json.dumps(config_of(model))


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model of which `to_json` has written the layers; its weights are drawn anew."""
    return model_of(json.loads(json_string), custom_objects)


def clone_model(
    model: Any, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None
) -> Any:
    """A model of the same layers, with weights of its own, drawn anew."""
    return model_of(config_of(model))


# ---- files ---------------------------------------------------------------------------------------


def save_model(model: Any, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
    """Save a model: its layers, its weights, and how it was compiled.

    The file is read by `load_model` here; the name may end in ".keras" or ".h5".
    """
    config: dict[str, Any] = {"format": _FORMAT, "model": config_of(model)}
    compiled = model._compiled
    if compiled is not None:
        config["compile"] = _compile_config(compiled)
    _write(filepath, json.dumps(config), model, overwrite)


def _compile_config(compiled: Any) -> Any:
    try:
        return plain(
            {
                "optimizer": written(compiled._optimizer),
                "loss": compiled.loss,
                "loss_weights": compiled.loss_weights,
                **compiled.given,
            },
            "compile",
        )
    except ArgumentError:  # a loss of one's own, say: the model is loaded uncompiled
        return None


def load_model(
    filepath: Any, custom_objects: Mapping[str, Any] | None = None, compile: bool = True,
    safe_mode: bool = True,
) -> Any:  # fmt: skip
    """The model that `save` has written: its layers, weights, and how it was compiled.

    `custom_objects` are the classes and functions of one's own that it is made of, by name.
    """
    config, arrays = _read(filepath)
    if "model" not in config:
        raise StateDictError(
            f"{filepath} holds weights alone: make the model, and load_weights({filepath!r})"
        )
    model = model_of(config["model"], custom_objects)
    if not model.built and arrays:
        raise StateDictError(
            f"{filepath}: {model.name} is not built, so its weights have no place: make it, call it "
            "on data, and load_weights"
        )
    if arrays:
        _assign(model, arrays, str(filepath))
    if compile and config.get("compile"):
        options = restored(config["compile"], custom_objects)
        model.compile(**{k: restored(v, custom_objects) for k, v in options.items()})
    return model


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Save the weights alone."""
    if not model.built:
        raise ArgumentError(f"{model.name} is not built, so it has no weights to save")
    _write(filepath, json.dumps({"format": _FORMAT}), model, overwrite)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Take the weights of a file, in order."""
    _, arrays = _read(filepath)
    if not model.built:
        raise ArgumentError(
            f"{model.name} is not built, so its weights are not there: call it on data, or begin it "
            "with keras.Input"
        )
    _assign(model, arrays, str(filepath), skip_mismatch)


def _assign(model: Any, arrays: list[Any], where: str, skip: bool = False) -> None:
    own = model.weights
    if len(own) != len(arrays):
        raise StateDictError(
            f"{where} holds {len(arrays)} weights, and {model.name} has {len(own)}: they are of "
            "another model"
        )
    pairs = [(v, a) for v, a in zip(own, arrays, strict=True) if v.shape == a.shape]
    if len(pairs) < len(own) and not skip:
        v, array = next((v, a) for v, a in zip(own, arrays, strict=True) if v.shape != a.shape)
        raise ShapeError(
            f"{where}: the weight for {v.path} is {array.shape}, and {model.name}'s is {v.shape}: "
            "they are of another model"
        )
    for v, array in pairs:
        v.assign(array)


def _write(filepath: Any, config: str, model: Any, overwrite: bool) -> None:
    if not overwrite and os.path.exists(filepath):
        raise ArgumentError(f"{filepath} exists; save with overwrite=True to replace it")
    numbers = io.BytesIO()
    np.savez(numbers, **{f"w{i:05d}": a for i, a in enumerate(model.get_weights())})
    beside = f"{os.fspath(filepath)}.part"
    with zipfile.ZipFile(beside, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("weights.npz", numbers.getvalue())
    os.replace(beside, filepath)


def _read(filepath: Any) -> tuple[dict[str, Any], list[Any]]:
    try:
        with zipfile.ZipFile(filepath) as archive:
            config = json.loads(archive.read("config.json"))
            if config.get("format") != _FORMAT:
                raise KeyError("format")
            with np.load(io.BytesIO(archive.read("weights.npz")), allow_pickle=False) as held:
                return config, [held[name] for name in sorted(held.files)]
    except (zipfile.BadZipFile, KeyError):
        raise StateDictError(
            f"{filepath} was not saved here; of a file of Keras, load it there, hand over "
            "model.get_weights(), as numpy.savez does, and set_weights here"
        ) from None
