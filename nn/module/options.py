"""Options of layers: checked once, not at every call."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, ClassVar

from autograd import Tensor
from autograd.engine.checks import check_options
from nn.module.module import Module

__all__ = ["Configured"]


class Configured(Module):
    """Base of layers that hand a function their options as a frozen specification.

    It is made at the first call, and anew after an option was set; a copy makes its own.
    """

    _function: ClassVar[Callable[..., Any]]  # takes the same options, and says what they may be
    _options: ClassVar[tuple[str, ...]]
    rank: ClassVar[int] = 0  # the number of axes, where the function has one for each number
    _known: Any = None

    def _specify(self, name: str, rank: int, **options: Any) -> Any:
        """What the options mean, for a function of this name and so many axes."""
        raise NotImplementedError

    def _specified(self) -> Any:
        function, rank = type(self)._function, type(self).rank  # a user's layer may have a rank
        name = f"{function.__name__}{rank}d" if rank else function.__name__
        given = {option: getattr(self, option) for option in type(self)._options}
        specification = self._specify(name, rank, **check_options(name, function, given))
        if all(self._stands(option, value) for option, value in given.items()):
            self.__dict__["_known"] = specification
        return specification

    def _stands(self, option: str, value: Any) -> bool:
        """Whether it stays what it is until it is set: no list, no Tensor, no property."""
        computed = hasattr(getattr(type(self), option, None), "__get__")
        return not computed and isinstance(value, Hashable) and not isinstance(value, Tensor)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in type(self)._options:
            self.__dict__.pop("_known", None)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in type(self)._options:
            self.__dict__.pop("_known", None)
        super().__delattr__(name)

    def _to_copy(self) -> dict[str, Any]:
        state = super()._to_copy()
        state.pop("_known", None)
        return state
