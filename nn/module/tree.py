"""What a module holds: walking over its modules, parameters and buffers, and changing them all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np

from autograd import Tensor
from autograd.engine.arguments import spell
from autograd.engine.dtypes import as_dtype
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, MissingAttributeError
from nn.module.parameter import Parameter, recast

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["ModuleTree", "children_first", "got", "join", "too_deep"]

M = TypeVar("M", bound="ModuleTree[Any]")


class ModuleTree(Generic[M]):
    """The registries of a module, and everything that walks over them; M is what they hold."""

    training: bool = True
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, M | None]
    _transient: set[str]  # names of the buffers that are not saved

    # ---- what it holds -------------------------------------------------------------------------

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, M]]:
        """(path, module) of this module and all below, parents first; shared ones once."""
        seen: set[M] = set()
        stack: list[tuple[str, Any]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if remove_duplicate:
                if module in seen:
                    continue
                seen.add(module)
            yield path, module
            stack += [
                (join(path, name), child)
                for name, child in reversed(module._modules.items())
                if child is not None
            ]

    def modules(self, remove_duplicate: bool = True) -> Iterator[M]:
        """This module and all below, shared ones once."""
        return (module for _, module in self.named_modules("", remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, M]]:
        """(name, module) of the modules set on this one, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[M]:
        """The modules set on this one, each once."""
        return (child for _, child in self.named_children())

    def _named_members(
        self, registry: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        places = self.named_modules(prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, module in places:
            for name, member in module.__dict__[registry].items():
                if member is None or (remove_duplicate and member in seen):
                    continue
                seen.add(member)
                yield join(path, name), member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """(path, parameter) of this module and all below; shared parameters once."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and all below, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """(path, buffer) of this module and all below; shared buffers once."""
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers of this module and all below, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> M:
        """The module at a dotted path; the empty path is the module itself."""
        module: M = self  # type: ignore[assignment]
        for name in filter(None, target.split(".")):
            child = module._modules.get(name)
            if child is None:
                raise MissingAttributeError(
                    _not_found("module", name, target, module, module._modules)
                )
            module = child
        return module

    def set_submodule(self, target: str, module: M, strict: bool = False) -> None:
        """Put a module at a dotted path, in place of the one there; `strict`: there must be one."""
        path, _, name = target.rpartition(".")
        if not name:
            raise ArgumentError(f"set_submodule takes the path of a module below, got {target!r}")
        parent: Any = self.get_submodule(path)
        if not isinstance(module, ModuleTree):
            raise ArgumentTypeError(f"set_submodule takes an nn.Module, {got(module)}")
        if name not in parent._modules and (strict or hasattr(parent, name)):
            raise MissingAttributeError(_not_found("module", name, target, parent, parent._modules))
        parent.register_module(name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        parameter = module._parameters.get(name)
        if parameter is None:
            raise MissingAttributeError(
                _not_found("parameter", name, target, module, module._parameters)
            )
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer = module._buffers.get(name)
        if buffer is None:
            raise MissingAttributeError(_not_found("buffer", name, target, module, module._buffers))
        return buffer

    # ---- changing all of it --------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and below; returns the module."""
        if not isinstance(mode, bool):
            raise ArgumentError(f"train() takes True or False, {got(mode)}")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Leave training mode, here and below; returns the module."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze (False) or unfreeze all parameters; returns the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to zeros)."""
        for parameter in self.parameters():
            parameter.zero_grad(set_to_none)

    def apply(self, function: Callable[[Any], Any]) -> Self:
        """Call a function on every module, children first; returns the module."""
        for module in children_first(self):
            function(module)
        return self

    def to(self, dtype: npt.DTypeLike | Tensor) -> Self:
        """Change the dtype of all floating parameters and buffers in place; returns the module.

        A Tensor stands for its dtype.
        """
        wanted = dtype.dtype if isinstance(dtype, Tensor) else as_dtype(dtype)
        if wanted.kind not in "fc":
            raise DTypeError(f"a module's parameters are floating; it cannot be moved to {wanted}")
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.dtype.kind in "fc":
                recast(tensor, wanted)
        return self

    def type(self, dst_type: npt.DTypeLike) -> Self:
        """Change the dtype of all floating parameters and buffers; another name of `to`."""
        return self.to(dst_type)

    def half(self) -> Self:
        """Change all floating parameters and buffers to float16."""
        return self.to(np.float16)

    def float(self) -> Self:
        """Change all floating parameters and buffers to float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Change all floating parameters and buffers to float64."""
        return self.to(np.float64)


def children_first(root: Any) -> list[Any]:
    """This module and all below, those below a module before it; shared ones at each place."""
    found, stack = [], [root]
    while stack:
        found.append(stack.pop())
        stack += found[-1].children()
    return found[::-1]


def join(path: str, name: str) -> str:
    """A dotted path and one more name."""
    return f"{path}.{name}" if path else name


def too_deep(kind: str) -> RecursionError:
    """The error of a call that needs more of Python's stack than there is."""
    return RecursionError(
        f"{kind} calls modules that call modules, deeper than the {sys.getrecursionlimit()} calls "
        "that Python allows; sys.setrecursionlimit(...) allows more"
    )


def got(value: Any) -> str:
    """The end of a message about a value of the wrong type."""
    return f"got {type(value).__name__}"


def _not_found(kind: str, name: str, target: str, module: M, known: dict[str, Any]) -> str:
    names = ", ".join(n for n, value in known.items() if value is not None) or "none"
    inside = "" if name == target else f" (on the way to {target!r})"
    return f"{type(module).__name__} has no {kind} {name!r}{inside}; it has {names}"


spell(ModuleTree, "named_parameters", "parameters", "requires_grad_", "to", "train", "zero_grad")
