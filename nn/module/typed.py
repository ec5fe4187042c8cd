"""What type checkers know of a call: it takes and gives what the module's `forward` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, Protocol

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # which has defaults, as typing's has from Python 3.13

    from autograd import Tensor

    Out = TypeVar("Out", default=Tensor, covariant=True)
else:
    from typing import TypeVar

    Out = TypeVar("Out")

__all__ = ["Forwards", "Out", "P", "R"]

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class Forwards(Protocol[P, R]):
    """A module, by the types of its forward."""

    def forward(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the module computes."""
        raise NotImplementedError
