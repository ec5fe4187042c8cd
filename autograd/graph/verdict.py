"""What a check of a graph found, and how graphs reach what looks at them.

gradcheck and debugging look at graphs from outside, so that they do not import them; and this file
imports no graph, so that those which nobody makes need not be loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Verdict", "bind_readers", "read_by", "verified"]


class Verdict(Protocol):
    """What a check of a graph found: true if nothing is wrong, in words by `str`."""

    @property
    def passed(self) -> bool: ...
    @property
    def failures(self) -> tuple[Any, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def __bool__(self) -> bool: ...
    def summary(self) -> str: ...


_readers: dict[str, Callable[..., Any]] = {}  # set by `autograd`, which knows both


def bind_readers(**readers: Callable[..., Any]) -> None:
    """Tell graphs who looks at them, by the name of the look."""
    _readers.update(readers)


def verified(graph: Any, **options: Any) -> Verdict:
    """The check of a graph."""
    found: Verdict = _readers["verify"](graph, **options)
    return found


def read_by(name: str, graph: Any) -> Any:
    """What one of those who look at graphs finds in this one."""
    return _readers[name](graph)
