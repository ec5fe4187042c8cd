"""torch.distributed.algorithms: how gradients travel, and processes that end before others."""

from nn.torch.distributed.algorithms import ddp_comm_hooks, join

__all__ = ["ddp_comm_hooks", "join"]
