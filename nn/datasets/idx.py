"""Files of the IDX format, in which MNIST is distributed: a header with a shape, then bytes.

Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits (1998).
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["read_idx"]

_KINDS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> Any:
    """The array in an IDX file, plain or compressed with gzip; a file that is damaged raises."""
    path = Path(path)
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path} is damaged: {error}; fetch it again") from None
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in _KINDS:
        raise ValueError(f"{path} is no IDX file: it begins with {raw[:4].hex(' ') or 'nothing'}")
    axes, start = raw[3], 4 + 4 * raw[3]
    if len(raw) < start:
        raise ValueError(f"{path} is damaged: it ends inside its header")
    shape = struct.unpack(f">{axes}I", raw[4:start])
    kind = np.dtype(_KINDS[raw[2]])
    expected = math.prod(shape) * kind.itemsize
    if len(raw) - start != expected:
        raise ValueError(
            f"{path} is damaged: a {'×'.join(map(str, shape))} array of {kind} takes {expected:,} "
            f"bytes, and there are {len(raw) - start:,}"
        )
    values = np.frombuffer(raw, kind, offset=start).reshape(shape)
    return values.astype(kind.newbyteorder("="), copy=True)
