"""What the face lacks: each name of PyTorch's with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import MissingAttributeError

__all__ = ["refusing", "unknown"]


def refusing(
    face: str, found: Callable[[str], Any], refused: Mapping[str, str]
) -> Callable[[str], Any]:
    """A module's `__getattr__` that says of these names what to write instead."""

    def __getattr__(name: str) -> Any:
        if name in refused:
            raise MissingAttributeError(f"{face}.{name} is not here: {refused[name]}")
        return found(name)

    return __getattr__


def unknown(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module that has what stands in it and no more."""

    def __getattr__(name: str) -> Any:
        raise MissingAttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__
