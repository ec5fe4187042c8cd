"""torch.utils.data.distributed: the sampler that shares examples between processes."""

from __future__ import annotations

from typing import Any

import nn.data as own
from nn.torch.utils.data.sampler import Sampler

__all__ = ["DistributedSampler"]


class DistributedSampler(own.DistributedSampler, Sampler):
    """The part of every order of the examples that one process trains on."""

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        super().__init__(dataset, num_replicas, rank, shuffle, seed, drop_last)
