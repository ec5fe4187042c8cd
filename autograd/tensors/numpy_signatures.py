"""The signatures of NumPy's functions, also of those in C, which tell none before NumPy 2.4."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["signature_of"]

_IN_C: dict[str, Callable[..., None]] = {
    "bincount": lambda x, /, weights=None, minlength=0: None,
    "can_cast": lambda from_, to, casting="safe": None,
    "concat": lambda arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    "concatenate": lambda arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    "copyto": lambda dst, src, casting="same_kind", where=True: None,
    "dot": lambda a, b, out=None: None,
    "empty_like": (
        lambda prototype, /, dtype=None, order="K", subok=True, shape=None, *, device=None: None
    ),
    "inner": lambda a, b, /: None,
    "lexsort": lambda keys, axis=-1: None,
    "may_share_memory": lambda a, b, /, max_work=0: None,
    "min_scalar_type": lambda a, /: None,
    "packbits": lambda a, /, axis=None, bitorder="big": None,
    "putmask": lambda a, /, mask, values: None,
    "ravel_multi_index": lambda multi_index, dims, mode="raise", order="C": None,
    "result_type": lambda *arrays_and_dtypes: None,
    "shares_memory": lambda a, b, /, max_work=-1: None,
    "unpackbits": lambda a, /, axis=None, count=None, bitorder="big": None,
    "unravel_index": lambda indices, shape, order="C": None,
    "vdot": lambda a, b, /: None,
    "where": lambda condition, x=None, y=None, /: None,
}


def signature_of(function: Any) -> inspect.Signature:
    """The signature of a function of NumPy's."""
    try:
        return inspect.signature(function)
    except ValueError:
        known = _IN_C.get(getattr(function, "__name__", ""))
        return inspect.signature(known or (lambda *args, **kwargs: None))
