"""An op takes what its forward takes, and gives Tensors where the forward gives arrays."""

from collections.abc import Callable
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    overload,
)

import numpy as np

if TYPE_CHECKING:  # so that mypy reads the ops first, and then Tensor, whose methods they are
    from autograd.tensors.tensor import Tensor as Tensor

P = ParamSpec("P")
Out = TypeVar("Out", covariant=True)

class SupportsArray(Protocol):
    """A data frame, or an array of another library."""

    def __array__(self) -> np.ndarray[Any, Any]: ...

Array: TypeAlias = Any
ArrayLike: TypeAlias = (
    Tensor
    | np.ndarray[Any, Any]
    | np.generic
    | complex
    | list[Any]
    | tuple[Any, ...]
    | SupportsArray
)

class Define(Protocol[Out]):
    """Makes the public function of a forward: its first input is checked, the others are any."""

    def __call__(
        self, forward: Callable[Concatenate[Any, P], Any]
    ) -> Callable[Concatenate[ArrayLike, P], Out]: ...

class Definer(Protocol):
    @overload
    def __call__(
        self, formula: str, /, *, counts: Literal[True], outputs: Literal[0], **options: Any
    ) -> Define[Tensor | Any]: ...  # one, or as many as the arguments say
    @overload
    def __call__(
        self, formula: str, /, *, outputs: Literal[0], **options: Any
    ) -> Define[tuple[Tensor, ...]]: ...
    @overload
    def __call__(
        self, formula: str, /, *, outputs: Literal[2], **options: Any
    ) -> Define[tuple[Tensor, Tensor]]: ...
    @overload
    def __call__(
        self, formula: str, /, *, outputs: Literal[3], **options: Any
    ) -> Define[tuple[Tensor, Tensor, Tensor]]: ...
    @overload
    def __call__(
        self, formula: str, /, *, outputs: int, **options: Any
    ) -> Define[tuple[Tensor, ...]]: ...
    @overload
    def __call__(self, formula: str, /, **options: Any) -> Define[Tensor]: ...

def defines(definer: Callable[..., Any]) -> Definer: ...
