"""Parametrizations: a parameter or buffer that is a function of others, evaluated when asked for.

A parametrized module gets a class of its own, derived from its class, in which the names of its
parametrized tensors are properties. The classes are kept by (class, names), so copies share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar

from autograd import Tensor, asarray, no_grad
from autograd.engine.arguments import guard
from autograd.engine.modes import is_grad_enabled
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.tensors.assignment import set_data
from nn.module.containers import ModuleDict, ModuleList
from nn.module.module import Module
from nn.module.parameter import Parameter, is_lazy

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

# Within `cached()`: (module, value) by the module's id, the name, and whether gradients are wanted.
_cache: ContextVar[dict[Any, Any] | None] = ContextVar("nn_parametrizations", default=None)


@contextmanager
def cached() -> Iterator[None]:
    """Evaluate each parametrized tensor once, when it is first asked for, and keep it till the end.

    For a weight that is used many times in one forward pass, as in a recurrent layer. A step of an
    optimizer belongs outside: what is kept does not see it.

    >>> import nn
    >>> from nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(2, 3))
    >>> with parametrize.cached():
    ...     layer.weight is layer.weight
    True
    >>> layer.weight is layer.weight
    False
    """
    if _cache.get() is not None:
        yield  # inside another one, which keeps all
        return
    token = _cache.set({})
    try:
        yield
    finally:
        _cache.reset(token)


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, applied in a row, and the tensors that they start from.

    Those are `original`, or `original0`, `original1`, ... if the first parametrization has a
    `right_inverse` that returns several. It is made by `register_parametrization`.
    """

    _is_called = True
    original: Tensor

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ArgumentError("ParametrizationList needs one parametrization at least")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        with no_grad():
            new = original
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    new = module.right_inverse(new)
        self.is_tensor = isinstance(new, Tensor)
        if self.is_tensor:
            _check_dtype("right_inverse", new.dtype, dtype)
            if new is not original:
                set_data(original, new.detach())
            self._hold("original", original)
        else:
            for number, part in enumerate(_tensors(new)):
                kind = Parameter if isinstance(original, Parameter) else None
                part = part.detach()
                self._hold(
                    f"original{number}", kind(part, original.requires_grad) if kind else part
                )
        self.ntensors = 1 if self.is_tensor else len(new)
        if not unsafe:
            _check_same("the parametrization", self(), shape, dtype)

    def _hold(self, name: str, tensor: Any) -> None:
        if isinstance(tensor, Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)

    def _originals(self) -> list[Any]:
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{number}") for number in range(self.ntensors)]

    def forward(self) -> Any:
        first, *others = self
        value = first(*self._originals())
        for module in others:
            value = module(value)
        return value

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the result is `value`, as far as the parametrizations can."""
        new = value if isinstance(value, Tensor) else asarray(value)
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise ArgumentTypeError(
                        f"{type(module).__name__} has no right_inverse, so a value cannot be "
                        "assigned; change the originals instead"
                    )
                new = module.right_inverse(new)
        parts = [new] if isinstance(new, Tensor) else _tensors(new)
        originals = self._originals()
        if len(parts) != len(originals):
            raise ArgumentError(
                f"right_inverse returned {len(parts)} tensors; there are {len(originals)} originals"
            )
        for part, original in zip(parts, originals, strict=True):
            _check_dtype("right_inverse", part.dtype, original.dtype)
        for part, original in zip(parts, originals, strict=True):
            set_data(original, part.detach())


def register_parametrization(
    module: Any, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Any:
    """Make a parameter or buffer of a module a function of what it was; returns the module.

    From then on `module.weight`, if that is the `tensor_name`, is `parametrization(original)`,
    where the original is what the optimizer trains: `module.parametrizations.weight.original`. A
    second parametrization of the same tensor takes the result of the first. A method
    `right_inverse` of the parametrization, if there is one, gives the original for a value: it sets
    the first original, and it is what an assignment to `module.weight` uses. The dtype and shape
    must stay unless `unsafe`.

    >>> import autograd as ag
    >>> import nn
    >>> from nn.utils import parametrize
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return ag.triu(x) + ag.triu(x, 1).mT
    >>> layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> w = layer.weight.detach()
    >>> bool(ag.all(w == w.mT))
    True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        held = module.parametrizations[tensor_name]
        if not unsafe:
            with no_grad():
                value = getattr(module, tensor_name)
                _check_same("the parametrization", parametrization(value), value.shape, value.dtype)
        held.append(parametrization)
        held.unsafe = held.unsafe or unsafe
        return module
    original = module._parameters.get(tensor_name)
    if original is None:
        original = module._buffers.get(tensor_name)
    if original is None:
        names = ", ".join(n for n, _ in (*module.named_parameters(recurse=False),
                                         *module.named_buffers(recurse=False)))  # fmt: skip
        raise ArgumentError(
            f"{type(module).__name__} has no parameter or buffer {tensor_name!r}; it has "
            f"{names or 'none'}"
        )
    if is_lazy(original):
        raise ArgumentError(
            f"{tensor_name} of {type(module).__name__} has no shape yet: call the module once "
            "before it is parametrized"
        )
    made = ParametrizationList([parametrization], original, unsafe)
    made.train(module.training)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.parametrizations = ModuleDict().train(module.training)
    module.parametrizations[tensor_name] = made
    _take_class(module)
    return module


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a tensor of the module is parametrized: `tensor_name`, or any if that is None.

    >>> import nn
    >>> from nn.utils import parametrize
    >>> parametrize.is_parametrized(nn.Linear(2, 2), "weight")
    False
    """
    held = module.__dict__.get("parametrizations")
    if not isinstance(held, ModuleDict):
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def type_before_parametrizations(module: Any) -> type:
    """The class of a module without its parametrizations.

    >>> import nn
    >>> from nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(2, 3))
    >>> parametrize.type_before_parametrizations(layer).__name__
    'Linear'
    """
    kind = type(module)
    return kind._plain_class if issubclass(kind, _Parametrized) else kind


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make a parametrized tensor, `tensor_name`, an ordinary one again; returns the module.

    It keeps its value, or with `leave_parametrized=False` gets the original's, where there is one
    original. A single original stays the same object, so an optimizer need not be told.

    >>> import nn
    >>> from nn.utils import parametrizations, parametrize
    >>> layer = parametrizations.weight_norm(nn.Linear(2, 3))
    >>> parametrize.remove_parametrizations(layer, "weight")
    Linear(in_features=2, out_features=3, bias=True)
    """
    if not is_parametrized(module, tensor_name):
        raise ArgumentError(f"{type(module).__name__} has no parametrization of {tensor_name!r}")
    held = module.parametrizations[tensor_name]
    originals = held._originals()
    if not leave_parametrized and not held.is_tensor:
        raise ArgumentError(
            f"{tensor_name} depends on {len(originals)} tensors, so there is no one original to go "
            "back to: leave_parametrized must be True"
        )
    result = originals[0]
    if leave_parametrized:
        with no_grad():
            value = getattr(module, tensor_name).detach()
        if held.is_tensor and value.dtype == result.dtype:
            set_data(result, value)
        elif isinstance(result, Parameter):
            result = Parameter(value, result.requires_grad)
        else:
            result = value
    for name in ("original",) if held.is_tensor else ():
        delattr(held, name)  # so that the tensor's name is free for its old place
    del module.parametrizations[tensor_name]
    if not module.parametrizations:
        del module.parametrizations
    _take_class(module)
    if isinstance(result, Parameter):
        module.register_parameter(tensor_name, result)
    else:
        module.register_buffer(tensor_name, result)
    return module


# ---- the class of a parametrized module ----------------------------------------------------------


class _Parametrized:
    """Mixed into the class of a module some of whose tensors are properties."""

    parametrizations: Any
    __getstate__: Any
    _plain_class: ClassVar[type]
    _parametrized_names: ClassVar[tuple[str, ...]]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._parametrized_names:
            self.parametrizations[name].right_inverse(value)
        else:
            super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self._plain_class, self._parametrized_names), self.__getstate__()


def _take_class(module: Any) -> None:
    """Give a module the class for what is parametrized now."""
    names = tuple(module.parametrizations) if is_parametrized(module) else ()
    plain = type_before_parametrizations(module)
    module.__class__ = _class_for(plain, names) if names else plain


@cache
def _class_for(plain: type, names: tuple[str, ...]) -> type:
    members = {"_plain_class": plain, "_parametrized_names": names}
    members |= {"__module__": plain.__module__}
    members |= {name: property(_getter(name)) for name in names}
    return type(f"Parametrized{plain.__name__}", (_Parametrized, plain), members)


def _getter(name: str) -> Any:
    def get(module: Any) -> Any:
        kept = _cache.get()
        if kept is None:
            return module.parametrizations[name]()
        key = (id(module), name, is_grad_enabled())
        if key not in kept:
            kept[key] = (module, module.parametrizations[name]())
        return kept[key][1]

    return get


def _remade(plain: type, names: tuple[str, ...]) -> Any:
    kind: Any = _class_for(plain, names)
    return kind.__new__(kind)


# ---- checks --------------------------------------------------------------------------------------


def _tensors(found: Any) -> Sequence[Any]:
    if not isinstance(found, (tuple, list)) or not all(isinstance(t, Tensor) for t in found):
        raise ArgumentTypeError(
            f"right_inverse returns a Tensor or a sequence of Tensors, not {type(found).__name__}"
        )
    return found


def _check_dtype(what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise ArgumentTypeError(
            f"{what} gives {found} for a tensor of {wanted}; the dtype must stay"
        )


def _check_same(what: str, found: Any, shape: tuple[int, ...], dtype: Any) -> None:
    if not isinstance(found, Tensor):
        raise ArgumentTypeError(f"{what} must return a Tensor, not {type(found).__name__}")
    if found.shape != shape or found.dtype != dtype:
        raise ArgumentError(
            f"{what} makes {shape} {dtype} into {found.shape} {found.dtype}: shape and dtype must "
            "stay, unless unsafe=True"
        )


guard(__name__, __all__)
