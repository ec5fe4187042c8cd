"""PyDataset: batches that a program makes; and (x, y, sample_weight) packed and unpacked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.engine.generators import manual_seed
from autograd.errors import MissingMethodError

__all__ = [
    "PyDataset", "Sequence", "pack_x_y_sample_weight", "set_random_seed",
    "unpack_x_y_sample_weight",
]  # fmt: skip


class PyDataset:
    """Base of data in batches of your own: write `__len__` and `__getitem__`, which gives a batch.

    `on_epoch_end` is called after every epoch. Batches are made in this process; `workers` and
    their like are taken and do nothing.

    >>> import numpy as np
    >>> from nn import keras
    >>> class Pairs(keras.utils.PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...
    ...     def __getitem__(self, index):
    ...         return np.ones((4, 1)), np.ones(4)
    >>> len(list(Pairs()))
    2
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers, self.use_multiprocessing = workers, use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no __getitem__(index)")

    def __len__(self) -> int:
        raise MissingMethodError(f"{type(self).__name__} has no __len__()")

    @property
    def num_batches(self) -> int:
        """The number of batches."""
        return len(self)

    def on_epoch_begin(self) -> None:
        """Before an epoch."""

    def on_epoch_end(self) -> None:
        """After an epoch."""

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))


Sequence = PyDataset  # its name in Keras 2


def set_random_seed(seed: int) -> None:
    """Seed Python's random, NumPy's old generator, and the one that everything here draws from.

    >>> from nn import keras
    >>> keras.utils.set_random_seed(0)
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (it is what programs draw from)
    manual_seed(seed)


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """(x, y, sample_weight) without what is None at the end; x alone as it is."""
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a batch, with None for what it lacks."""
    parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
    x, y, weight = (*parts, None, None)[:3]
    return x, y, weight
