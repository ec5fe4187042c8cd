"""Masks: which steps of a sequence count, handed on beside the tensors that they are of.

Embedding(mask_zero=True) and Masking make them; recurrent layers, attention and losses heed them.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

__all__ = ["has_masks", "mask_of", "set_mask"]

_masks: dict[int, tuple[Any, Any]] = {}  # by identity: (the tensor, weakly; its mask)


def has_masks() -> bool:
    """Whether any tensor has a mask."""
    return bool(_masks)


def mask_of(tensor: Any) -> Any:
    """The mask of a tensor, an array of booleans; None if all counts."""
    found = _masks.get(id(tensor))
    return found[1] if found is not None and found[0]() is tensor else None


def set_mask(tensor: Any, mask: Any) -> None:
    """Let a tensor have a mask."""
    if mask is not None:
        key = id(tensor)
        _masks[key] = ref(tensor, lambda _: _masks.pop(key, None)), mask
