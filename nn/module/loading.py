"""Loading a state into a module: everything is compared first, and then all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.errors import ArgumentTypeError, MissingMethodError, StateDictError
from autograd.extend import raw
from autograd.tensors.inplace import write
from nn.module.parameter import Buffer, Parameter, is_lazy
from nn.module.tree import got, join

__all__ = ["EXTRA", "ExtraState", "LoadedKeys", "has_extra_state", "load"]

EXTRA = "_extra_state"


class LoadedKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]  # the module has them, the state does not
    unexpected_keys: list[str]  # the state has them, the module does not


class ExtraState:
    """What else than tensors a module saves: one that has more defines both methods."""

    def get_extra_state(self) -> Any:
        """What is saved under the key `_extra_state`; `set_extra_state` takes it back."""
        raise MissingMethodError(f"{type(self).__name__} has no get_extra_state()")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` gave."""
        raise MissingMethodError(
            f"{type(self).__name__} has no set_extra_state(), which takes back what "
            "get_extra_state() gives"
        )


def has_extra_state(module: Any, method: str) -> bool:
    """Whether the class of a module defines get_extra_state or set_extra_state."""
    return getattr(type(module), method) is not getattr(ExtraState, method)


class Place(NamedTuple):
    """Where a tensor of the state belongs."""

    module: Any
    name: str
    tensor: Any


def load(root: Any, state_dict: Mapping[str, Any], strict: bool, assign: bool) -> LoadedKeys:
    """What `Module.load_state_dict` does."""
    if not isinstance(state_dict, Mapping):
        raise ArgumentTypeError(
            f"load_state_dict takes a mapping of keys to values, {got(state_dict)}"
        )
    modules = list(root.named_modules(remove_duplicate=False))
    state, keys, faults = dict(state_dict), LoadedKeys([], []), list[str]()
    for path, module in modules:
        module._to_load(state, join(path, ""))
        for hook in _hooks(module, "before_load"):
            hook(module, state, join(path, ""), {}, strict, *keys, faults)
    own, extra = _places(modules), _extra(modules)
    keys.missing_keys.extend(key for key in (*own, *extra) if key not in state)
    keys.unexpected_keys.extend(key for key in state if key not in own and key not in extra)
    values = {k: _array(state[k], place.tensor) for k, place in own.items() if k in state}
    faults += [f for key in values if (f := _fault(key, own[key].tensor, values[key], assign))]
    decides = [(m, hook) for _, m in reversed(modules) for hook in _hooks(m, "after_load")]
    if faults or (strict and any(keys) and not decides):
        raise _misfit(root, keys if strict else None, own, faults)
    before = [(place, _copied(place.tensor)) for place in own.values()] if decides else []
    for key, value in values.items():
        _assign(own[key], state[key]) if assign else _write(own[key].tensor, value)
    for key in extra.keys() & state.keys():
        extra[key].set_extra_state(state[key])
    for _, module in modules:
        module._loaded()
    for module, hook in decides:
        hook(module, keys)
    if strict and any(keys):
        _restore(before)
        raise _misfit(root, keys, own, faults)
    return keys


def _hooks(module: Any, kind: str) -> tuple[Any, ...]:
    hooks = module._state_hooks
    return () if hooks is None else tuple(getattr(hooks, kind).values())


def _places(modules: Iterable[tuple[str, Any]]) -> dict[str, Place]:
    """Every tensor that is saved, by key; a shared one under each of its keys."""
    return {
        join(path, name): Place(module, name, tensor)
        for path, module in modules
        for name, tensor in module._own_state()
    }


def _extra(modules: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The modules that take more than tensors, by key."""
    return {
        join(path, EXTRA): module
        for path, module in modules
        if has_extra_state(module, "set_extra_state") or has_extra_state(module, "get_extra_state")
    }


def _array(value: Any, tensor: Any) -> Any:
    if is_lazy(value):
        return value
    array = raw(value) if isinstance(value, Tensor) else np.asarray(value)
    weak = isinstance(value, (list, tuple, int)) and array.dtype.kind in "iu"  # Python's numbers
    return array.astype(tensor.dtype) if weak and tensor.dtype.kind in "fc" else array


def _fault(key: str, tensor: Any, value: Any, assign: bool) -> str | None:
    if is_lazy(value):
        if is_lazy(tensor):
            return None
        return f"no value    {key}: uninitialized in the state, {tensor.shape} in the module"
    fits = tensor.fits(value.shape) if is_lazy(tensor) else value.shape == tensor.shape
    if not fits:
        return f"misshaped   {key}: {value.shape} in the state, {_shape(tensor)} in the module"
    kinds = {value.dtype.kind, tensor.dtype.kind}
    castable = kinds <= {*"iu"} and np.can_cast(value.dtype, tensor.dtype, "same_kind")
    if len(kinds) > 1 and (assign or not castable):
        return f"mistyped    {key}: {value.dtype} in the state, {tensor.dtype} in the module"
    return None


def _shape(tensor: Any) -> str:
    return str(tensor.shape_text() if is_lazy(tensor) else tensor.shape)


def _misfit(
    root: Any, keys: LoadedKeys | None, own: Mapping[str, Place], faults: Sequence[str]
) -> StateDictError:
    lines = []
    if keys is not None:
        for key in keys.missing_keys:
            what = _shape(own[key].tensor) if key in own else "not a tensor"
            lines.append(f"missing     {key}: {what}")
        lines += [f"unexpected  {key}" for key in keys.unexpected_keys]
    shown = "\n  ".join([*lines, *faults])
    return StateDictError(
        f"the state does not fit {type(root).__name__}; nothing was loaded:\n  {shown}"
    )


def _write(tensor: Any, value: Any) -> None:
    if is_lazy(value):
        return  # neither has a value
    if is_lazy(tensor):
        tensor.materialize(value.shape)
    write(tensor, value)


def _assign(place: Place, value: Any) -> None:
    """Put a new parameter or buffer of the state's dtype at its place."""
    module, name, old = place
    if is_lazy(value):
        return  # neither has a value
    new: Tensor
    if isinstance(old, Parameter):
        new = value if isinstance(value, Parameter) else Parameter(value)
        new.requires_grad_(old.requires_grad)
    elif isinstance(old, Buffer):
        new = Buffer(value, old.persistent)
    else:
        new = Tensor(value)
    setattr(module, name, new)


def _copied(tensor: Any) -> Any:
    return None if is_lazy(tensor) else raw(tensor).copy()


def _restore(before: Iterable[tuple[Place, Any]]) -> None:
    """Undo the loading; what had no value keeps the one that it got."""
    for place, value in before:
        if place.module.__dict__[place.name] is not place.tensor:
            setattr(place.module, place.name, place.tensor)
        if value is not None:
            write(place.tensor, value)
