"""Programs of other libraries run as they stand: `import torch` and `import keras` bring the faces.

`python -m nn.torch program.py` runs a program with `import torch` meaning `nn.torch`; `python -m
nn.keras program.py` does so for Keras. `redirect` is the same for a notebook.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from autograd.errors import ArgumentError, StateError

__all__ = ["FACES", "main", "redirect"]

FACES = {
    "torch": {"torch": "nn.torch", "torchvision": "nn.torch.vision"},
    "keras": {
        "keras": "nn.keras",
        "keras.src": "nn.keras",
        "tensorflow": "nn.keras.tensorflow",
        "tensorflow.keras": "nn.keras",
        "tensorflow.python": "nn.keras.tensorflow",
        "tensorflow.python.keras": "nn.keras",
        "tf_keras": "nn.keras",
    },
}
# Modules of Keras 1 and 2, with all that is beneath them: where their names are now.
_MOVED = {
    "nn.keras.engine": "nn.keras",
    "nn.keras.initializations": "nn.keras.initializers",
    "nn.keras.layers.experimental": "nn.keras.layers",
    "nn.keras.layers.normalization": "nn.keras.layers.normalization",  # of Keras 2, a room
    "nn.keras.objectives": "nn.keras.losses",
    "nn.keras.optimizers.legacy": "nn.keras.optimizers",
    **dict.fromkeys((f"nn.keras.utils.{name}_utils" for name in (
        "data", "generic", "io", "layer", "tf", "vis")), "nn.keras.utils"),
}  # fmt: skip


def _under(names: Iterable[str], path: str) -> str | None:
    """The longest of the names that a dotted path begins with."""
    begins = [name for name in names if f"{path}.".startswith(f"{name}.")]
    return max(begins, key=len, default=None)


class _Redirected(MetaPathFinder, Loader):
    """Finds `torch.nn` in `nn.torch.nn`: the same module under both names."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        begin = _under(self.names, name)
        if begin is None:
            return None
        home = self.names[begin] + name.removeprefix(begin)
        home = _MOVED.get(_under(_MOVED, home) or "", home)
        parent, _, last = home.rpartition(".")
        found = find_spec(home)
        if found is None:
            getattr(import_module(parent), last, None)  # which may say what to write instead
            return None
        return ModuleSpec(name, self, origin=home, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        self._own = import_module(str(spec.origin))
        self._spec = self._own.__spec__
        return self._own

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # which the import system has just taken for its own


_redirected = _Redirected()


def redirect(*libraries: str) -> None:
    """Let imports of these libraries bring the faces of this one, from now on, in this process.

    `libraries` are `"torch"` (with torchvision), `"keras"` (with tf.keras), or both. One that has
    been imported already raises StateError: what it has made would be mixed with the face's.

    >>> from nn.imports import redirect
    >>> redirect("numpy")
    Traceback (most recent call last):
    ...
    autograd.errors.ArgumentError: redirect: there is no face of 'numpy', but of keras, torch
    """
    for library in libraries:
        if library not in FACES:
            raise ArgumentError(
                f"redirect: there is no face of {library!r}, but of {', '.join(sorted(FACES))}"
            )
    homes = {name: home for library in libraries for name, home in FACES[library].items()}
    for name, home in homes.items():
        there = sys.modules.get(name)
        if there is not None and there.__name__ != home:
            raise StateError(f"redirect: {name} itself has been imported already; redirect first")
    _redirected.names |= homes
    if _redirected not in sys.meta_path:
        sys.meta_path.insert(0, _redirected)


def main(library: str, arguments: list[str] | None = None) -> Any:
    """Run a program, given as on the command line, with a library's imports redirected."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        sys.exit(f"usage: python -m {FACES[library][library]} program.py [its arguments]")
    redirect(library)
    sys.argv = given
    sys.path.insert(0, given[0].rpartition("/")[0] or ".")
    return runpy.run_path(given[0], run_name="__main__")
