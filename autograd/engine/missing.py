"""Errors for names that are not here, and what to write instead: attributes, names, keywords."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from autograd.engine.stubs import homes
from autograd.errors import ArgumentTypeError, MissingAttributeError, MissingNameError

__all__ = [
    "Missing",
    "nearest",
    "not_in",
    "offered",
    "refuse_meaning",
    "refuse_place",
    "unexpected",
]

_STUBS = {
    "autograd": "autograd/__init__.pyi",
    "autograd.functional": "autograd/functional/__init__.pyi",
    "autograd.fft": "autograd/ops/fft/__init__.pyi",
    "autograd.linalg": "autograd/ops/linalg/__init__.pyi",
    "autograd.onnx": "autograd/onnx/__init__.pyi",
    "nn": "nn/__init__.pyi",
    "nn.functional": "nn/functional.pyi",
    **{
        f"nn.{room}": f"nn/{room}/__init__.pyi"
        for room in ("callbacks", "data", "datasets", "init", "metrics", "models", "utils")
    },
    "optim": "optim/__init__.pyi",
    "optim.lr_scheduler": "optim/lr_scheduler/__init__.pyi",
}


_FEW = 8  # names that are listed


class Missing:
    """Stands in a class for an attribute that other libraries have: its error says what to write.

    A `__getattr__` would answer for every name, but then Python looks all attributes up in its slow
    way: ops on scalars took a fifth longer with one.
    """

    __slots__ = ("instead", "name")

    def __init__(self, name: str, instead: str) -> None:
        self.name = name
        self.instead = instead

    def __get__(self, instance: object, owner: type) -> object:
        raise MissingAttributeError(
            f"{owner.__name__!r} object has no attribute {self.name!r}: {self.instead}",
            name=self.name,
            obj=owner if instance is None else instance,
        )


def offered(instance: object) -> list[str]:
    """What `dir()` says: all names but those that stand for what is not there; runs no property."""
    found: dict[str, object] = {}
    for kind in reversed(type(instance).__mro__):
        found |= vars(kind)
    found |= getattr(instance, "__dict__", {})
    return [name for name in object.__dir__(instance) if not isinstance(found.get(name), Missing)]


def not_in(face: str, name: str, known: Iterable[str]) -> Exception:
    """The error for a name that a package does not have."""
    hint = "" if name.startswith("_") else _instead(face, name, list(known))
    text = f"module {face!r} has no attribute {name!r}{hint}"
    from opcode import opmap

    asks = sys._getframe(2)  # of `from nn import Conv2D` Python would say that it cannot, no more
    if hint and asks.f_code.co_code[asks.f_lasti] == opmap["IMPORT_FROM"]:
        return MissingNameError(f"cannot import name {name!r} from {face!r}{hint}", name=name)
    return MissingAttributeError(text)


def unexpected(where: str, keyword: str, known: Iterable[str]) -> ArgumentTypeError:
    """The error for a keyword that a function does not take."""
    from autograd.engine.spellings.keywords import RENAMED, UNNEEDED  # late: only for the message

    names = list(known)
    ours = [name for name in RENAMED.get(keyword, "").split() if name in names]
    said = UNNEEDED.get(f"{where}.{keyword}") or UNNEEDED.get(keyword)
    hint = f"; {said}" if said else nearest(keyword, names)
    hint = f"; it is spelled {ours[0]}" if ours else hint
    if not hint and 0 < len(names) <= _FEW:
        hint = f"; it takes {', '.join(names)}"
    call = where if where.endswith(")") else f"{where}()"
    text = f"{call} got an unexpected keyword argument {keyword!r}"
    return ArgumentTypeError(text + hint)


def refuse_meaning(where: str, keyword: str, given: Iterable[str]) -> None:
    """Raise where a keyword of PyTorch's tells that its function is meant, which differs."""
    if keyword != "dim":
        return
    from autograd.engine.spellings.meanings import OF_PYTORCH  # late: few write dim

    said = OF_PYTORCH.get(where)
    if said and not {"correction", "ddof"} & set(given):
        raise ArgumentTypeError(f"{where}: PyTorch's {where}(dim=) {said}")


def refuse_place(where: str) -> None:
    """Raise where an argument in third place means something else in PyTorch."""
    from autograd.engine.spellings.meanings import BY_NAME_ALONE  # late: few calls have so many

    if where in BY_NAME_ALONE:
        raise ArgumentTypeError(f"{where}: {BY_NAME_ALONE[where]}")


def _instead(face: str, name: str, known: list[str]) -> str:
    from autograd.engine.spellings.names import NAMES  # late: only for the message

    if instead := NAMES.get(face, {}).get(name):
        return f": {instead}"
    if homes := [home for home in _STUBS if home != face and name in _names_of(home)]:
        return f": there is {' and '.join(f'{home}.{name}' for home in homes)}"
    if same := {n.lower(): n for n in known}.get(name.lower()):
        return f"; did you mean {same!r}?"
    near = nearest(name, known)
    if not near and face == "autograd" and callable(getattr(np, name, None)):
        return f": np.{name} of arrays, x.numpy(), computes it without a gradient"
    if not near and (longer := [n for n in known if len(name) > 2 and name.lower() in n.lower()]):
        return f"; did you mean {' or '.join(map(repr, longer[:2]))}?"
    return near or (f"; it has {', '.join(known)}" if 0 < len(known) <= _FEW else "")


@functools.cache
def _names_of(home: str) -> frozenset[str]:
    """The public names of a package, which need not have been imported."""
    return frozenset(homes(str(Path(__file__).parents[2] / _STUBS[home])))


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message that asks for the nearest of the known names; empty without one."""
    import difflib

    near = difflib.get_close_matches(name, [*known], 1, 0.65)
    return f"; did you mean {near[0]!r}?" if near else ""
