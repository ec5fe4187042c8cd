"""What one process leaves for the next: the user's folder, and in it what takes time to make."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["VARIABLE", "cache_folder", "kept"]

VARIABLE = "CHAINGRAD_CACHE_DIR"
MOST = 4096  # files of a kind
_DIGEST = 32  # bytes at the beginning of a file


def cache_folder() -> Path:
    """The user's: $XDG_CACHE_HOME/chaingrad, or what the system has in its place."""
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "chaingrad"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "chaingrad" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "chaingrad"
    return Path.home() / ".cache" / "chaingrad"


def kept(kind: str, name: str, make: Callable[[], bytes]) -> bytes:
    """What `make` gives, or what it gave an earlier process under that name.

    It lies in a folder of that kind, in the one that CHAINGRAD_CACHE_DIR names or in the user's;
    where that is empty nothing is kept. A file begins with a digest of the rest, so that one that
    is damaged is made anew. Nothing is read from a folder that others may write to, and what cannot
    be read or written is no error.
    """
    folder = _folder(kind, os.environ.get(VARIABLE))
    if folder is None:
        return make()
    path = folder / name
    found = _read(path)
    if found is not None:
        return found
    made = make()
    with suppress(OSError):
        _write(path, hashlib.sha256(made).digest() + made)
    return made


@cache
def _folder(kind: str, named: str | None) -> Path | None:
    """The folder, if it is the user's own; the files used least lately are removed if many."""
    if named == "":
        return None
    try:
        folder = (Path(named) if named else cache_folder()) / kind
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = folder.stat()
        if hasattr(os, "geteuid") and (there.st_uid != os.geteuid() or there.st_mode & 0o022):
            return None
        files = sorted((f.stat().st_mtime, f.path) for f in os.scandir(folder))
        for _, path in files[: len(files) - MOST // 2] if len(files) > MOST else ():
            with suppress(FileNotFoundError):  # another process was faster
                os.unlink(path)
    except (OSError, RuntimeError):  # there is no home, or nothing can be written there
        return None
    return folder


def _read(path: Path) -> bytes | None:
    """What a file holds, if it is there and whole."""
    try:
        found = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(found[_DIGEST:]).digest() != found[:_DIGEST]:
        return None
    with suppress(OSError):  # it may be read alone
        os.utime(path)  # lately used
    return found[_DIGEST:]


def _write(path: Path, content: bytes) -> None:
    """At once, or not at all."""
    beside = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
