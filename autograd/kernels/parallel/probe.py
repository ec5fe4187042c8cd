"""What a function is made of is seen by a Probe in the place of its argument."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Probe", "is_symbol"]

_WITHOUT_UFUNC = frozenset((np.where, np.clip))


def is_symbol(x: Any) -> bool:
    """Whether a value stands for an array, and a formula on it is written down, not computed."""
    return hasattr(type(x), "__autograd_op__")


class Probe(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an argument, and notes which of NumPy's functions are called.

    What must not go in blocks, as its bits depend on where an element lies, may refuse a Probe.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, calls: list[Any]) -> None:
        self.calls = calls

    def note(self, function: Any, inputs: Any, plain: bool) -> Probe:
        result = Probe(self.calls)
        self.calls.append((function, inputs, plain, result))
        return result

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.note(ufunc, inputs, method == "__call__" and not kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.note(function, args, False) if function in _WITHOUT_UFUNC else NotImplemented

    def __bool__(self) -> bool:
        raise TypeError("a probe has no value")
