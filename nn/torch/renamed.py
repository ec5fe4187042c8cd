"""Functions that mean something else among PyTorch's own names than in torch.linalg."""

from __future__ import annotations

from nn.torch.linalg import old_cholesky, old_svd

cholesky = old_cholesky
svd = old_svd
