"""keras.ops.math and keras.ops.linalg: segments, norms, decompositions."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from nn.keras.backend import tensor
from nn.keras.ops.lifting import lifted, table

_LINALG = "det eigh inv matrix_rank pinv qr slogdet"
TABLE: dict[str, Any] = table(_LINALG, module=ag.linalg) | table("solve lstsq", 2, ag.linalg)
TABLE |= table("erf erfc erfinv logsumexp")


def _entry(function: Any) -> Any:
    TABLE[function.__name__] = function
    return function


@_entry
def rsqrt(x: Any) -> Any:
    """1 / √x."""
    return 1 / ag.sqrt(tensor(x))


@_entry
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors or matrices."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return lifted(ag.linalg.norm)(x, ord, axis=axis, keepdims=keepdims)


@_entry
def cholesky(x: Any, upper: bool = False) -> Any:
    """The triangular root of a matrix."""
    found = ag.linalg.cholesky(tensor(x))
    return found.mT if upper else found


@_entry
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition, or the singular values alone."""
    x = tensor(x)
    return ag.linalg.svd(x, full_matrices=full_matrices) if compute_uv else ag.linalg.svdvals(x)


@_entry
def logdet(x: Any) -> Any:
    """The logarithm of the determinant of a positive definite matrix."""
    return ag.linalg.slogdet(tensor(x))[1]


@_entry
def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The sums of the parts of data that have the same number."""
    data, ids = tensor(data), np.asarray(tensor(segment_ids).detach()).astype(np.int64)
    count = int(ids.max(initial=-1)) + 1 if num_segments is None else num_segments
    kept = np.flatnonzero((ids >= 0) & (ids < count))
    return ag.put_at(data[kept], (count, *data.shape[1:]), ids[kept])


@_entry
def cdist(x: Any, y: Any) -> Any:
    """The distance of each row of x from each row of y."""
    x, y = tensor(x), tensor(y)
    return ag.sqrt(ag.sum(ag.square(x[..., :, None, :] - y[..., None, :, :]), axis=-1))
