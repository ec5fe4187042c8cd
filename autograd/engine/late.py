"""Late: names of a package that are loaded from their files when they are first asked for.

So `import nn` costs what a program uses. Type checkers read the same names from imports under
`if TYPE_CHECKING:` in the package.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.engine.arguments import guarded

__all__ = ["late"]


def late(
    face: str, package: str, families: Mapping[str, str], modules: Sequence[str] = ()
) -> Callable[[str], Any]:
    """The `__getattr__` of a face: names that modules of a package hold, and modules of its own.

    What was asked for once is an ordinary attribute from then on. A function must not have the name
    of a module beside it, which would take its place when the module is loaded.
    """
    homes = {name: family for family, names in families.items() for name in names.split()}

    def __getattr__(name: str) -> Any:
        if name in homes:
            value = guarded(getattr(importlib.import_module(f"{package}.{homes[name]}"), name))
        elif name in modules:
            return importlib.import_module(f"{face}.{name}")
        else:
            raise AttributeError(f"module {face!r} has no attribute {name!r}")
        setattr(sys.modules[face], name, value)
        return value

    return __getattr__
