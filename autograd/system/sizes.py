"""Sizes of memory in words."""

from __future__ import annotations

__all__ = ["bytes_text"]

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def bytes_text(size: float) -> str:
    """A number of bytes, in units of 1024: arrays come in powers of two, and KiB is no other unit.

    >>> [bytes_text(size) for size in (0, 1536, 401408, 2**30)]
    ['0 B', '1.5 KiB', '392 KiB', '1 GiB']
    """
    power = min(max(int(size), 1).bit_length() - 1, 40) // 10
    return f"{float(f'{size / 1024**power:.3g}'):g} {_UNITS[power]}"
