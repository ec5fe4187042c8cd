# fmt: off
# isort: skip_file
"""The public names of autograd.linalg, and where each is defined."""

from autograd.ops.linalg._decompositions import (
    EighResult as EighResult, QRResult as QRResult, cholesky as cholesky, eigh as eigh,
    eigvalsh as eigvalsh, qr as qr,
)
from autograd.ops.linalg._determinant import (
    SlogdetResult as SlogdetResult, det as det, slogdet as slogdet,
)
from autograd.ops.linalg._eig import EigResult as EigResult, eig as eig, eigvals as eigvals
from autograd.ops.linalg._expm import expm as expm
from autograd.ops.linalg._lu import (
    LUFactors as LUFactors, LUResult as LUResult, cholesky_solve as cholesky_solve, lu as lu,
    lu_factor as lu_factor, lu_solve as lu_solve, solve_triangular as solve_triangular,
)
from autograd.ops.linalg._lstsq import LstsqResult as LstsqResult, lstsq as lstsq
from autograd.ops.linalg._norms import (
    cond as cond, matrix_norm as matrix_norm, matrix_rank as matrix_rank, norm as norm,
    vector_norm as vector_norm,
)
from autograd.ops.linalg._solve import (
    inv as inv, matrix_power as matrix_power, multi_dot as multi_dot, pinv as pinv,
    solve as solve,
)
from autograd.ops.linalg._svd import SVDResult as SVDResult, svd as svd, svdvals as svdvals
from autograd.ops.linalg._tensors import tensorinv as tensorinv, tensorsolve as tensorsolve
from autograd.ops.product.products import matmul as matmul, vecdot as vecdot
from autograd.ops.product.tensor_products import tensordot as tensordot
from autograd.ops.linalg._array_api import (
    cross as cross, diagonal as diagonal, matrix_transpose as matrix_transpose, outer as outer,
    trace as trace,
)
