"""Names that layers get when they are given none: dense, dense_1, ..."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from typing import Any

__all__ = ["renamed", "reset_names", "snake", "unique_name"]

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


def renamed(
    kind: str, given: dict[str, Any], names: Mapping[str, str], stacklevel: int = 3
) -> dict[str, Any]:
    """Arguments by the names that they have now; each old one is warned of.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     renamed("fit", {"nb_epoch": 2, "verbose": 0}, {"nb_epoch": "epochs"})
    {'epochs': 2, 'verbose': 0}
    """
    found = {}
    for name, value in given.items():
        now = names.get(name, name)
        if now != name:
            warnings.warn(
                f"{kind}: {name} is an old name; write {now}",
                DeprecationWarning,
                stacklevel=stacklevel,
            )
        found[now] = value
    return found
