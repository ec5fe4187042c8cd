"""How the modules of this room get what they do not define: from SciPy, if it is installed."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any

from autograd.core import primitive
from autograd.errors import MissingAttributeError, MissingPackageError
from autograd.numpy.numpy_wrapper import refused

__all__ = ["BORROWED", "borrowed", "scipy_function", "scipys"]


BORROWED: set[tuple[str, str]] = set()  # modules, and what they have from SciPy by now


def scipy_function(module: str, name: str) -> Any:
    """A function of SciPy, which is loaded when it is first asked for."""
    try:
        found: Any = importlib.import_module(f"scipy.{module.partition('.')[0]}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "scipy":
            raise
        raise MissingPackageError(
            f"autograd.scipy.{module}.{name} needs SciPy: pip install scipy"
        ) from None
    for part in [*module.split(".")[1:], name]:
        found = getattr(found, part)
    return found


def scipys(module: str, name: str) -> Any:
    """A primitive whose values are SciPy's; `defvjp` tells its derivative."""

    def forward(*args: Any, **kwargs: Any) -> Any:
        return scipy_function(module, name)(*args, **kwargs)

    forward.__name__ = forward.__qualname__ = name
    forward.__doc__ = f"SciPy's scipy.{module}.{name}."
    return primitive(forward)


def borrowed(face: str, module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module: SciPy's other functions, for arrays alone."""

    def __getattr__(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"module {face!r} has no attribute {name!r}")
        try:
            found = scipy_function(module, name)
        except AttributeError:
            raise MissingAttributeError(f"scipy.{module} has no {name!r}") from None
        if callable(found) and not isinstance(found, type):
            found = refused(_called(found, name), f"scipy.{module}.{name}")
        setattr(sys.modules[face], name, found)
        BORROWED.add((face, name))
        return found

    return __getattr__


def _called(function: Any, name: str) -> Callable[..., Any]:
    """A function in the place of an object that can be called, so that it has a name."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    call.__name__ = name
    return functools.update_wrapper(call, function) if hasattr(function, "__name__") else call
