"""Checks of arguments that several families of layers share."""

from __future__ import annotations

from typing import Any

__all__ = ["check_choice"]


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """The value itself if it is one of the choices, or a ValueError that names the nearest one."""
    if value in choices:
        return str(value)
    import difflib  # late: only for the message

    *most, last = map(repr, choices)
    near = difflib.get_close_matches(str(value), choices, 1, 0.4)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{name} must be {', '.join(most)} or {last}, got {value!r}{hint}")
