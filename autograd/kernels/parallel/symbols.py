"""Functions that a loaded library keeps to itself, found in its own table of symbols.

NumPy's OpenBLAS exported all of its functions until NumPy 2.4. From 2.5 on it exports those for its
users alone; the others are still named in the file. Linux only: files of the ELF format, 64 bits.

Source: Tool Interface Standard, Executable and Linking Format, version 1.2 (1995).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["addresses", "loaded"]

_LITTLE_64 = b"\x7fELF\x02\x01"
_SYMBOL = np.dtype([("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2"),
                    ("value", "<u8"), ("size", "<u8")])  # fmt: skip
_SYMBOLS, _LOADED = 2, 1  # kinds of a section, of a segment


def loaded(part: str) -> Iterator[tuple[str, int]]:
    """(path, where its first byte lies) of the libraries with `part` in their names."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            lines = [line.split(maxsplit=5) for line in maps]
    except OSError:  # not on Linux
        return
    for line in lines:
        path = line[5].rstrip("\n") if len(line) > 5 else ""
        if part in path.rpartition("/")[2] and int(line[2], 16) == 0:
            yield path, int(line[0].partition("-")[0], 16)


def addresses(path: str, start: int, names: Sequence[bytes]) -> list[int]:
    """Where these functions of a library lie that is loaded at `start`; [] if one is not named."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:6] != _LITTLE_64:
            return []
        head: tuple[Any, ...] = struct.unpack_from("<16sHHIQQQIHHHHHH", data)
        segments = _table("<IIQQQQQQ", data, head[5], head[9], head[10])
        origin = next((s[3] for s in segments if s[0] == _LOADED and s[2] == 0), None)
        sections = _table("<IIQQQQIIQQ", data, head[6], head[11], head[12])
        symbols = next((s for s in sections if s[1] == _SYMBOLS), None)
        if origin is None or symbols is None:
            return []
        found = [_value(data, symbols, sections[symbols[6]], name) for name in names]
        return [start - origin + value for value in found] if all(found) else []


def _table(form: str, data: Any, begin: int, size: int, count: int) -> list[tuple[Any, ...]]:
    return [struct.unpack_from(form, data, begin + size * i) for i in range(count)]


def _value(data: Any, symbols: tuple[Any, ...], texts: tuple[Any, ...], name: bytes) -> int:
    """What a symbol stands for; 0 if there is none of this name."""
    begin = texts[4]
    place = data.find(b"\0" + name + b"\0", begin, begin + texts[5]) + 1 - begin
    table = np.frombuffer(data[symbols[4] : symbols[4] + symbols[5]], _SYMBOL)
    found = np.flatnonzero(table["name"] == place)
    return int(table["value"][found[0]]) if place > 0 and found.size else 0
