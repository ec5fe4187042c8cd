"""`tf.linalg`: functions of matrices."""

from __future__ import annotations

from typing import Any

from autograd.engine.missing import not_in
from autograd.static.arrays import diag, diag_part, einsum, eye, norm, tensordot, trace
from autograd.static.arrays import matrix_inverse as inv
from autograd.static.arrays import matrix_transpose as transpose
from autograd.static.functions import matmul
from autograd.static.more import cholesky
from autograd.static.more import matrix_determinant as det
from autograd.static.more import matrix_solve as solve

__all__ = [
    "cholesky", "det", "diag", "diag_part", "einsum", "eye", "inv", "matmul", "norm", "solve",
    "tensordot", "trace", "transpose",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)
