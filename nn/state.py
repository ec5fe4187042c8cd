"""The state dict: parameters and buffers by dotted path, saved and loaded whole or not at all."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, asarray
from autograd.errors import StateDictError
from autograd.inplace import write
from nn.parameter import is_lazy
from nn.tree import ModuleTree, got, join

__all__ = ["LoadedKeys", "ModuleState"]


class LoadedKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]  # the module has them, the state does not
    unexpected_keys: list[str]  # the state has them, the module does not


class ModuleState(ModuleTree):
    """Saving and loading; the keys and their order are PyTorch's."""

    def _named_state(self) -> Iterator[tuple[str, Tensor]]:
        """(key, tensor) of everything that is saved; a shared tensor under each of its keys."""
        for path, module in self.named_modules(remove_duplicate=False):
            for name, tensor in (*module._parameters.items(), *module._buffers.items()):
                if tensor is not None and name not in module._transient:
                    yield join(path, name), tensor

    def state_dict(self, prefix: str = "") -> dict[str, Tensor]:
        """Copies of all parameters and saved buffers, detached, by dotted path.

        >>> import nn
        >>> list(nn.Sequential(nn.Linear(2, 3), nn.ReLU()).state_dict())
        ['0.weight', '0.bias']
        """
        return {prefix + key: _saved(tensor) for key, tensor in self._named_state()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadedKeys:
        """Copy values (Tensors or arrays) into the parameters and buffers of the same keys.

        Raises StateDictError, with nothing changed, if keys are missing or unexpected (unless
        `strict` is False), or if a value has another shape or a dtype that cannot be cast.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict takes a mapping of keys to values, {got(state_dict)}")
        own = dict(self._named_state())
        values = {key: _array(state_dict[key]) for key in own if key in state_dict}
        keys = LoadedKeys(
            [key for key in own if key not in state_dict],
            [key for key in state_dict if key not in own],
        )
        faults = [fault for key in values if (fault := _fault(key, own[key], values[key]))]
        if strict:
            missing = [f"missing     {key}: {_shape(own[key])}" for key in keys.missing_keys]
            faults = missing + [f"unexpected  {key}" for key in keys.unexpected_keys] + faults
        if faults:
            raise StateDictError(
                f"the state does not fit {type(self).__name__}; nothing was loaded:\n  "
                + "\n  ".join(faults)
            )
        for key, value in values.items():
            _load(own[key], value)
        for module in self.modules():
            module._loaded()
        return keys

    def _loaded(self) -> None:
        """Called when a state has been loaded here or above."""


def _saved(tensor: Any) -> Tensor:
    saved: Tensor = copy.deepcopy(tensor) if is_lazy(tensor) else asarray(tensor._value.copy())
    return saved


def _array(value: Any) -> Any:
    if is_lazy(value):
        return value
    return value._value if isinstance(value, Tensor) else np.asarray(value)


def _load(tensor: Any, value: Any) -> None:
    if is_lazy(value):
        return  # neither has a value
    if is_lazy(tensor):
        tensor.materialize(value.shape)
    if isinstance(tensor._value, np.ndarray) and not tensor._value.flags.writeable:
        tensor._value = tensor._value.copy()  # a buffer that was a broadcast view
    write(tensor, value)


def _shape(tensor: Any) -> str:
    return str(tensor.shape_text() if is_lazy(tensor) else tensor.shape)


def _fault(key: str, tensor: Any, value: Any) -> str | None:
    if is_lazy(value):
        return (
            None
            if is_lazy(tensor)
            else f"no value    {key}: uninitialized in the state, {_shape(tensor)} in the module"
        )
    if is_lazy(tensor):
        if not tensor.fits(value.shape):
            return f"misshaped   {key}: {value.shape} in the state, {_shape(tensor)} in the module"
    elif value.shape != tensor.shape:
        return f"misshaped   {key}: {value.shape} in the state, {tensor.shape} in the module"
    if not np.can_cast(value.dtype, tensor.dtype, "same_kind"):
        return f"mistyped    {key}: {value.dtype} in the state, {tensor.dtype} in the module"
    return None
