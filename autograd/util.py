"""Small helpers by HIPS' names: what programs that extend it import."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.errors import MissingAttributeError

__all__ = ["func", "quick_grad_check", "subval", "subvals"]

_MOVED = {"check_grads": "test_util", "flatten": "misc.flatten", "flatten_func": "misc.flatten"}


def __getattr__(name: str) -> Any:
    if name not in _MOVED:
        raise MissingAttributeError(f"autograd.util has no {name!r}")
    return getattr(importlib.import_module(f"autograd.{_MOVED[name]}"), name)


def subvals(x: Sequence[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """A tuple with other values in some places.

    `x` is the sequence, and `ivs` are pairs of a place and a value.

    >>> subvals((1, 2, 3), [(0, 5)])
    (5, 2, 3)
    """
    new = list(x)
    for place, value in ivs:
        new[place] = value
    return tuple(new)


def subval(x: Sequence[Any], i: int, v: Any) -> tuple[Any, ...]:
    """A tuple with another value `v` in place `i` of `x`.

    >>> subval((1, 2, 3), 1, 5)
    (1, 5, 3)
    """
    return subvals(x, [(i, v)])


def func(f: Any) -> Any:
    """The function `f` itself: once, of an unbound method."""
    return f


def quick_grad_check(
    fun: Callable[..., Any], arg0: Any, extra_args: Sequence[Any] = (), **options: Any
) -> None:
    """Check the gradient of `fun` by its first argument: the old name of check_grads.

    `arg0` is that argument, and `extra_args` are the others; `options` may hold `kwargs`.
    """
    from autograd.test_util import check_grads  # late: few programs check

    warnings.warn(
        "quick_grad_check is an old name: write check_grads(f, modes=['rev'], order=1)(x)",
        DeprecationWarning,
        stacklevel=2,
    )
    given = options.get("kwargs", {})
    check_grads(lambda x: fun(x, *extra_args, **given), modes=["rev"], order=1)(arg0)
