"""Names that layers get when they are given none: dense, dense_1, ..."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["reset_names", "snake", "unique_name"]

_given: Counter[str] = Counter()


def snake(name: str) -> str:
    """A class's name as Keras writes it: Conv2D -> conv2d, MaxPooling2D -> max_pooling2d."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def unique_name(prefix: str) -> str:
    """The prefix, with a number from the second time on."""
    count = _given[prefix]
    _given[prefix] += 1
    return f"{prefix}_{count}" if count else prefix


def reset_names() -> None:
    """Count anew, as `clear_session` does."""
    _given.clear()
