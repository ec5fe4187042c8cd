"""What Tensors of other libraries have, and these do not: each says what to write instead."""

from __future__ import annotations

from autograd.engine.missing import Missing, offered
from autograd.engine.spellings.attributes import TENSOR

__all__ = ["Elsewhere"]


class Elsewhere:
    """Mixed into Tensor, after all that it has."""

    __slots__ = ()

    locals().update({name: Missing(name, instead) for name, instead in TENSOR.items()})

    def __dir__(self) -> list[str]:
        return offered(self)
