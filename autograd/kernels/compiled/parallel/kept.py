"""Compiled loops on disk, in files named by all that their machine code depends on.

Numba numbers the files of a loop, and writes an index first and a file later. Of processes that
compile at once, as those of a training do, one may so find another's code under its own number, or
that of an older source, and run it on arrays of another kind. Here there is no index to be wrong.
"""

from __future__ import annotations

import glob
import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import caching

__all__ = ["LoopCache", "sources"]

_numbas: Any = caching  # which has no annotations


class LoopCache(_numbas.FunctionCache):  # type: ignore[misc]
    """What Numba asks for the code of a loop; RuntimeError where there is no folder for it."""

    def __init__(self, loop: Any) -> None:
        super().__init__(loop)
        stamp = self._impl.locator.get_source_stamp(), sources()
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, stamp)


class _Files(_numbas.IndexDataCacheFile):  # type: ignore[misc]
    """The files of one loop, one for each kind of arguments."""

    def __init__(self, cache_path: str, filename_base: str, source_stamp: Any) -> None:
        super().__init__(cache_path, filename_base, source_stamp)
        self._base = filename_base
        self._current = f"{filename_base}.{_digest((numba.__version__, source_stamp), 8)}."

    def _name(self, key: Any) -> str:
        return f"{self._current}{_digest(key, 24)}.nbc"

    def save(self, key: Any, data: Any) -> None:
        """Write the code, at once; what an older source has left is removed."""
        self._save_data(self._name(key), (key, data))
        place = os.path.join(glob.escape(self._cache_path), glob.escape(self._base))
        for path in glob.glob(f"{place}.*nb[ci]"):
            if not os.path.basename(path).startswith(self._current):
                with suppress(OSError):  # another process was faster
                    os.unlink(path)

    def load(self, key: Any) -> Any:
        """The code, if it is there."""
        try:
            found, data = self._load_data(self._name(key))
        except OSError:
            return None
        return data if found == key else None


@cache
def sources() -> str:
    """What tells the files of all compiled kernels: a loop is kept with all that it calls."""
    folder = Path(__file__).parents[1]
    found = ((path, path.stat()) for path in sorted(folder.rglob("*.py")))
    return _digest([(path.name, stat.st_mtime_ns, stat.st_size) for path, stat in found], 16)


def _digest(value: Any, length: int) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:length]
