"""Names that stand for something: of losses, activations, metrics and optimizers, each in a table.

A name is compared without case, underscores and spaces, so that "CrossEntropyLoss" and
"cross_entropy_loss" are one.
"""

from __future__ import annotations

from typing import Any

from autograd.engine.diagnose import check_choice

__all__ = ["look_up", "plain"]


def look_up(kind: str, name: str, table: dict[str, Any]) -> Any:
    """The entry of a name, or a ValueError with the nearest known one."""
    known = {plain(each): value for each, value in table.items()}
    if plain(name) not in known:
        check_choice(f"the {kind}", name, tuple(table))
    return known[plain(name)]


def plain(name: str) -> str:
    """A name without case, underscores and spaces."""
    return name.lower().replace("_", "").replace(" ", "")
