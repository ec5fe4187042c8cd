"""torch.distributed.optim: an optimizer whose state is shared out among the processes."""

from __future__ import annotations

import optim
from nn.torch.absent import unknown

__all__ = ["ZeroRedundancyOptimizer"]

ZeroRedundancyOptimizer = optim.ZeroRedundancyOptimizer
__getattr__ = unknown(__name__)
