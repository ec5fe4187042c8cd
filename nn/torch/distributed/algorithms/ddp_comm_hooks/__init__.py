"""torch.distributed.algorithms.ddp_comm_hooks: what a DistributedDataParallel averages by."""

from nn.torch.distributed.algorithms.ddp_comm_hooks import default_hooks

__all__ = ["default_hooks"]
