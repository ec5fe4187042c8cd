"""Hooks of modules: functions that see, and may replace, what goes in and what comes out."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.errors import ArgumentTypeError, MissingMethodError
from nn.module.backward_hooks import BackwardCall

__all__ = ["ComputesAttribute", "HookHandle", "Hooks", "compute_attributes"]

_ids = itertools.count()


class Hook(NamedTuple):
    """A function, and how it wants to be called."""

    call: Callable[..., Any]
    with_kwargs: bool = False
    always: bool = False  # also when forward raises


class ComputesAttribute:
    """Base of hooks that set the attribute `name` before each call of their module."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, module: Any, args: Any) -> None:
        raise MissingMethodError(f"{type(self).__name__} has no __call__()")


def compute_attributes(module: Any) -> None:
    """Compute what a call of a module would, for one whose weights are read without a call."""
    for hook in module._hooks.before.values() if module._hooks else ():
        if isinstance(hook.call, ComputesAttribute):
            hook.call(module, ())


class Hooks:
    """The hooks of one module, in the order of registration."""

    def __init__(self) -> None:
        self.before: dict[int, Hook] = {}  # hook(module, args[, kwargs])
        self.after: dict[int, Hook] = {}  # hook(module, args[, kwargs], output)
        self.backward_before: dict[int, Any] = {}  # hook(module, grad_output)
        self.backward: dict[int, Any] = {}  # hook(module, grad_input, grad_output)

    def __bool__(self) -> bool:
        return bool(self.before or self.after or self.backward_before or self.backward)

    def computed(self) -> list[str]:
        """The attributes that a hook computes before each call, such as a normalised weight."""
        calls: list[Any] = [hook.call for hook in self.before.values()]
        return [call.name for call in calls if isinstance(call, ComputesAttribute)]

    def run(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`module.forward` between its hooks; what a hook returns, if anything, takes over."""
        called: set[int] = set()
        try:
            for hook in tuple(self.before.values()):
                args, kwargs = _replaced_arguments(hook, module, args, kwargs)
            call = self._backward_call(module)
            if call is not None:
                args = call.enter(args)
            output = module.forward(*args, **kwargs)
            for key, hook in tuple(self.after.items()):
                called.add(key)
                output = _replaced_output(hook, module, args, kwargs, output)
        except Exception:
            for key, hook in tuple(self.after.items()):
                if hook.always and key not in called:
                    _call_last(hook, module, args, kwargs)
            raise
        return output if call is None else call.leave(output)

    def _backward_call(self, module: Any) -> BackwardCall | None:
        if not (self.backward_before or self.backward):
            return None
        before, after = self.backward_before.values(), self.backward.values()
        return BackwardCall(module, tuple(before), tuple(after))


def _replaced_arguments(
    hook: Hook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if not hook.with_kwargs:
        replaced = hook.call(module, args)
        if replaced is not None:
            args = replaced if isinstance(replaced, tuple) else (replaced,)
        return args, kwargs
    replaced = hook.call(module, args, kwargs)
    if replaced is None:
        return args, kwargs
    if not (isinstance(replaced, tuple) and len(replaced) == 2):
        raise ArgumentTypeError(
            f"a forward pre-hook with kwargs returns None or (args, kwargs), not "
            f"{type(replaced).__name__}"
        )
    return replaced


def _replaced_output(
    hook: Hook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> Any:
    seen = (args, kwargs) if hook.with_kwargs else (args,)
    replaced = hook.call(module, *seen, output)
    return output if replaced is None else replaced


def _call_last(hook: Hook, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Call a hook after forward has failed; a second failure must not hide the first."""
    try:
        _replaced_output(hook, module, args, kwargs, None)
    except Exception as error:  # noqa: BLE001 - reported, and the first error is raised
        warnings.warn(f"a forward hook failed after forward had: {error!r}", stacklevel=4)


class HookHandle:
    """What registering a hook returns: `remove()` takes the hook away, and so does `with`."""

    __slots__ = ("_hooks", "_id")

    def __init__(
        self,
        hooks: dict[int, Any],
        hook: Callable[..., Any],
        entry: Any = None,
        first: bool = False,
    ) -> None:
        if not callable(hook):
            raise ArgumentTypeError(
                f"a hook is a function of the module, not {type(hook).__name__}"
            )
        self._hooks = hooks
        self._id = next(_ids)
        later = dict(hooks) if first else {}
        for key in later:
            del hooks[key]
        hooks[self._id] = entry or hook
        hooks.update(later)

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self._id, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
