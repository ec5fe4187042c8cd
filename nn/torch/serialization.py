"""torch.save and torch.load: nested lists and dicts of Tensors and numbers, as safetensors files.

Nothing is ever unpickled: a file of PyTorch's own is refused, with what to write there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd import Tensor, tensor_files
from autograd.errors import ArgumentError, ArgumentTypeError, MissingFileError
from nn.module.saving import with_arrays, without_arrays
from nn.torch.devices import check_cpu
from nn.torch.sizes import Size
from nn.torch.tensor import as_face

__all__ = ["load", "save"]

_KEY = "chaingrad.torch"  # of the metadata
_PLAIN = (bool, int, float, str, type(None))


def save(obj: Any, f: Any, *args: Any, **options: Any) -> None:
    """Write Tensors, numbers, text and lists and dicts of them to a file, by its path or open.

    >>> import io
    >>> import nn.torch as torch
    >>> file = io.BytesIO()
    >>> torch.save({"epoch": 3, "weight": torch.ones(2)}, file)
    >>> torch.load(io.BytesIO(file.getvalue()))
    {'epoch': 3, 'weight': tensor([1., 1.])}
    """
    arrays: dict[str, Any] = {}
    state = without_arrays(_checked(obj, "obj"), "", arrays)
    if len(arrays) < sum(1 for _ in _arrays(state)):
        raise ArgumentError("save: two Tensors of obj would have one name; rename a key with a dot")
    grads = [key for key, value in _tensors(obj, "") if value.requires_grad]
    metadata = {_KEY: json.dumps({"version": 1, "obj": state, "requires_grad": grads})}
    if hasattr(f, "write"):
        f.write(tensor_files.as_bytes(arrays, metadata))
    else:
        tensor_files.write(f, arrays, metadata, "the object")


def load(
    f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: Any = None,
    mmap: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """What `save` has written, from a path or an open file; of other safetensors files a dict."""
    if isinstance(map_location, Mapping):
        map_location = None
    if not callable(map_location):
        check_cpu(map_location)
    if hasattr(f, "read"):
        data, name = f.read(), getattr(f, "name", "the file")
    else:
        path = Path(f)
        if not path.exists():
            raise MissingFileError(f"{path} is not there")
        data, name = path.read_bytes(), path
    tensor_files.refuse_others(data[:8], name)
    arrays, metadata = tensor_files.from_bytes(data, name)
    if _KEY not in metadata:
        return {key: as_face(with_arrays({"array": key}, "", arrays)) for key in arrays}
    held = json.loads(metadata[_KEY])
    return _faced(with_arrays(held["obj"], "", arrays), "", frozenset(held["requires_grad"]))


def _checked(obj: Any, where: str) -> Any:
    """The object, if a file can hold it; shapes as tuples."""
    if isinstance(obj, Mapping):
        for key in obj:
            if not isinstance(key, _PLAIN):
                raise ArgumentTypeError(
                    f"save: a key of {where} is {key!r:.80}; use text or numbers"
                )
        return {key: _checked(value, f"{where}[{key!r}]") for key, value in obj.items()}
    if isinstance(obj, Size):
        return tuple(obj)
    if isinstance(obj, (list, tuple)):
        return type(obj)(_checked(value, f"{where}[{i}]") for i, value in enumerate(obj))
    if isinstance(obj, (*_PLAIN, Tensor)) or hasattr(obj, "__array_interface__"):
        return obj
    hint = "obj.state_dict()" if hasattr(obj, "state_dict") else "vars(obj), or numbers and text"
    raise ArgumentTypeError(
        f"save: {where} is a {type(obj).__name__}, and a file holds Tensors, numbers, text, and "
        f"lists and dicts of them; save {hint}"
    )


def _arrays(state: Any) -> Any:
    """The keys of the arrays that a state names."""
    if isinstance(state, dict):
        ((kind, content),) = state.items()
        if kind == "array":
            yield content
            return
        state = [value for _, value in content] if kind == "dict" else content
        for value in state:
            yield from _arrays(value)


def _tensors(obj: Any, path: str) -> Any:
    """The Tensors in a nested object, with the keys of their arrays."""
    if isinstance(obj, Tensor):
        yield path.rstrip("."), obj
    elif isinstance(obj, Mapping):
        for key, value in obj.items():
            yield from _tensors(value, f"{path}{key}.")
    elif isinstance(obj, (list, tuple)):
        for i, value in enumerate(obj):
            yield from _tensors(value, f"{path}{i}.")


def _faced(obj: Any, path: str, grads: frozenset[str]) -> Any:
    if isinstance(obj, Tensor):
        face = as_face(obj)
        return face.requires_grad_() if path.rstrip(".") in grads else face
    if isinstance(obj, dict):
        return {key: _faced(value, f"{path}{key}.", grads) for key, value in obj.items()}
    if isinstance(obj, (list, tuple)):
        return type(obj)(_faced(value, f"{path}{i}.", grads) for i, value in enumerate(obj))
    return obj
