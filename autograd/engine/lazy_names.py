"""Names of a package that are loaded from their files when they are first asked for.

So `import nn` costs what a program uses. The names stand once, in the stub beside the package
(`__init__.pyi`), as imports: type checkers read there what a name is, and `attach` where it is
defined, as SPEC 1 of Scientific Python proposes (https://scientific-python.org/specs/spec-0001/).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from autograd.engine.arguments import guarded
from autograd.engine.missing import not_in
from autograd.engine.stubs import homes

__all__ = ["FACES", "attach", "homes"]

FACES: dict[str, dict[str, str]] = {}  # public names by package, and the module of each


def attach(
    face: str, late: tuple[str, ...] | None = None, unchecked: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """The `__getattr__`, `__dir__` and `__all__` of a package, or of a module that is a face.

    What was asked for once is an ordinary attribute from then on. Functions and classes check
    their arguments, but for those named as `unchecked`. With `late`, only what comes from these
    packages waits until it is asked for.
    """
    module = sys.modules[face]
    FACES[face] = known = homes(f"{(module.__file__ or '').rpartition('.')[0]}.pyi")
    names = [*known]

    def __getattr__(name: str) -> Any:
        if name not in known:
            raise not_in(face, name, names)
        value = _loaded(face, known[name], name)
        value = value if name in unchecked else guarded(value)
        setattr(module, name, value)
        return value

    if late is not None:
        now = [(n, home) for n, home in known.items() if not f"{home}.{n}".startswith(late)]
        found = [(n, _loaded(face, home, n)) for n, home in now]  # all, before the first is checked
        vars(module).update({n: v if n in unchecked else guarded(v) for n, v in found})
    return __getattr__, lambda: names, names


def _loaded(face: str, home: str, name: str) -> Any:
    """A name from its module; a package of this name is meant, where there is one."""
    if home != face:
        value = getattr(__import__(home, fromlist=[name]), name)
        return sys.modules.get(f"{face}.{name}", value)
    return importlib.import_module(f"{face}.{name}")
