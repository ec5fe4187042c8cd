"""Rules of searches: each number of an example is compared with all that it is searched among."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd.transforms.batching.axes import along_or_flat
from autograd.transforms.batching.call import Call, do

__all__ = ["RULES"]

_MOST = 1 << 24  # comparisons that are made at once


def _pairs(call: Call, among: int, wanted: int) -> tuple[Any, Any] | None:
    """Both so that they broadcast, what is searched among last; None if it is too much."""
    count, others = math.prod(call.shape(among)), math.prod(call.shape(wanted))
    if call.size * count * others > _MOST:
        return None
    x = do("reshape", call.front(among), shape=(call.size, *(1,) * call.ndim(wanted), count))
    return x, do("expand_dims", call.front(wanted), axis=-1)


def of_searchsorted(call: Call) -> Any:
    """How many of x are before v; NaN comes last, as in sort."""
    if not call.batched[0]:
        return call.run(*call.inputs)
    pairs = _pairs(call, 0, 1)
    if pairs is None or any(_is_complex(x) for x in pairs):
        return NotImplemented
    x, v = pairs
    if call.params.get("side", "left") == "left":
        last = do("logical_and", do("isnan", v), do("logical_not", do("isnan", x)))
        before = do("logical_or", do("less", x, v), last)
    else:
        before = do("logical_or", do("less_equal", x, v), do("isnan", v))
    return do("count_nonzero", before, axis=-1)


def _is_complex(x: Any) -> bool:
    return bool(x.dtype.kind == "c")


def of_digitize(call: Call) -> Any:
    return NotImplemented if call.batched[1] else call.run(*call.inputs)


def of_isin(call: Call) -> Any:
    if not call.batched[1]:
        return call.run(*call.inputs)
    pairs = _pairs(call, 1, 0)
    if pairs is None:
        return NotImplemented
    found = do("any", do("equal", *pairs), axis=-1)
    return do("logical_not", found) if call.params.get("invert") else found


def of_last_axis(call: Call) -> Any:
    """An op along the last axis, by itself for each row."""
    return call.run(*call.inputs) if call.ndim(0) else NotImplemented


RULES: dict[str, Callable[[Call], Any]] = {
    "searchsorted": of_searchsorted,
    "digitize": of_digitize,
    "isin": of_isin,
    "argpartition": along_or_flat,
    "nanargmax": along_or_flat,
    "nanargmin": along_or_flat,
    "between": of_last_axis,
}
