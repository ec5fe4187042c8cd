"""What many processes' numbers are reduced by, always in the order of the ranks.

So a sum is the same bit for bit from run to run, however long the message, and on all processes.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.dtypes import HALVES
from autograd.errors import ArgumentError, DTypeError

__all__ = ["ReduceOp", "check_dtype", "reduced"]


class ReduceOp(enum.Enum):
    """How numbers of several processes become one; a name such as "sum" will do as well.

    `AVG` is the sum divided by the number of processes. The bitwise ones take integers and
    booleans.

    >>> from autograd.distributed import ReduceOp
    >>> ReduceOp("max") is ReduceOp.MAX
    True
    """

    SUM = "sum"
    AVG = "avg"
    PRODUCT = "product"
    MIN = "min"
    MAX = "max"
    BAND = "band"
    BOR = "bor"
    BXOR = "bxor"

    @classmethod
    def _missing_(cls, value: object) -> ReduceOp:
        said = str(value).lower()
        for op in cls:
            if said in (op.value, {"product": "prod", "avg": "mean"}.get(op.value)):
                return op
        raise ArgumentError(
            f"op is one of {', '.join(f'ReduceOp.{op.name}' for op in cls)}, not {value!r:.60}"
        )


_UFUNCS: dict[ReduceOp, Callable[..., Any]] = {
    ReduceOp.SUM: np.add,
    ReduceOp.AVG: np.add,
    ReduceOp.PRODUCT: np.multiply,
    ReduceOp.MIN: np.minimum,
    ReduceOp.MAX: np.maximum,
    ReduceOp.BAND: np.bitwise_and,
    ReduceOp.BOR: np.bitwise_or,
    ReduceOp.BXOR: np.bitwise_xor,
}
_WRONG = {
    ReduceOp.AVG: ("biu", "an average is no whole number: take the sum, or x.astype(float) first"),
    ReduceOp.MIN: ("c", "complex numbers have no order"),
    ReduceOp.MAX: ("c", "complex numbers have no order"),
    ReduceOp.BAND: ("fc", "bits are of integers and booleans"),
    ReduceOp.BOR: ("fc", "bits are of integers and booleans"),
    ReduceOp.BXOR: ("fc", "bits are of integers and booleans"),
}


def check_dtype(name: str, op: ReduceOp, dtype: np.dtype[Any]) -> None:
    """Raise where numbers of a dtype have no such reduction."""
    kinds, reason = _WRONG.get(op, ("", ""))
    if dtype.kind in kinds:
        raise DTypeError(f"{name}: ReduceOp.{op.name} of {dtype}: {reason}")


def reduced(rows: Any, op: ReduceOp, out: Any) -> None:
    """Reduce rows, one a process, from the first to the last; half precision adds up in single."""
    join = _UFUNCS[op]
    is_half = type(out.dtype) in HALVES
    total = rows[0].astype(np.float32) if is_half else out
    before = total if is_half else rows[0]
    for row in rows[1:]:
        join(before, row, out=total)
        before = total
    if len(rows) == 1 and not is_half:
        total[...] = rows[0]
    if op is ReduceOp.AVG:
        np.true_divide(total, len(rows), out=total)
    if is_half:
        with np.errstate(over="ignore"):  # as any result of half precision
            out[...] = total
