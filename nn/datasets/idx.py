"""Files of the IDX format, in which MNIST is distributed: a header with a shape, then bytes.

Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits (1998).
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from autograd.errors import ArgumentError

_PART = 1 << 20  # bytes
_KINDS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> Any:
    """The array in an IDX file, plain or compressed with gzip; a file that is damaged raises.

    No more is read than the header promises and one byte, whatever a compressed file may expand to.
    """
    path = Path(path)
    with path.open("rb") as plain:
        compressed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        try:
            with gzip.GzipFile(fileobj=plain) if compressed else nullcontext(plain) as file:
                return _read(path, file)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ArgumentError(f"{path} is damaged: {error}; fetch it again") from None


def _read(path: Path, file: Any) -> Any:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _KINDS:
        raise ArgumentError(f"{path} is no IDX file: it begins with {head.hex(' ') or 'nothing'}")
    axes = head[3]
    lengths = file.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise ArgumentError(f"{path} is damaged: it ends inside its header")
    shape = struct.unpack(f">{axes}I", lengths)
    kind = np.dtype(_KINDS[head[2]])
    expected = math.prod(shape) * kind.itemsize
    raw = _at_most(file, expected + 1)
    if len(raw) != expected:
        found = f"{len(raw):,}" if len(raw) < expected else "more"
        raise ArgumentError(
            f"{path} is damaged: a {'×'.join(map(str, shape))} array of {kind} takes {expected:,} "
            f"bytes, and there are {found}"
        )
    try:
        values = np.frombuffer(raw, kind).reshape(shape)
    except ValueError as error:
        raise ArgumentError(f"{path} holds an array that NumPy cannot: {error}") from None
    return values.astype(kind.newbyteorder("="), copy=True)


def _at_most(file: Any, size: int) -> bytes:
    """So many bytes, if there are so many; memory is taken as they come."""
    parts, missing = [], size
    while missing and (part := file.read(min(missing, _PART))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
