"""Texts to learn letter by letter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nn.datasets.files import find_files, places, read_text

# file, md5, and the address that the file's name is added to
_SHAKESPEARE = (
    "input.txt",
    "6fb458f1232090904fb40fe944165e91",
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
)
_NAMES = (
    "names.txt",
    "401b3c4cac9e28a586ed15e81256680d",
    "https://raw.githubusercontent.com/karpathy/makemore/master/",
)


def tiny_shakespeare(path: str | os.PathLike[str] | None = None) -> str:
    """Scenes by Shakespeare, 1,115,394 characters, 65 different ones.

    The file comes from the folder `path`, or from where `mnist` looks (in CHAINGRAD_DATA also the
    subfolder `text`).

    Source: Karpathy, char-rnn (2015).
    """
    return _read(*_SHAKESPEARE, path, "tinyshakespeare.txt")


def names(path: str | os.PathLike[str] | None = None) -> list[str]:
    """First names, 32,033 of them, in the letters a to z; looked for as `tiny_shakespeare`.

    Source: Karpathy, makemore (2022), after the United States Social Security Administration.
    """
    return _read(*_NAMES, path).split()


def _read(file: str, md5: str, url: str, path: Any, kept_as: str | None = None) -> str:
    """A text; `kept_as` is the name that the file has in a folder of one's own."""
    if kept_as is not None:
        for folder in [Path(path)] if path is not None else places("text"):
            if (folder / kept_as).is_file():
                return read_text(folder / kept_as, "ascii")
    return read_text(find_files("text", {file: md5}, url, path)[file], "ascii")
