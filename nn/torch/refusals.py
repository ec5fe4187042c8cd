"""Names of PyTorch that are not here, and what to write instead."""

from __future__ import annotations

from autograd.errors import MissingAttributeError

__all__ = ["missing", "reason"]


def reason(where: str, name: str) -> str | None:
    """What to write instead of a name of PyTorch's; None for a name that nobody has."""
    return None


def missing(where: str, name: str) -> MissingAttributeError:
    """The error for a name that is not here."""
    why = reason(where, name)
    return MissingAttributeError(f"{where} has no {name!r}" + (f": {why}" if why else ""))
