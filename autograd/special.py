"""Special functions by PyTorch's names (torch.special) and SciPy's, for Tensors.

Values are accurate to a few units in the last place, as are first derivatives (of functions that
oscillate, on the scale of their waves beside a zero); single precision is computed in double.

It is what SciPy asks for a function of its own where `SCIPY_ARRAY_API=1` lets it use the namespace
of its arguments: `scipy.special.erf(x)` is `autograd.special.erf(x)` then, and records. One without
a derivative here computes with Tensors that need none, and raises UnsupportedError for others.

>>> import autograd as ag
>>> ag.special.ndtr(ag.Tensor([0.0], requires_grad=True))
Tensor([0.5], dtype=float32, op=ndtr)
"""

from __future__ import annotations

import sys
from typing import Any

from autograd.engine.trail import seen
from autograd.errors import MissingAttributeError, UnsupportedError
from autograd.ops.special import functions as _ours
from autograd.scipy import special as recorded
from autograd.scipy.names import BORROWED, scipy_function
from autograd.tensors.tensor import Tensor, asarray

# SciPy writes them with others of its functions, which record
_COMPOSED = frozenset(("betaincc", "stdtr"))
_BY_NAME = frozenset(_ours.__all__)
_TOOLS = frozenset((
    "Any", "ArgumentError", "ag", "annotations", "borrowed", "defvjp", "np", "ours", "raw",
    "scipys",
))  # fmt: skip


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name in _COMPOSED:
        raise MissingAttributeError(f"autograd.special has no {name!r}")
    if name in _BY_NAME:
        return getattr(_ours, name)
    if (mine := recorded_by(name)) is not None:
        return mine
    try:
        function = scipy_function("special", name)
    except AttributeError:
        raise MissingAttributeError(f"autograd.special and SciPy have no {name!r}") from None
    found = _of_values(function, name) if callable(function) else function
    setattr(sys.modules[__name__], name, found)
    return found


def __dir__() -> list[str]:
    named = {n for n in vars(recorded) if (recorded.__name__, n) not in BORROWED}
    return sorted(_BY_NAME | {n for n in named - _TOOLS if n[0] != "_"})


def recorded_by(name: str) -> Any:
    """The function with derivatives that has a name of SciPy's, or None."""
    if name in vars(recorded) and (recorded.__name__, name) not in BORROWED:
        return getattr(recorded, name)
    return None


def _of_values(function: Any, name: str) -> Any:
    """A function of SciPy for Tensors that need no gradient."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if any(getattr(value, "requires_grad", False) for value in (*args, *kwargs.values())):
            raise UnsupportedError(
                f"scipy.special.{name} has no derivative here: write it with functions that have "
                "one, as a primitive with rules (autograd.extend), or give it x.detach()"
            )

        def numbers(value: Any) -> Any:
            return seen(value, f"scipy.special.{name}") if isinstance(value, Tensor) else value

        given = {key: numbers(value) for key, value in kwargs.items()}
        found = function(*map(numbers, args), **given)
        return tuple(map(asarray, found)) if isinstance(found, tuple) else asarray(found)

    call.__name__ = call.__qualname__ = name
    return call
