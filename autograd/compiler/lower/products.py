"""NumPy's products, on lazy values: of matrices and stacks of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.lower.operands import lazy_in
from autograd.errors import UnsupportedError

__all__ = ["PRODUCTS"]


def _matmul(x: Any, y: Any) -> Any:
    some = lazy_in(x, y)
    x, y = some.lifted(x), some.lifted(y)
    dtype = np.matmul.resolve_dtypes((x.dtype, y.dtype, None))[-1]
    left = x if x.ndim > 1 else x.reshape(1, -1)
    right = y if y.ndim > 1 else y.reshape(-1, 1)
    if left.shape[-1] != right.shape[-2] or not x.ndim or not y.ndim:
        raise UnsupportedError(f"np.matmul of {x.shape} and {y.shape}")
    lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    shape = (*lead, left.shape[-2], right.shape[-1])
    found = some.write("product", "matmul", (left, right), (), shape, dtype)
    if x.ndim > 1 and y.ndim > 1:
        return found
    rows = shape[-2:-1] if x.ndim > 1 else ()
    columns = shape[-1:] if y.ndim > 1 else ()
    found = found.reshape(lead + rows + columns)
    found.is_seen = False  # nothing else knows the product
    return found


def _dot(x: Any, y: Any, out: Any = None) -> Any:
    some = lazy_in(x, y)
    if not np.ndim(x) or not np.ndim(y):
        found = np.multiply(x, y)
    elif np.ndim(x) <= 2 and np.ndim(y) <= 2:
        found = np.matmul(some.lifted(x), some.lifted(y))
    else:
        raise UnsupportedError("np.dot of more than two axes")
    return found if out is None else out.assign(found)


def _vecdot(x: Any, y: Any, axis: int = -1) -> Any:
    return np.sum(np.conj(x) * y, axis=axis)


def _tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    some = lazy_in(x, y)
    x, y = some.lifted(x), some.lifted(y)
    if isinstance(axes, (int, np.integer)):
        axes = (range(x.ndim - int(axes), x.ndim), range(int(axes)))
    lists = ([a] if isinstance(a, (int, np.integer)) else [*a] for a in axes)
    of_x, of_y = ([int(a) % v.ndim for a in of] for of, v in zip(lists, (x, y), strict=True))
    free_x = [a for a in range(x.ndim) if a not in of_x]
    free_y = [a for a in range(y.ndim) if a not in of_y]
    rows, columns = [x.shape[a] for a in free_x], [y.shape[a] for a in free_y]
    summed = math.prod(x.shape[a] for a in of_x)
    left = np.transpose(x, free_x + of_x).reshape(math.prod(rows), summed)
    right = np.transpose(y, of_y + free_y).reshape(summed, math.prod(columns))
    return np.dot(left, right).reshape(*rows, *columns)


PRODUCTS: dict[str, Callable[..., Any]] = {
    "matmul": _matmul, "dot": _dot, "vecdot": _vecdot, "tensordot": _tensordot,
}  # fmt: skip
