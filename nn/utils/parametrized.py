"""The class of a parametrized module: one of its own, in which what is computed are properties.

It is derived from the module's class, and kept by (class, names), so that copies share it.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar

from autograd.engine.modes import is_grad_enabled

__all__ = ["kept_values", "plain_class", "take_class"]

# Within `cached()`: (module, value) by the module's id, the name, and whether gradients are wanted.
kept_values: ContextVar[dict[Any, Any] | None] = ContextVar("nn_parametrizations", default=None)


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


def plain_class(module: Any) -> type:
    """The class that a module had before, and has without them."""
    return module._plain_class if isinstance(module, _Parametrized) else type(module)


def take_class(module: Any, names: tuple[str, ...]) -> None:
    """Give a module the class in which these names are properties."""
    plain = plain_class(module)
    module.__class__ = _class_for(plain, names) if names else plain


@cache
def _class_for(plain: type, names: tuple[str, ...]) -> type:
    members = {"_plain_class": plain, "_parametrized_names": names}
    members |= {"__module__": plain.__module__}
    members |= {name: property(_getter(name)) for name in names}
    return type(f"Parametrized{plain.__name__}", (_Parametrized, plain), members)


def _getter(name: str) -> Any:
    def get(module: Any) -> Any:
        kept = kept_values.get()
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
