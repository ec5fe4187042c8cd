"""What NumPy's functions ask of their operands, on lazy values."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.lower.writer import kind_of
from autograd.errors import UnsupportedError

__all__ = ["common", "is_none", "lazy_in", "refuse_others"]


def is_none(x: Any) -> bool:
    return x is None or x is np._NoValue


def lazy_in(*values: Any) -> Any:
    """The first lazy value among some."""
    for x in values:
        if hasattr(type(x), "__autograd_op__"):
            return x
    raise UnsupportedError("no value of a formula is where one is needed")


def common(*operands: Any) -> np.dtype[Any]:
    """The dtype of a choice between operands; Python's numbers take that of the others."""
    kinds = [kind_of(x) for x in operands]
    return np.result_type(*(kind if isinstance(kind, np.dtype) else kind(0) for kind in kinds))


def refuse_others(name: str, others: dict[str, Any]) -> None:
    if given := [k for k, v in others.items() if not is_none(v)]:
        raise UnsupportedError(f"np.{name} with {', '.join(given)}")
