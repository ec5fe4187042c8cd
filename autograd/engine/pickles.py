"""What pickles say: the public name of a class, so that they load when its file has moved.

Pickle names a class by its module. As `__module__` that stays the file, which `inspect.getsource`
and doctest go by; an instance of a public class is pickled as one of `nn.Linear`.
"""

from __future__ import annotations

import copyreg
import functools
import importlib
from typing import Any, TypeAlias

from autograd.engine.lazy_names import FACES

__all__ = ["Named", "class_of", "new", "public", "reduced"]

Named: TypeAlias = "type | tuple[str, str]"


def public(kind: type) -> Named:
    """The package that shows a class, and its name there; the class itself if it is not public."""
    for face, known in FACES.items():
        if known.get(kind.__qualname__) == kind.__module__:
            return face, kind.__qualname__
    return kind


def class_of(named: Named) -> Any:
    """The class that `public` has named."""
    if isinstance(named, type):
        return named
    return _found(*named)


@functools.cache
def _found(face: str, name: str) -> Any:
    return getattr(importlib.import_module(face), name)


def new(named: Named, *args: Any) -> Any:
    """A new instance, before its state is restored."""
    kind = class_of(named)
    return kind.__new__(kind, *args)


new.__module__, new.__qualname__ = "autograd", "_new"  # where pickles find it


def reduced(instance: Any, protocol: Any) -> Any:
    """The `__reduce_ex__` of a class whose subclasses are pickled by their public names."""
    found: Any = object.__reduce_ex__(instance, protocol)
    if found[0] is not copyreg.__newobj__:  # type: ignore[attr-defined]
        return found
    kind, *args = found[1]
    named = public(kind)
    return found if named is kind else (new, (named, *args), *found[2:])
