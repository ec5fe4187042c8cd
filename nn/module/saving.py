"""Saving and loading: safetensors files, which PyTorch's users exchange, whole or not at all.

A file holds the state dict under its own keys, so that `safetensors.torch.load_file` reads it, and
files saved from PyTorch load here. A checkpoint holds the optimizer's arrays beside it under
`optimizer.…`, and numbers and names as JSON in the file's metadata. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Tensor, asarray, tensor_files
from autograd.engine.operands import tensor_types
from autograd.errors import ArgumentError, ArgumentTypeError, StateDictError
from autograd.extend import raw
from autograd.random import generator
from nn.module.module import Module

_KEY = "chaingrad"  # of the metadata that a checkpoint has
_ARRAYS = "optimizer."
_VERSION = 2
# Of a state that is none
_DAMAGE = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


def save(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write a model's parameters and buffers (or a state dict) to a safetensors file at `path`.

    A `path` that ends in `.npz` becomes NumPy's file of that kind; one that names a file of another
    library, as `.pt`, `.bin` and `.h5` do, is an error.
    A stop at any moment leaves the old file or the new one. A symbolic link is followed, and a file
    that is there keeps its mode. Where no file can be written the system's error is raised.

    >>> import os, tempfile, nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save(nn.Linear(2, 1), os.path.join(folder, "model.safetensors")).name
    'model.safetensors'
    """
    return tensor_files.write_arrays(path, _arrays(model), "the model")


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The state dict in a safetensors file: `model.load_state_dict(nn.load(path))`.

    Of a checkpoint, the model's part. Numbers of BF16 and F8 become float32, which holds them. What
    `numpy.savez` wrote is read too. A file that is damaged, or of another kind, is an error: a
    pickle of PyTorch's (`.pt`, `.bin`) is refused with how to convert it.

    >>> import os, tempfile, nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = nn.save(nn.Linear(2, 1), os.path.join(folder, "model.safetensors"))
    ...     state = nn.load(path)
    >>> {name: state[name].shape for name in sorted(state)}
    {'bias': (1,), 'weight': (1, 2)}
    """
    arrays, _ = tensor_files.read(Path(path))
    return {key: asarray(a) for key, a in arrays.items() if not key.startswith(_ARRAYS)}


def save_checkpoint(
    path: str | os.PathLike[str],
    model: Module,
    optimizer: Any = None,
    scheduler: Any = None,
    loader: Any = None,
    **extra: Any,
) -> Path:
    """Write all that training needs to go on: model, optimizer, schedule, random state, `extra`.

    `extra` are numbers, strings, arrays, lists and dicts of your own, such as the epoch. The
    default random generator's state is saved too, and that of a `scheduler` and a `loader` (an
    `nn.data.DataLoader`). The `path` is written as `save` does.

    >>> import os, tempfile, nn, optim
    >>> model = nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "epoch.safetensors")
    ...     _ = nn.save_checkpoint(path, model, optim.Adam(model.parameters()), epoch=3)
    ...     nn.load_checkpoint(path, model)
    {'epoch': 3}
    """
    tensor_files.check_ending(path)
    arrays = _arrays(model)
    if taken := [key for key in arrays if key.startswith(_ARRAYS)]:
        raise ArgumentError(
            f"the model's {taken[0]} would be taken for a part of the optimizer; rename the module"
        )
    state: dict[str, Any] = {"version": _VERSION, "rng": _random_state()}
    if optimizer is not None:
        state["optimizer"] = without_arrays(optimizer.state_dict(), _ARRAYS, arrays)
    if scheduler is not None:
        state["scheduler"] = scheduler.state_dict()
    if loader is not None:
        state["loader"] = loader.state_dict()
    try:
        state["extra"] = without_arrays(extra, f"{_ARRAYS}extra.", arrays)
        text = json.dumps(state)
    except RecursionError:
        raise ArgumentError(
            "a checkpoint holds no lists and dicts that are nested so deep, or hold themselves"
        ) from None
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"a checkpoint holds numbers, strings, arrays, and lists and dicts of them: {error}"
        ) from None
    return tensor_files.write(path, arrays, {_KEY: text}, "the checkpoint")


def load_checkpoint(
    path: str | os.PathLike[str],
    model: Module,
    optimizer: Any = None,
    scheduler: Any = None,
    loader: Any = None,
) -> dict[str, Any]:
    """Put everything back as `save_checkpoint` found it; returns its `extra`.

    Raises StateDictError, with nothing changed in the model, if the file is of another model, or
    was saved without one of `optimizer`, `scheduler` and `loader` that is asked for.

    >>> import os, tempfile, nn
    >>> model = nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = nn.save_checkpoint(os.path.join(folder, "epoch.safetensors"), model, epoch=3)
    ...     nn.load_checkpoint(path, model)["epoch"]
    3
    """
    path = Path(path)
    arrays, metadata = tensor_files.read(path)
    state = _state(path, metadata)
    parts = {"optimizer": optimizer, "scheduler": scheduler, "loader": loader}
    wanted = {name: part for name, part in parts.items() if part is not None}
    if missing := [name for name in wanted if name not in state]:
        raise StateDictError(f"{path} was saved without {' and '.join(missing)}")
    put_back = [_memory_of(part) for part in (model, *wanted.values())]
    try:
        model.load_state_dict({k: a for k, a in arrays.items() if not k.startswith(_ARRAYS)})
        for name, part in wanted.items():
            kept = state[name]
            part.load_state_dict(
                with_arrays(kept, _ARRAYS, arrays) if name == "optimizer" else kept
            )
        extra: dict[str, Any] = with_arrays(state["extra"], _ARRAYS, arrays)
        generator().bit_generator.state = state["rng"]
    except BaseException as error:
        for undo in put_back:
            undo()
        if isinstance(error, StateDictError) or not isinstance(error, _DAMAGE):
            raise
        raise ArgumentError(f"{path} is a damaged checkpoint: {error}") from None
    return extra


def _memory_of(part: Any) -> Callable[[], Any]:
    """What brings a part back to where it is now."""
    if hasattr(part, "consolidate_state_dict"):  # one of whose state this process has a part
        put_back: Callable[[], Any] = part.remembered()
        return put_back
    return partial(part.load_state_dict, part.state_dict())


def _state(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What a checkpoint holds beside arrays."""
    if _KEY not in metadata:
        raise ArgumentError(
            f"{path} holds no checkpoint, only a state dict: model.load_state_dict(nn.load(path))"
        )
    try:
        state: Any = json.loads(metadata[_KEY])
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"{path} is a damaged checkpoint: {error}") from None
    if not isinstance(state, dict) or not {"version", "extra", "rng"} <= state.keys():
        raise ArgumentError(f"{path} is a damaged checkpoint: parts of it are missing")
    if state["version"] != _VERSION:
        raise ArgumentError(
            f"{path} is a checkpoint of version {state['version']}, and this chaingrad reads "
            f"version {_VERSION}"
        )
    return state


# ---- state dicts as arrays and JSON --------------------------------------------------------------


def _arrays(model: Any) -> dict[str, Any]:
    state = model.state_dict() if isinstance(model, Module) else model
    if not isinstance(state, Mapping):
        raise ArgumentTypeError(f"save takes a module or a state dict, got {type(state).__name__}")
    arrays = {key: np.asarray(_array(value), order="C") for key, value in state.items()}
    for key, array in arrays.items():
        if array.dtype.kind not in "biufc":
            raise ArgumentTypeError(
                f"a state dict holds arrays by name, and {key!r} is a {type(state[key]).__name__}\n"
                "  Other things go into a checkpoint: nn.save_checkpoint(path, model, optimizer, "
                "epoch=3)."
            )
    return arrays


def _array(value: Any) -> Any:
    return np.asarray(raw(value))


def _random_state() -> Any:
    return generator().bit_generator.state


def without_arrays(value: Any, path: str, arrays: dict[str, Any]) -> Any:
    """A nested state as JSON; its arrays go to `arrays`, and their keys stand in their places."""
    if type(value) in tensor_types or isinstance(value, (np.ndarray, np.generic)):
        key = path.rstrip(".")
        arrays[key] = np.asarray(_array(value), order="C")
        return {"array": key}
    if isinstance(value, Mapping):
        return {
            "dict": [[key, without_arrays(v, f"{path}{key}.", arrays)] for key, v in value.items()]
        }
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [without_arrays(v, f"{path}{i}.", arrays) for i, v in enumerate(value)]}
    return value


def with_arrays(value: Any, path: str, arrays: Mapping[str, Any]) -> Any:
    """What `without_arrays` took apart."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return asarray(arrays[content])
    if kind == "dict":
        return {key: with_arrays(v, path, arrays) for key, v in content}
    parts = [with_arrays(v, path, arrays) for v in content]
    return parts if kind == "list" else tuple(parts)
