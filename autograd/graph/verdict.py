"""What a check of a graph found, and how graphs reach what checks them.

gradcheck looks at graphs from outside, so that they do not import it; and this file imports no
graph, so that those which nobody makes need not be loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Verdict", "bind_verify", "verified"]


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


_verify: Callable[..., Verdict]  # set by `autograd`, which knows both


def bind_verify(verify: Callable[..., Verdict]) -> None:
    """Tell graphs how they are checked."""
    global _verify
    _verify = verify


def verified(graph: Any, **options: Any) -> Verdict:
    """The check of a graph."""
    return _verify(graph, **options)
