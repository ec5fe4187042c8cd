"""What programs set at `torch.backends`, without effect here."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

__all__ = ["Switches", "flags", "is_available", "is_built"]


class Switches:
    """Attributes that may be read and set."""

    def __init__(self, **switches: Any) -> None:
        vars(self).update(switches)


def is_available() -> bool:
    """Whether it is used: no."""
    return False


is_built = is_available


def flags(*args: Any, **kwargs: Any) -> Any:
    """A context manager that changes nothing."""
    return nullcontext()
