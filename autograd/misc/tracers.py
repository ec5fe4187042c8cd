"""HIPS' name for functions whose graph stays the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["const_graph"]


def const_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """A function with its first arguments filled in, whose graph does not depend on the others.

    `fun` is called each time: recording is cheap here, so that nothing has to be kept. `args` and
    `kwargs` are what is filled in.

    >>> const_graph(lambda x, y: x * y, 2.0)(3.0)
    6.0
    """
    return functools.wraps(fun)(functools.partial(fun, *args, **kwargs))
