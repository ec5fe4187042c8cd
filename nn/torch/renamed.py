"""Functions that mean something else among PyTorch's own names than in torch.linalg."""

from __future__ import annotations

from nn.torch.factors import old_lu, old_lu_solve
from nn.torch.linalg import old_cholesky, old_svd

cholesky = old_cholesky
svd = old_svd
lu, lu_solve = old_lu, old_lu_solve
