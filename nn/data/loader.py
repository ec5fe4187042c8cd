"""DataLoader: a dataset in batches, in order or shuffled, prepared in the background if asked."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, asarray
from autograd.errors import ArgumentError, StateDictError, StateError
from autograd.random import drawing_from, generator
from autograd.tensors.tensor import taken
from nn.data.dataset import Dataset, TensorDataset, as_dataset

__all__ = ["DataLoader", "in_background"]

_END = object()


class DataLoader:
    """Batches of a dataset as tuples of Tensors, anew in every epoch.

    `dataset` is a Dataset, any other object with a length that is indexed by number, such as one of
    PyTorch, a list of tuples, one for each example, or an array or tuple of arrays. With `shuffle`
    every epoch has an order of its own, drawn from `rng` (a generator or seed; by default the one
    of `nn.manual_seed`). `drop_last` leaves out a last batch that is not full. `transform(x, rng)`
    changes the first part of every batch, as an array. `prefetch` batches are prepared by a thread
    while the last one is used; they are the same batches, for what prepares them draws from a
    generator of its own.
    `state_dict` holds where the generator stands, so that training goes on as it would have.

    >>> import nn
    >>> import numpy as np
    >>> loader = nn.data.DataLoader((np.arange(5.0), np.arange(5)), batch_size=2)
    >>> [x.tolist() for x, y in loader]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]
    >>> len(loader)
    3
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        *,
        transform: Callable[[Any, np.random.Generator], Any] | None = None,
        rng: Any = None,
        prefetch: int = 0,
    ) -> None:
        dataset = as_dataset(dataset)
        if not len(dataset):
            raise ArgumentError("the dataset is empty, so there are no batches")
        self.dataset: Dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.transform = transform
        self.prefetch = prefetch
        self.rng = None if rng is None else generator(rng)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        size, batch = len(self.dataset), self.batch_size
        return size // batch if self.drop_last else -(-size // batch)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        # the generator is drawn from now, in this thread, not when the first batch is asked for
        size = len(self.dataset)
        rng = generator(self.rng)
        order = rng.permutation(size) if self.shuffle else None
        if self.transform is not None or not isinstance(self.dataset, TensorDataset):
            # may draw too, in another thread, while the model draws from the default generator
            rng = np.random.default_rng(rng.integers(2**63, size=2))
        batches = self._batches(order, rng)
        return in_background(batches, self.prefetch) if self.prefetch else batches

    def _batches(self, order: Any, rng: np.random.Generator) -> Iterator[tuple[Tensor, ...]]:
        for number in range(len(self)):
            place = slice(number * self.batch_size, (number + 1) * self.batch_size)
            if order is None:
                chosen: Any = place if isinstance(self.dataset, TensorDataset) else (
                    np.arange(*place.indices(len(self.dataset)))
                )  # fmt: skip
            else:
                chosen = order[place]
            yield self._batch(chosen, rng)

    def _batch(self, chosen: Any, rng: np.random.Generator) -> tuple[Tensor, ...]:
        with drawing_from(rng):
            first, *others = self.dataset.batch(chosen)
            if self.transform is not None:
                first = self.transform(first, rng)
        # rows chosen from arrays are copies, which nobody else holds
        copies = not isinstance(chosen, slice) and isinstance(self.dataset, TensorDataset)
        made = taken if copies and self.transform is None else asarray
        return tuple(made(part) for part in (first, *others))

    def state_dict(self) -> dict[str, Any]:
        """Where the loader's own generator stands (nothing, if it uses the default one)."""
        return {} if self.rng is None else {"rng": self.rng.bit_generator.state}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where a loader's generator stood."""
        if ("rng" in state_dict) is not (self.rng is not None):
            raise StateDictError(
                "the state is of a loader with a generator of its own and this one has none, or "
                "the other way round; make both with rng= or both without"
            )
        if self.rng is not None:
            self.rng.bit_generator.state = state_dict["rng"]


def in_background(batches: Iterator[Any], depth: int) -> Iterator[Any]:
    """The same batches, prepared ahead by a thread that ends when it is not needed any more."""
    ready: queue.Queue[Any] = queue.Queue(depth)
    stopped = threading.Event()

    def offer(item: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for batch in batches:
                if not offer((batch, None)):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the batch is asked for
            offer((None, error))
        offer((_END, None))

    thread = threading.Thread(target=work, daemon=True, name="DataLoader")
    thread.start()
    process = os.getpid()
    try:
        while True:
            if os.getpid() != process:
                raise StateError(
                    "these batches are prepared by a thread of the process that this one was "
                    "forked from; iterate over the DataLoader anew"
                )
            batch, error = ready.get()
            if error is not None:
                raise error
            if batch is _END:
                return
            yield batch
    finally:
        if os.getpid() == process:  # a forked one has no such thread
            stopped.set()
            thread.join()
