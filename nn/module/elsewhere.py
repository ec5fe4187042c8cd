"""What modules of other libraries have, and these do not: each says what to write instead."""

from __future__ import annotations

from autograd.engine.missing import Missing, offered
from autograd.engine.spellings.attributes import MODULE

__all__ = ["Elsewhere"]


class Elsewhere:
    """Mixed into Module, after all that it has; what is set on a module takes its place."""

    locals().update({name: Missing(name, instead) for name, instead in MODULE.items()})

    def __dir__(self) -> list[str]:
        return offered(self)
