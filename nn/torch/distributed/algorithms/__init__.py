"""torch.distributed.algorithms: how gradients travel."""

from nn.torch.distributed.algorithms import ddp_comm_hooks

__all__ = ["ddp_comm_hooks"]
