"""What type checkers know of a call: it takes and gives what the module's `forward` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, Protocol

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # which has defaults, as typing's has from Python 3.13

    from autograd import Tensor
    from nn.module.module import Module

    M = TypeVar("M", bound=Module, default=Module)
    Out = TypeVar("Out", default=Tensor, covariant=True)
else:
    from typing import TypeVar

    M, Out = TypeVar("M"), TypeVar("Out")

__all__ = ["Forwards", "M", "Out", "P", "R"]

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class Forwards(Protocol[P, R]):
    """A module, by the types of its forward."""

    def forward(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the module computes."""
        raise NotImplementedError
