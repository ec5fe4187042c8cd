"""Writing files: whole or not at all, at the place that was named, and as it was there.

What is written lies beside its place under a name of its own until it is on the disk, and is then
renamed over it. As long as a process writes it holds a lock on that file. What a killed process has
left has no lock any more: whoever writes to the folder next removes it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, which by itself removes no file that is open
    fcntl = None  # type: ignore[assignment]

__all__ = ["place_of", "write_file"]

_BINARY = getattr(os, "O_BINARY", 0)  # Windows
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_OWN = re.compile(r"\.chaingrad-[0-9a-f]{16}\.tmp")
_KINDS = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket",
          stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}  # fmt: skip


def write_file(path: str | os.PathLike[str], content: bytes | str, what: str) -> Path:
    """Write a file, so that a stop at any moment leaves the old one or the new one; its path.

    Text is written as UTF-8. A symbolic link is followed; a file that is there keeps its mode and
    owner; `what` is the file's content, for messages. Raises OSError, or the kind of it that fits,
    if the file cannot be written or if what is at the place is no regular file.
    """
    path = Path(path)
    place, there = place_of(path, what)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        _remove_leftovers(place.parent)
        handle, temporary = _begin(place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                if there is not None:
                    _be_like(file.fileno(), there)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                if fcntl is not None:  # renamed under its lock, so that nobody takes it away
                    os.replace(temporary, place)
            if fcntl is None:
                os.replace(temporary, place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(place.parent)
    except OSError as error:
        raise _cannot(error.errno, what, error.strerror or str(error), path) from None
    return path


def place_of(path: Path, what: str) -> tuple[Path, os.stat_result | None]:
    """Where a file that is to be written lies, links followed, and what is there (None: nothing).

    Raises OSError, or the kind of it that fits, if it cannot be written there.
    """
    place = Path(os.path.realpath(path))
    try:
        there = place.stat()
    except FileNotFoundError:
        there = None
    except OSError as error:
        raise _cannot(error.errno, what, error.strerror, path) from None
    if there is None:
        _check_folder(place, what, path)
        return place, None
    kind = stat.S_IFMT(there.st_mode)
    if kind != stat.S_IFREG:
        number = errno.EISDIR if kind == stat.S_IFDIR else errno.EINVAL
        found = f"{_KINDS.get(kind, 'something else')} is there, not a file"
        raise _cannot(number, what, found, path)
    if not os.access(place, os.W_OK):
        raise _cannot(errno.EACCES, what, "the file that is there may not be written", path)
    _check_folder(place, what, path)
    return place, there


def _check_folder(place: Path, what: str, path: Path) -> None:
    if not place.parent.is_dir():
        raise _cannot(errno.ENOENT, what, f"there is no directory {place.parent}", path)
    if not os.access(place.parent, os.W_OK | os.X_OK):
        reason = f"no file can be made in {place.parent}, to be written beside its place"
        raise _cannot(errno.EACCES, what, reason, path)


def _cannot(number: int | None, what: str, reason: str | None, path: Path) -> OSError:
    """The error, of the class that Python has for its number."""
    return OSError(number or errno.EIO, f"cannot write {what}: {reason}", str(path))


def _begin(folder: Path) -> tuple[int, Path]:
    """A new file in a folder, which this process alone has, and its lock."""
    while True:
        path = folder / f".chaingrad-{os.urandom(8).hex()}.tmp"
        handle = os.open(path, _NEW, 0o666)  # less what the process's umask takes away
        if _locked(handle):
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), path.stat()):
                    return handle, path
        os.close(handle)  # it was taken for a leftover before it had its lock


def _locked(handle: int) -> bool:
    """Lock a file; False if another has it. Where there are no locks, no leftovers are removed."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed processes have left: files of ours that nobody has locked."""
    try:
        names = os.listdir(folder)
    except PermissionError:  # a folder that may be written and not read
        return
    for path in (folder / name for name in names if _OWN.fullmatch(name)):
        with suppress(OSError):  # it is another user's, or another process was faster
            if fcntl is None:
                os.unlink(path)
                continue
            handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(path)
            finally:
                os.close(handle)


def _be_like(handle: int, there: os.stat_result) -> None:
    """Give a new file the owner and the mode of the one that it replaces."""
    if not hasattr(os, "fchown"):
        return
    now = os.fstat(handle)
    if (now.st_uid, now.st_gid) != (there.st_uid, there.st_gid):
        with suppress(PermissionError):  # only root may give files away
            os.fchown(handle, there.st_uid, there.st_gid)
    os.fchmod(handle, stat.S_IMODE(there.st_mode))


def _flush_folder(folder: Path) -> None:
    """Have the new name on the disk too, where folders can be opened."""
    if hasattr(os, "O_DIRECTORY"):
        with suppress(OSError):  # a folder that may be written and not read
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
