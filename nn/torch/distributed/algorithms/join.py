"""torch.distributed.algorithms.join: processes with batches of their own number."""

from nn.parallel.uneven import Join

__all__ = ["Join"]
