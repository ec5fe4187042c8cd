"""Module of the face: PyTorch's methods, and what is set as an attribute becomes the face's."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Self

import nn
from autograd.errors import ArgumentError, StateDictError, StateError
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.devices import check_cpu, device
from nn.torch.dtypes import as_numpy
from nn.torch.nn.parameter import adopt

__all__ = ["FACES", "IncompatibleKeys", "Module", "adopted", "bind_layers", "face_of", "is_plain"]

FACES: dict[type, Any] = {}  # of each class of modules of nn, the face's


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not any(self):
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self[0]}, unexpected_keys={self[1]})"


class LoadError(StateDictError, RuntimeError):
    """A state that does not fit: an error of the class that programs for PyTorch catch."""


class Registry(dict[str, Any]):
    """What a module holds by name; what a user puts in here is the module's attribute too."""

    owner: Any = None

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        if self.owner is not None:
            object.__setattr__(self.owner, name, value)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        if self.owner is not None:
            self.owner.__dict__.pop(name, None)


class Module(nn.Module):
    """Base of all modules: one of `nn` with PyTorch's methods, whose Parameters are PyTorch's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _own_registries(self)

    def _register(self, registry: str, name: str, value: Any) -> None:
        if type(self.__dict__[registry]) is dict:
            _own_registries(self)
        super()._register(registry, name, adopted(value))

    def __delattr__(self, name: str) -> None:
        registry = self.__dict__.get(self._registry_of(name) or "")
        if registry is not None:
            registry.owner = None  # it is taken off the module by what follows
        try:
            super().__delattr__(name)
        finally:
            if registry is not None:
                registry.owner = self

    # ---- walking -------------------------------------------------------------------------------

    def named_modules(  # type: ignore[override] # in PyTorch `memo` stands first
        self, memo: Any = None, prefix: Any = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """(path, module) of this module and all below; `memo` holds those to be left out."""
        if isinstance(memo, str):  # as nn calls it, without a memo
            return super().named_modules(memo, True if prefix == "" else prefix)
        found = super().named_modules(prefix, remove_duplicate)
        return found if memo is None else _unseen(found, memo)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        """This module and all below, shared ones once."""
        return (module for _, module in nn.Module.named_modules(self, "", remove_duplicate))

    def train(self, mode: bool = True) -> Self:
        """Set `training` here, and let each module on this one do the same."""
        if not isinstance(mode, bool):
            raise ArgumentError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    # ---- moving --------------------------------------------------------------------------------

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Change the dtype of the floating parameters and buffers; the device is the processor.

        `to(device)`, `to(dtype)`, `to(device, dtype)` or `to(tensor)`, with `non_blocking` and
        `memory_format` taken.
        """
        dtype = kwargs.get("dtype")
        check_cpu(kwargs.get("device"))
        for arg in args:
            if isinstance(arg, PlainTensor):
                dtype = arg.dtype
            elif isinstance(arg, (str, device)) or type(arg) is int:
                check_cpu(arg)
            elif not isinstance(arg, bool) and arg is not None:
                dtype = arg
        return self if dtype is None else super().to(as_numpy(dtype))

    def type(self, dst_type: Any) -> Self:
        """Change the dtype of the floating parameters and buffers."""
        return self.to(dst_type)

    def cpu(self) -> Self:
        """The module itself, which is there already."""
        return self

    def cuda(self, device: Any = None) -> Self:
        """Refused: there is no such device."""
        check_cpu("cuda")
        return self

    def bfloat16(self) -> Self:
        """Refused: NumPy has no such numbers."""
        raise StateError("there is no bfloat16 here: write half(), or leave float32")

    def share_memory(self) -> Self:
        """The module itself: threads share it already."""
        return self

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: ops are compiled already."""

    # ---- state ---------------------------------------------------------------------------------

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> Any:
        """The parameters and saved buffers, detached, by dotted path; they share their memory."""
        old = dict(zip(("destination", "prefix", "keep_vars"), args, strict=False))
        destination = old.get("destination", destination)
        state = OrderedDict() if destination is None else destination
        return super().state_dict(
            destination=state,
            prefix=old.get("prefix", prefix),
            keep_vars=old.get("keep_vars", keep_vars),
        )

    def _take_own_state(self, state: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._take_own_state(state, prefix, True)
        if not keep_vars:
            for name, tensor in self._own_state():
                state[prefix + name] = tensor.data

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Copy values into the parameters and buffers of the same keys; says which do not match."""
        try:
            return IncompatibleKeys(*super().load_state_dict(state_dict, strict, assign))
        except StateDictError as error:
            raise LoadError(f"Error(s) in loading state_dict: {error.args[0]}") from None

    # ---- hooks, and names of old ---------------------------------------------------------------

    def register_full_backward_hook(self, hook: Any, prepend: bool = False) -> Any:
        """Call `hook(module, grad_input, grad_output)` when those of the inputs are there."""
        return super().register_full_backward_hook(_seen_in_face(hook), prepend)

    def register_full_backward_pre_hook(self, hook: Any, prepend: bool = False) -> Any:
        """Call `hook(module, grad_output)` when the gradients of the outputs are there."""
        return super().register_full_backward_pre_hook(_seen_in_face(hook), prepend)

    def register_backward_hook(self, hook: Any) -> Any:
        """The older name of `register_full_backward_hook`."""
        return self.register_full_backward_hook(hook)

    def _get_name(self) -> str:
        return type(self).__name__


def _seen_in_face(hook: Callable[..., Any]) -> Any:
    """A hook to which gradients come in the face."""
    if not callable(hook):
        return hook

    @functools.wraps(hook)
    def call(module: Any, *grads: Any) -> Any:
        return hook(module, *(tuple(map(adopt, grad)) for grad in grads))

    return call


def _unseen(found: Iterator[tuple[str, Any]], memo: set[Any]) -> Iterator[tuple[str, Any]]:
    for path, module in found:
        if module not in memo:
            memo.add(module)
            yield path, module


FACES[nn.Module] = Module
_made: Any = None  # makes the face of a layer, with its options; set by layers.py


def bind_layers(made: Callable[[Any], Any]) -> None:
    """Tell what makes the faces of layers."""
    global _made
    _made = made


_REGISTRIES = ("_parameters", "_buffers", "_modules")


def _own_registries(module: Any) -> None:
    """Make the registries of a module such that what is put into them is set on it too."""
    for kind in _REGISTRIES:
        held = module.__dict__.get(kind)
        if type(held) is dict:
            registry = Registry(held)
            registry.owner = module
            object.__setattr__(module, kind, registry)


def face_of(layer: Any, **attributes: Any) -> Any:
    """The class of a layer's face: the layer itself, registering as `Module` does.

    It stands on the faces of what the layer stands on, so that `isinstance` says what it does
    in PyTorch.
    """
    if layer in FACES:
        return FACES[layer]
    bases = [face_of(base) for base in layer.__bases__ if issubclass(base, nn.Module)]
    name = layer.__name__
    where = {"__module__": "nn.torch.nn", "__qualname__": name, "__doc__": layer.__doc__}
    ordinary = layer.__dict__.get("cls_to_become")
    if ordinary is not None:
        where["cls_to_become"] = face_of(ordinary)
    # A class of the packages checks its arguments; this one hands them on, to one that does.
    FACES[layer] = face = type(name, (layer, *bases), where | {"__module__": ""} | attributes)
    face.__module__ = where["__module__"]
    return face


def is_plain(kind: type) -> bool:
    """Whether a class of modules is one of nn's own, which has a face."""
    room = kind.__module__
    return room.startswith("nn.") and not room.startswith("nn.torch.")


def adopted(value: Any) -> Any:
    """A Tensor in its face; a module with all that it holds, as layers hold layers of nn."""
    if not isinstance(value, nn.Module):
        return adopt(value)
    if is_plain(type(value)):
        value.__class__ = _made(type(value))
        for kind in _REGISTRIES:
            for part in value.__dict__[kind].values():
                adopted(part)
        _own_registries(value)
    return value
