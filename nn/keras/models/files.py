"""What a model is made of, and its weights, written into files.

A file is an archive with `config.json`, `weights.npz` and nothing that could run. Of the files that
Keras itself writes the weights are read: see nn/keras/models/hdf5.py.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import Any

import numpy as np

from autograd import OPS, Tensor
from autograd.errors import ArgumentError, ShapeError, StateDictError
from autograd.extend import raw
from nn.keras.configs import made_from, plain, restored, written
from nn.keras.engine.symbolic import KerasTensor, OpCall
from nn.keras.layers.inputs import InputLayer
from nn.keras.models.hdf5 import is_hdf5, load
from nn.keras.structure import flatten, mapped

__all__ = [
    "assign", "chain_config", "chain_of", "graph_config", "graph_of", "load_weights", "read",
    "save_model", "save_weights", "state_from", "to_json",
]  # fmt: skip

_FORMAT = "chaingrad keras 1"


# ---- configs -------------------------------------------------------------------------------------


def chain_config(model: Any) -> dict[str, Any]:
    """The layers of a Sequential, and what goes in."""
    head = model._head
    return {
        "name": model.name,
        "layers": [written(layer) for layer in model.layers],
        "build_input_shape": None if head is None else [*head.shape],
        "dtype": None if head is None else head.dtype,
    }


def graph_config(model: Any) -> dict[str, Any]:
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
        if isinstance(op, OpCall) else written(op)
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
    if operation.op not in OPS:
        raise ArgumentError(
            f"{operation.name}: the function {operation.op} cannot be written down; make it a "
            "Layer, or save the weights alone with save_weights"
        )


def chain_of(cls: Any, options: Any, custom: Any) -> Any:
    """The Sequential of a config."""
    model = cls(name=options["name"])
    if options["build_input_shape"] is not None:
        model.add(InputLayer(batch_shape=options["build_input_shape"], dtype=options["dtype"]))
    for each in options["layers"]:
        model.add(made_from(each, custom))
    return model


def graph_of(cls: Any, options: Any, custom: Any) -> Any:
    """The functional model of a config."""
    layers = {each["config"]["name"]: _operation(each, custom) for each in options["layers"]}
    inputs = mapped(lambda name: layers[name].tensor, options["inputs"])
    found: dict[int, list[Any]] = {-1: flatten(inputs)}
    for number, call in enumerate(options["calls"]):
        args, kwargs = _tensors(call["arguments"], found)
        kwargs = {name: restored(value, custom) for name, value in kwargs.items()}
        found[number] = flatten(layers[call["layer"]](*args, **kwargs))
    return cls(inputs, _tensors(options["outputs"], found), name=options["name"])


def _operation(config: Any, custom: Any) -> Any:
    if config["class_name"] == "__op__":
        return OpCall(**config["config"])
    return made_from(config, custom)


def _tensors(value: Any, found: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"__tensor__"}:
        number, place = value["__tensor__"]
        return found[number][place]
    if isinstance(value, dict):
        return {name: _tensors(part, found) for name, part in value.items()}
    return [_tensors(part, found) for part in value] if isinstance(value, list) else value


def to_json(model: Any) -> str:
    """A model's layers as JSON."""
    return json.dumps(written(model))


# ---- files ---------------------------------------------------------------------------------------


def save_model(model: Any, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
    """Save a model: its layers, its weights, and how it was compiled.

    The file is read by `load_model` here; the name may end in ".keras" or ".h5".
    """
    config: dict[str, Any] = {"format": _FORMAT, "model": written(model)}
    compiled = model._compiled
    arrays: dict[str, Any] = {}
    if compiled is not None:
        config["compile"] = _compile_config(compiled)
        config["optimizer"] = _state_of(compiled, arrays)
    _write(filepath, json.dumps(config), model, overwrite, arrays)


def _state_of(compiled: Any, arrays: dict[str, Any]) -> Any:
    """The state of an optimizer that has made steps; its arrays are put with the others."""
    if compiled._built_for is None:
        return None

    def beside(x: Any) -> Any:
        if not hasattr(x, "shape") or not np.ndim(x):
            return x
        key = f"o{len(arrays):05d}"
        arrays[key] = np.asarray(raw(x))
        return {"__saved__": key}

    state = mapped(beside, compiled._optimizer.state_dict())
    for group in state["param_groups"]:
        group.pop("param_names", None)  # many layers have a kernel: they are told by their places
    return plain(state, "the optimizer")


def state_from(written: Any, arrays: dict[str, Any]) -> Any:
    """The state of an optimizer, as it was saved."""

    def together(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"__saved__"}:
                return Tensor(arrays[value["__saved__"]])
            return {int(k) if k.isdigit() else k: together(part) for k, part in value.items()}
        return [together(part) for part in value] if isinstance(value, list) else value

    return together(written)


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


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Save the weights alone."""
    if not model.built:
        raise ArgumentError(f"{model.name} is not built, so it has no weights to save")
    _write(filepath, json.dumps({"format": _FORMAT}), model, overwrite)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Take the weights of a file, in order; those of a file of Keras by their layers."""
    if not model.built:
        raise ArgumentError(
            f"{model.name} is not built, so its weights are not there: call it on data, or begin "
            "it with keras.Input"
        )
    if is_hdf5(filepath):
        load(model, filepath, skip_mismatch)
        return
    _, arrays, _ = read(filepath)
    assign(model, arrays, str(filepath), skip_mismatch)


def assign(model: Any, arrays: list[Any], where: str, skip: bool = False) -> None:
    """Give a model the weights that were read."""
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


def _write(
    filepath: Any, config: str, model: Any, overwrite: bool, more: dict[str, Any] | None = None
) -> None:
    if not overwrite and os.path.exists(filepath):
        raise ArgumentError(f"{filepath} exists; save with overwrite=True to replace it")
    numbers = io.BytesIO()
    weights = {f"w{i:05d}": a for i, a in enumerate(model.get_weights())}
    np.savez(numbers, **weights, **(more or {}))
    beside = f"{os.fspath(filepath)}.part"
    with zipfile.ZipFile(beside, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("weights.npz", numbers.getvalue())
    os.replace(beside, filepath)


def read(filepath: Any) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """The config, the weights and the other arrays of a file."""
    try:
        with zipfile.ZipFile(filepath) as archive:
            config = json.loads(archive.read("config.json"))
            if config.get("format") == _FORMAT:
                numbers = io.BytesIO(archive.read("weights.npz"))
                with np.load(numbers, allow_pickle=False) as held:
                    arrays = {name: held[name] for name in sorted(held.files)}
                    weights = [array for name, array in arrays.items() if name[0] == "w"]
                    return config, weights, arrays
    except (zipfile.BadZipFile, KeyError):
        pass
    raise StateDictError(
        f"{filepath} was not saved here; of Keras' files (.weights.h5, .keras) the weights alone "
        "are read: make the model, and model.load_weights(path)"
    )
