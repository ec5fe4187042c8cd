"""DataLoader: a dataset in batches, as samplers choose them and `collate_fn` puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.random import drawing_from
from autograd.random import generator as drawn_from
from nn.data.workers import in_background
from nn.torch.functions.drawing import rng_of
from nn.torch.utils.data.collate import default_collate, default_convert
from nn.torch.utils.data.dataset import IterableDataset, TensorDataset
from nn.torch.utils.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]


def get_worker_info() -> None:
    """None, as in the main process: workers are threads, and one of them reads a dataset."""


class _Endless(Sampler):
    """What an IterableDataset is sampled by: it says itself when it is done."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


class DataLoader:
    """Batches of a dataset, anew in every epoch.

    With `num_workers` a thread prepares batches while the last one is used. `pin_memory`,
    `timeout`, `worker_init_fn`, `multiprocessing_context` and their like are taken: there are no
    other processes.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Any = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Any = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ArgumentError("num_workers is 0 for this thread alone, or more")
        if num_workers == 0 and prefetch_factor is not None:
            raise ArgumentError("prefetch_factor needs workers: give num_workers > 0")
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = prefetch_factor
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.persistent_workers = persistent_workers
        self.generator = generator
        self._iterable = isinstance(dataset, IterableDataset) or not hasattr(dataset, "__getitem__")
        if self._iterable and not isinstance(dataset, Iterable):
            raise ArgumentTypeError(
                f"a dataset has __getitem__ and __len__, or __iter__; {type(dataset).__name__} "
                "has neither"
            )
        self._choose(batch_size, shuffle, sampler, batch_sampler, drop_last)
        if collate_fn is None:
            collate_fn = default_convert if self.batch_sampler is None else default_collate
        self.collate_fn = collate_fn

    def _choose(
        self, batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: bool
    ) -> None:
        """The samplers, which options say in several ways that exclude each other."""
        if self._iterable and (shuffle or sampler is not None or batch_sampler is not None):
            raise ArgumentError(
                "DataLoader: an IterableDataset says itself what comes next; leave shuffle=, "
                "sampler= and batch_sampler= out"
            )
        if sampler is not None and shuffle:
            raise ArgumentError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ArgumentError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, "
                    "sampler, and drop_last"
                )
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ArgumentError("batch_size=None disables batches, so drop_last must be False")
        if sampler is None and self._iterable:
            sampler = _Endless()
        elif sampler is None:
            kind = RandomSampler(self.dataset, generator=self.generator) if shuffle else None
            sampler = kind or SequentialSampler(self.dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler = sampler, batch_sampler

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        if not self._iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        size = len(self.dataset)
        if self.batch_size is None:
            return size
        return size // self.batch_size if self.drop_last else -(-size // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        if not self.num_workers:
            return self._batches()
        # draws in another thread, while the model draws from the default generator
        seed = drawn_from(rng_of(self.generator)).integers(2**63, size=2)
        batches = self._drawing(np.random.default_rng(seed))
        return in_background(batches, self.num_workers * (self.prefetch_factor or 2))

    def _drawing(self, rng: np.random.Generator) -> Iterator[Any]:
        batches = self._batches()
        while True:
            with drawing_from(rng):
                try:
                    batch = next(batches)
                except StopIteration:
                    return
            yield batch

    def _batches(self) -> Iterator[Any]:
        if self._iterable:
            yield from self._in_turn(iter(self.dataset))
            return
        if self.batch_sampler is None:
            for number in self.sampler:
                yield self.collate_fn(self.dataset[number])
            return
        whole = type(self.dataset) is TensorDataset and self.collate_fn is default_collate
        for numbers in self.batch_sampler:
            if whole:  # the same as the examples stacked
                yield [*self.dataset[np.asarray(numbers)]]
            elif hasattr(self.dataset, "__getitems__"):
                yield self.collate_fn(self.dataset.__getitems__(numbers))
            else:
                yield self.collate_fn([self.dataset[number] for number in numbers])

    def _in_turn(self, examples: Iterator[Any]) -> Iterator[Any]:
        if self.batch_size is None:
            for example in examples:
                yield self.collate_fn(example)
            return
        batch: list[Any] = []
        for example in examples:
            batch.append(example)
            if len(batch) == self.batch_size:
                yield self.collate_fn(batch)
                batch = []
        if batch and not self.drop_last:
            yield self.collate_fn(batch)
