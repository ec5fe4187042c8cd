"""DistributedSampler: of every order of the examples, the part that one process trains on."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.ranges import Count
from autograd.errors import ArgumentError
from nn.data.samplers import _Ordered, counted


class DistributedSampler(_Ordered):
    """Every `num_replicas`-th number of an order that all processes share, from the `rank`-th on.

    Both are by default those of the process group; outside of one there is one process, which has
    all examples. The order of an epoch is drawn from `seed` and the epoch that `set_epoch` told
    last, so it is the same on every process, and another in each epoch; without `shuffle` it is
    that of the `dataset`. All processes have as many: where the examples cannot be shared evenly,
    some from the start of the order come twice, or with `drop_last` some at its end not at all.

    >>> import nn
    >>> [list(nn.data.DistributedSampler(range(5), 2, rank, shuffle=False)) for rank in range(2)]
    [[0, 2, 4], [1, 3, 0]]
    >>> list(nn.data.DistributedSampler(range(5), 2, 1, shuffle=False, drop_last=True))
    [1, 3]
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: Count | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            from autograd.distributed import alone  # others need not load it

            place, size = alone.rank_and_size()
            num_replicas = size if num_replicas is None else num_replicas
            rank = place if rank is None else rank
        if not 0 <= rank < num_replicas:
            raise ArgumentError(
                f"DistributedSampler: rank is {rank}, and with num_replicas={num_replicas} it is "
                f"from 0 to {num_replicas - 1}"
            )
        self.dataset = counted(dataset)
        self.num_replicas = num_replicas
        self.rank = rank
        self.shuffle = shuffle
        self.seed = seed
        self.drop_last = drop_last
        self.epoch = 0

    @property
    def num_samples(self) -> int:
        """How many numbers a process has in an epoch."""
        size, parts = len(self.dataset), self.num_replicas
        return size // parts if self.drop_last else -(-size // parts)

    @property
    def total_size(self) -> int:
        """How many numbers all processes have together."""
        return self.num_samples * self.num_replicas

    def order(self) -> Any:
        """The numbers of one epoch, as an array."""
        size = len(self.dataset)
        numbers: Any = np.arange(size)
        if self.shuffle:
            numbers = np.random.default_rng((self.seed, self.epoch)).permutation(size)
        return np.resize(numbers, self.total_size)[self.rank :: self.num_replicas]

    def set_epoch(self, epoch: int) -> None:
        """Shuffle as in this epoch from now on: without it each epoch has the order of the first.

        `epoch` is a whole number, told before the loader is iterated over.
        """
        self.epoch = epoch

    def __len__(self) -> int:
        return self.num_samples
