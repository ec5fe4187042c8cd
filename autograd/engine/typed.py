"""What type checkers are told of ops: `typed.pyi` beside this file says it.

The engine runs without Tensor, which is built on it. So the types of what ops give stand in a stub,
which nothing imports when a program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Array", "ArrayLike", "Tensor", "defines"]

Array = Any  # an ndarray or NumPy scalar in a rule's first reading; a Tensor or symbol in others
ArrayLike = Tensor = Any


def defines(definer: Callable[..., Any]) -> Callable[..., Any]:
    """Tell type checkers that a function makes decorators of forwards."""
    return definer
