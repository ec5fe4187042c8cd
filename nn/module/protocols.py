"""Python's protocols of a module: it is copied, pickled and printed, however deep it is nested."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Self

from autograd.engine.pickles import reduced
from nn.module.state import ModuleState
from nn.module.tree import M, children_first

__all__ = ["ModuleProtocols"]

_WAY = 50  # levels below


class ModuleProtocols(ModuleState[M]):
    """Copying, pickling and printing, level by level: recursion would end Python's stack."""

    _kind: str
    _hooks: Any
    __reduce_ex__ = reduced

    def _to_copy(self) -> dict[str, Any]:
        """What a copy or pickle takes: what a hook computes before each call, as a mere value."""
        state = dict(self.__dict__)
        for name in self._hooks.computed() if self._hooks else ():
            state[name] = state[name].detach()
        return state

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        pairs: list[tuple[Any, Any]] = [
            (module, type(module).__new__(type(module)))
            for module in self.modules()
            if module is self or (id(module) not in memo and _inherits(module, "__deepcopy__"))
        ]
        memo.update((id(module), new) for module, new in pairs)  # so that none is met on the way
        for module, new in pairs:
            new.__dict__.update(copy.deepcopy(module._to_copy(), memo))
            new._place_alone("", "")  # a copy hangs nowhere yet
        copied: Any = memo[id(self)]
        copied._place("", "")
        return copied

    # Pickle saves what an object holds before the object is done, and so goes as deep as modules
    # are nested. Those that lie some way below are saved first; then it meets them as known.

    def __getstate__(self) -> dict[str, Any]:
        level: list[Any] = [self]
        for _ in range(_WAY):
            level = list(dict.fromkeys(c for module in level for c in module.children()))
        return {"_below": level, **self._to_copy()} if level else self._to_copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.pop("_below", None)

    def extra_repr(self) -> str:
        """What a layer adds to its own line of the printed model."""
        return ""

    def _shown(self, texts: Mapping[Any, str]) -> Iterable[tuple[str, str]]:
        """(label, text) of each module set on this one, as they are printed."""
        return ((name, texts[child]) for name, child in self._modules.items())

    def __repr__(self) -> str:
        texts: dict[Any, str] = {None: "None"}
        for module in children_first(self):
            is_plain = module is self or _inherits(module, "__repr__")
            texts[module] = module._text(texts) if is_plain else repr(module)
        return texts[self]

    def _text(self, texts: Mapping[Any, str]) -> str:
        lines = [line for line in self.extra_repr().split("\n") if line]
        shown = self._shown(texts)
        children = [f"({label}): {text}".replace("\n", "\n  ") for label, text in shown]
        if not children and len(lines) <= 1:
            return f"{self._kind}({''.join(lines)})"
        return f"{self._kind}(" + "".join(f"\n  {line}" for line in lines + children) + "\n)"


def _inherits(module: Any, method: str) -> bool:
    return getattr(type(module), method) is getattr(ModuleProtocols, method)
