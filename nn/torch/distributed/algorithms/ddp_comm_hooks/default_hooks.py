"""torch.distributed.algorithms.ddp_comm_hooks.default_hooks: gradients as they are, or halved."""

from __future__ import annotations

from typing import Any

from autograd.distributed.checks import member
from nn.parallel.buckets import GradBucket, average
from nn.parallel.compression import fp16_compress_hook

__all__ = ["allreduce_hook", "fp16_compress_hook"]


def allreduce_hook(process_group: Any, bucket: GradBucket) -> Any:
    """The average over all processes, as without a hook."""
    return average(member(process_group, "allreduce_hook"), bucket)
