"""Saving and loading: safetensors files, which PyTorch's users exchange, whole or not at all.

A file holds the state dict under its own keys, so that `safetensors.torch.load_file` reads it, and
files saved from PyTorch load here. A checkpoint holds the optimizer's arrays beside it under
`optimizer.…`, and numbers and names as JSON in the file's metadata. Nothing is ever unpickled.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograd import Tensor, asarray
from autograd.engine.operands import tensor_types
from autograd.errors import ArgumentError, ArgumentTypeError, MissingPackageError, StateDictError
from autograd.extend import raw
from autograd.random import generator
from autograd.system.files import write_file
from nn.module.module import Module

_KEY = "chaingrad"  # of the metadata that a checkpoint has
_ARRAYS = "optimizer."
_VERSION = 2
_LARGEST_HEADER = 100_000_000  # bytes, as in the library
# Of a state that is none
_DAMAGE = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


def save(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write a model's parameters and buffers (or a state dict) to a safetensors file at `path`.

    A stop at any moment leaves the old file or the new one. A symbolic link is followed, and a file
    that is there keeps its mode. Where no file can be written the system's error is raised.

    >>> import os, tempfile, nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save(nn.Linear(2, 1), os.path.join(folder, "model.safetensors")).name
    'model.safetensors'
    """
    return write(path, _arrays(model), {}, "the model")


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The state dict in a safetensors file: `model.load_state_dict(nn.load(path))`.

    Of a checkpoint, the model's part. A file that is damaged, or of another kind, is an error.

    >>> import os, tempfile, nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = nn.save(nn.Linear(2, 1), os.path.join(folder, "model.safetensors"))
    ...     state = nn.load(path)
    >>> {name: state[name].shape for name in sorted(state)}
    {'bias': (1,), 'weight': (1, 2)}
    """
    arrays, _ = read(Path(path))
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
    return write(path, arrays, {_KEY: text}, "the checkpoint")


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
    arrays, metadata = read(path)
    state = _state(path, metadata)
    parts = {"optimizer": optimizer, "scheduler": scheduler, "loader": loader}
    wanted = {name: part for name, part in parts.items() if part is not None}
    if missing := [name for name in wanted if name not in state]:
        raise StateDictError(f"{path} was saved without {' and '.join(missing)}")
    before = {part: part.state_dict() for part in (model, *wanted.values())}
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
        for part, old in before.items():
            part.load_state_dict(old)
        if isinstance(error, StateDictError) or not isinstance(error, _DAMAGE):
            raise
        raise ArgumentError(f"{path} is a damaged checkpoint: {error}") from None
    return extra


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


# ---- files ---------------------------------------------------------------------------------------


def _library() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError:
        raise MissingPackageError(
            "models are saved as safetensors files:  pip install safetensors"
        ) from None


def as_bytes(arrays: dict[str, Any], metadata: dict[str, str]) -> bytes:
    """What a file with these arrays holds."""
    content: bytes = _library().save(arrays, metadata or None)
    return content


def write(path: Any, arrays: dict[str, Any], metadata: dict[str, str], what: str) -> Path:
    """Write arrays and metadata to a file, whole or not at all."""
    return write_file(path, as_bytes(arrays, metadata), what)


def read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays and the metadata of a file, of which no more is read than its header promises."""
    found = path.stat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise ArgumentError(f"{path} is no safetensors file, but a device, a pipe or a socket")
    with path.open("rb") as file:
        return _held(file, found.st_size, path)


def from_bytes(content: bytes, name: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays and the metadata of what a file held; messages call it `name`."""
    return _held(io.BytesIO(content), len(content), name)


def _held(file: BinaryIO, size: int, name: Any) -> tuple[dict[str, Any], dict[str, str]]:
    library = _library()
    try:
        metadata = _checked_header(file, size).get("__metadata__", {})
        file.seek(0)
        arrays = library.load(file.read())
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the library's own errors have no common base
        raise ArgumentError(f"{name} is no safetensors file, or is damaged: {error}") from None
    return arrays, metadata


def _checked_header(file: BinaryIO, there: int) -> dict[str, Any]:
    """The header of a file, if it speaks of as many bytes as there are."""
    size = int.from_bytes(file.read(8), "little")
    if size > min(there - 8, _LARGEST_HEADER):
        raise ArgumentError(f"its header would take {size:,} bytes, and the file has {there:,}")
    header: dict[str, Any] = json.loads(file.read(size))
    ends = [part["data_offsets"][1] for key, part in header.items() if key != "__metadata__"]
    expected = 8 + size + max(ends, default=0)
    if expected != there:
        raise ArgumentError(f"it should have {expected:,} bytes, and it has {there:,}")
    return header
