"""Hooks of modules: functions that see, and may replace, what goes in and what comes out."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

__all__ = ["HookHandle", "Hooks"]

_ids = itertools.count()


class Hooks:
    """The hooks of one module, in the order of registration."""

    def __init__(self) -> None:
        self.before: dict[int, Callable[..., Any]] = {}  # hook(module, args)
        self.after: dict[int, Callable[..., Any]] = {}  # hook(module, args, output)

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    def run(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`module.forward` between its hooks; what a hook returns, if anything, takes over."""
        for before in tuple(self.before.values()):
            replaced = before(module, args)
            if replaced is not None:
                args = replaced if isinstance(replaced, tuple) else (replaced,)
        output = module.forward(*args, **kwargs)
        for after in tuple(self.after.values()):
            replaced = after(module, args, output)
            if replaced is not None:
                output = replaced
        return output


class HookHandle:
    """What registering a hook returns: `remove()` takes the hook away, and so does `with`."""

    __slots__ = ("_hooks", "_id")

    def __init__(self, hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> None:
        if not callable(hook):
            raise TypeError(f"a hook is a function of the module, not {type(hook).__name__}")
        self._hooks = hooks
        self._id = next(_ids)
        hooks[self._id] = hook

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self._id, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
