"""The data of large pages, deflated: what repeats takes no room. `page/data.js` unpacks them."""

from __future__ import annotations

import base64
import zlib

__all__ = ["FEW", "packed", "unpacked"]

FEW = 40_000  # characters that stay as they are


def packed(text: str) -> str:
    """JSON as it is, or deflated (RFC 1951) and in base 64, of whose signs `{` is none."""
    if len(text) <= FEW:
        return text
    deflated = zlib.compress(text.encode("utf-8"))[2:-4]  # without zlib's own head and tail
    return base64.b64encode(deflated).decode("ascii")


def unpacked(text: str) -> str:
    """The JSON again.

    >>> unpacked(packed("{" + " " * FEW + "}")).strip(" {}")
    ''
    """
    if text[:1] == "{":
        return text
    return zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS).decode("utf-8")
