"""nn.torch.optim.lr_scheduler: the schedules of optim, which take the `verbose=` of old."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from typing import Any

from autograd.errors import MissingAttributeError
from optim import lr_scheduler as own

_NAMES = (*dir(own), "SWALR")
__all__ = [*_NAMES, "_LRScheduler"]


class LRScheduler(own.LRScheduler):
    """Base of all schedules: a subclass says in `get_lr` what the rates are at `last_epoch`."""

    def __init__(self, optimizer: Any, last_epoch: int = -1, verbose: Any = None) -> None:
        _note(verbose)
        super().__init__(optimizer, last_epoch)

    def print_lr(self, *args: Any, **kwargs: Any) -> None:
        """Nothing, as schedules are no longer verbose."""


_LRScheduler = LRScheduler
_FACES: dict[type, Any] = {own.LRScheduler: LRScheduler}


def _note(verbose: Any) -> None:
    if verbose not in (None, False, "deprecated"):
        warnings.warn(
            "The verbose parameter is deprecated. Please use get_last_lr() to access the "
            "learning rate.",
            stacklevel=4,
        )


def _face_of(kind: Any) -> Any:
    if kind in _FACES:
        return _FACES[kind]
    bases = [_face_of(base) for base in kind.__bases__ if base.__module__.startswith("optim.")]
    where = {"__module__": __name__, "__qualname__": kind.__name__, "__doc__": kind.__doc__}
    if "__init__" in kind.__dict__:
        where["__init__"] = _constructor(kind)
    _FACES[kind] = type(kind.__name__, (kind, *bases), where)
    return _FACES[kind]


def _constructor(kind: Any) -> Any:
    made = kind.__init__
    count = len(inspect.signature(made).parameters) - 1

    @functools.wraps(made)
    def __init__(self: Any, *args: Any, verbose: Any = None, **kwargs: Any) -> None:
        if len(args) == count + 1:  # the last by position
            *args, verbose = args  # type: ignore[assignment]
        _note(verbose)
        made(self, *args, **kwargs)

    return __init__


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "SWALR":
        from optim.swa_utils import SWALR

        face = _face_of(SWALR)
    else:
        face = _face_of(getattr(own, name))
    setattr(sys.modules[__name__], name, face)
    return face


def __dir__() -> list[str]:
    return __all__
