"""What is done once another library is imported, whichever of the two comes first."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["when_imported"]


class _Finder:
    """Finds one module as Python does, and has something done with it once it is there."""

    def __init__(self, name: str, run: Callable[[ModuleType], None]) -> None:
        self._name, self._run = name, run

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self._name or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            load = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                load(module)
                self._run(module)

            loader.exec_module = exec_module
        return spec


def when_imported(name: str, run: Callable[[ModuleType], None]) -> None:
    """Call `run` with a module, now or when it is imported."""
    if (module := sys.modules.get(name)) is not None:
        run(module)
    else:
        sys.meta_path.insert(0, _Finder(name, run))
