"""Where the files of a data set are: a folder that is named, the cache, or a download."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograd.errors import ArgumentError, DownloadError, MissingFileError, MissingPackageError
from autograd.system.caches import cache_folder

__all__ = ["VARIABLE", "find_files", "places", "read_text"]

VARIABLE = "CHAINGRAD_DATA"


def find_files(
    name: str,
    checksums: Mapping[str, str],
    url: str,
    path: str | os.PathLike[str] | None = None,
    elsewhere: tuple[str, ...] = (),
) -> dict[str, Path]:
    """The files of a data set by name: from `path` if given, else from the first place with all.

    The places: the folder that CHAINGRAD_DATA names (or its subfolder `name`), the cache,
    `elsewhere`, and last the network, with the md5 of every file checked.
    """
    if path is not None:
        folder = Path(path)
        if missing := [file for file in checksums if not (folder / file).is_file()]:
            raise MissingFileError(f"{name}: {folder} has no {', '.join(missing)}")
        return {file: folder / file for file in checksums}
    for folder in places(name, elsewhere):
        if all((folder / file).is_file() for file in checksums):
            return {file: folder / file for file in checksums}
    return _download(name, checksums, url)


def places(name: str, elsewhere: tuple[str, ...] = ()) -> Iterator[Path]:
    """The folders where the files of a data set may be, the likeliest first."""
    if base := os.environ.get(VARIABLE):
        yield Path(base) / name
        yield Path(base)
    yield cache_folder() / name
    yield from map(Path, elsewhere)


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text in a file; ValueError with the line of what is no such text."""
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ArgumentError(f"{path} is UTF-16; save it as UTF-8")
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        name = "ASCII" if encoding == "ascii" else "UTF-8"
        raise ArgumentError(
            f"{path}, line {line}: byte 0x{error.object[error.start]:02x} is no {name}"
        ) from None


def _download(name: str, checksums: Mapping[str, str], url: str) -> dict[str, Path]:
    try:
        pooch: Any = importlib.import_module("pooch")
    except ImportError:
        raise MissingPackageError(
            f"{name} is neither in the folder of {VARIABLE} nor in {cache_folder()}, and "
            "downloading it needs pooch:  pip install pooch"
        ) from None
    folder = cache_folder() / name
    found = {}
    for file, md5 in checksums.items():
        try:
            found[file] = Path(
                pooch.retrieve(url + file, f"md5:{md5}", fname=file, path=folder,
                               progressbar=sys.stderr.isatty())
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise DownloadError(
                f"{name}: {url}{file} could not be fetched ({error}).\n  Without a network, put "
                f"{', '.join(checksums)} into a folder, and name it: path=..., or the variable "
                f"{VARIABLE}."
            ) from error
    return found
