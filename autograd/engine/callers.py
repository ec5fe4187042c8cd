"""Where a call comes from: the frames of the user's own files."""

from __future__ import annotations

import sys

__all__ = ["caller", "callers", "variable_of"]

_OURS = ("autograd", "nn", "optim")
_AROUND = {"_pytest", "pluggy", "runpy", "threading", "IPython", "ipykernel"}  # what runs programs
_DEEP = 8  # calls that are remembered


def callers() -> tuple[tuple[str, int, str], ...]:
    """File, line and function of the frames outside autograd, nn and optim, the innermost first."""
    found: list[tuple[str, int, str]] = []
    frame = sys._getframe(1)
    while frame is not None and len(found) < _DEEP:
        root = frame.f_globals.get("__name__", "").partition(".")[0]
        if root in _AROUND and found:
            break
        code = frame.f_code
        if root not in _OURS:
            found.append((code.co_filename, frame.f_lineno, code.co_name))
            if code.co_name == "<module>":
                break
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(found)


def variable_of(value: object) -> str | None:
    """The variable that holds an array or a Tensor where the user's own code called, if one does.

    For messages: frames are searched when something has gone wrong.
    """
    if not hasattr(value, "dtype"):
        return None
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _OURS:
            around = {n: frame.f_globals.get(n) for n in frame.f_code.co_names}
            held = (frame.f_locals | around).items()
            return next((n for n, x in held if x is value and not n.startswith("_")), None)
        frame = frame.f_back  # type: ignore[assignment]
    return None


_is_ours: dict[str, bool] = {}  # by the name of a module


def caller() -> str | None:
    """`file.py:42` of the innermost frame outside autograd, nn and optim, or None."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        ours = _is_ours.get(name)
        if ours is None:
            ours = _is_ours[name] = name.partition(".")[0] in _OURS
        if not ours:
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None
