"""DataLoader: a dataset in batches, in order or shuffled, prepared in the background if asked."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import asarray
from autograd.errors import ArgumentError, ArgumentTypeError, StateDictError
from autograd.random import drawing_from
from autograd.random import generator as numbers_of
from autograd.tensors.tensor import taken
from nn.data import samplers
from nn.data.collate import collated, converted, default_convert
from nn.data.dataset import Examples, TensorDataset, as_dataset, batch_of, fetched, is_iterable
from nn.data.distributed_sampler import DistributedSampler
from nn.data.workers import END, Crew, by_workers, in_background

_AHEAD = 2  # batches that each worker prepares ahead


class DataLoader:
    """Batches of a dataset as Tensors, in the structure of one example, anew in every epoch.

    `dataset` is any object with a length that is indexed by number, a list of examples, an array or
    tuple of arrays, or what has `__iter__` alone, such as an IterableDataset. With `shuffle` every
    epoch has an order of its own, drawn from `rng` or under its other name `generator` (a generator
    or seed; by default the one of `nn.manual_seed`); `sampler` gives the order instead, and
    `batch_sampler` the list of numbers of each batch. With `batch_size=None` examples come one by
    one. `drop_last` leaves out a last batch that is not full. `collate_fn` makes a batch of a list
    of examples, in place of `default_collate`; `transform(x, rng)` changes the first part of every
    batch, as an array.

    `num_workers` threads prepare `prefetch_factor` batches each ahead (NumPy lets them run side by
    side), and `timeout` is how many seconds to wait for one; `worker_init_fn(number)` is called in
    each. `prefetch` batches are prepared by one thread. They are the same batches in the same
    order, for what prepares a batch draws from a generator of its own. `pin_memory`,
    `persistent_workers`, `multiprocessing_context`, `pin_memory_device` and `in_order` are taken
    from programs for PyTorch, and have no effect on threads.
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
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        transform: Callable[[Any, np.random.Generator], Any] | None = None,
        rng: Any = None,
        prefetch: int = 0,
    ) -> None:
        self.dataset = as_dataset(dataset) if collate_fn is None else _examples(dataset)
        self.batch_size = None if batch_sampler is not None else batch_size
        self.shuffle = bool(shuffle)
        self.drop_last = drop_last
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.persistent_workers = persistent_workers
        self.transform = transform
        self.prefetch = prefetch
        self.rng = samplers.one_generator(rng, generator)
        self._is_iterable = is_iterable(self.dataset)
        orders = {"shuffle": bool(shuffle), "sampler": sampler is not None,
                  "batch_sampler": batch_sampler is not None}  # fmt: skip
        self._check_order([name for name, given in orders.items() if given], batch_size)
        self._check_workers(prefetch_factor)
        self.prefetch_factor = prefetch_factor or (_AHEAD if num_workers else None)
        self.batch_sampler: Any = batch_sampler
        self.sampler: Any = sampler if sampler is not None else self._own_sampler()

    def _check_order(self, orders: list[str], batch_size: int | None) -> None:
        if self._is_iterable and orders:
            raise ArgumentError(
                f"an iterable dataset has an order of its own: leave out {orders[0]}=, and shuffle "
                "in its __iter__"
            )
        if not self._is_iterable and not len(self.dataset):
            raise ArgumentError("the dataset is empty, so there are no batches")
        if "sampler" in orders and self.shuffle:
            raise ArgumentError("a sampler gives the order: leave out shuffle=True")
        if "batch_sampler" in orders and (len(orders) > 1 or batch_size != 1 or self.drop_last):
            raise ArgumentError(
                "a batch_sampler makes the batches: leave out batch_size, shuffle, sampler and "
                "drop_last"
            )
        if batch_size is None and self.drop_last:
            raise ArgumentError("batch_size=None gives examples one by one: leave out drop_last")
        if self.transform is not None and (self.collate_fn is not None or batch_size is None):
            raise ArgumentError(
                "transform changes batches that the loader has stacked: do it in the collate_fn, "
                "or in the dataset"
            )

    def _check_workers(self, prefetch_factor: int | None) -> None:
        if not self.num_workers and (prefetch_factor is not None or self.persistent_workers):
            name = "persistent_workers" if prefetch_factor is None else "prefetch_factor"
            raise ArgumentError(f"{name} needs num_workers above 0; prefetch= is for one thread")
        if self.num_workers and self.prefetch:
            raise ArgumentError("workers prepare prefetch_factor batches each: leave out prefetch")

    def _own_sampler(self) -> Any:
        if self._is_iterable:
            return None
        if self.shuffle:
            return samplers.RandomSampler(self.dataset, generator=self.rng)
        return samplers.SequentialSampler(self.dataset)

    def __len__(self) -> int:
        """The number of batches in an epoch; of an iterable dataset if it has a length."""
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        counted = self.dataset if self._is_iterable else self.sampler
        if not hasattr(counted, "__len__"):
            raise ArgumentTypeError(
                f"{type(counted).__name__} has no __len__(), so nobody knows how many batches come"
            )
        size, batch = len(counted), self.batch_size
        if batch is None:
            return size
        return size // batch if self.drop_last else -(-size // batch)

    def __iter__(self) -> Iterator[Any]:
        # generators are drawn from now, in this thread, not when the first batch is asked for
        tasks = self._tasks()
        seed = (0, 0)
        if self._draws():
            # the dataset may draw too, in another thread, while the model draws from the default
            seed = tuple(numbers_of(self.rng).integers(2**63, size=2).tolist())
        if self.num_workers:
            crew = Crew(self.num_workers, self.dataset, seed[0], self.prefetch_factor or _AHEAD,
                        self.worker_init_fn, self._fetcher(seed), self.timeout)  # fmt: skip
            return by_workers(crew, tasks)
        batches = self._here(self._fetcher(seed)(self.dataset), tasks)
        return in_background(batches, self.prefetch) if self.prefetch else batches

    def _draws(self) -> bool:
        """Whether something that a user wrote makes the batches, which may draw numbers."""
        mine = isinstance(self.dataset, TensorDataset) and self.collate_fn is None
        return not mine or self.transform is not None or self.worker_init_fn is not None

    @staticmethod
    def _here(fetch: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        for task in tasks:
            if (batch := fetch(task)) is END:
                return
            yield batch

    # ---- which examples ------------------------------------------------------------------------

    def _tasks(self) -> Iterator[tuple[int, Any]]:
        """The number of each batch, and which examples it has (None: the next that come)."""
        if self._is_iterable:
            return zip(itertools.count(), itertools.repeat(None))
        if self.batch_sampler is not None:
            return enumerate(iter(self.batch_sampler))
        if self.batch_size is None:
            return enumerate(iter(self.sampler))
        if self._is_whole():
            return enumerate(self._cut(None, len(self.dataset)))  # by slices, which copy nothing
        if isinstance(self.sampler, samplers._Ordered):
            order = self.sampler.order()
            return enumerate(self._cut(order, len(order)))
        return enumerate(iter(samplers.BatchSampler(self.sampler, self.batch_size, self.drop_last)))

    def _is_whole(self) -> bool:
        """Whether batches are arrays' rows in their order."""
        return (
            isinstance(self.dataset, TensorDataset)
            and self.collate_fn is None
            and type(self.sampler) is samplers.SequentialSampler
            and self.sampler.data_source is self.dataset
        )

    def _cut(self, order: Any, size: int) -> Iterator[Any]:
        batch = self.batch_size or 1
        for start in range(0, size - batch + 1 if self.drop_last else size, batch):
            place = slice(start, start + batch)
            yield place if order is None else order[place]

    # ---- what a batch is -----------------------------------------------------------------------

    def _fetcher(self, seed: tuple[int, ...]) -> Callable[[Any], Callable[[Any], Any]]:
        """What makes, of a dataset (a worker has its own), what makes a batch of a task."""
        draws = self._draws()

        def fetcher(dataset: Any) -> Callable[[Any], Any]:
            examples = iter(dataset) if self._is_iterable else None

            def fetch(task: tuple[int, Any]) -> Any:
                if not draws:
                    return self._batch(dataset, task[1], None)
                rng = np.random.default_rng((*seed, task[0]))
                with drawing_from(rng):
                    if examples is not None:
                        return self._next(examples, rng)
                    return self._batch(dataset, task[1], rng)

            return fetch

        return fetcher

    def _next(self, examples: Iterator[Any], rng: Any) -> Any:
        """A batch of the examples that come next; END where none come."""
        if self.batch_size is None:
            example: Any = next(examples, END)
            return END if example is END else (self.collate_fn or default_convert)(example)
        found = list(itertools.islice(examples, self.batch_size))
        if not found or (self.drop_last and len(found) < self.batch_size):
            return END
        return self._made(found, rng)

    def _batch(self, dataset: Any, chosen: Any, rng: Any) -> Any:
        """The examples of these numbers, as the user sees them."""
        if self.batch_size is None and self.batch_sampler is None:
            (example,) = _shown(dataset, fetched(dataset, [chosen]))
            return (self.collate_fn or default_convert)(example)
        if self.collate_fn is not None:
            return self.collate_fn(_shown(dataset, fetched(dataset, chosen)))
        if self.transform is not None or not isinstance(dataset, TensorDataset):
            return self._finished(batch_of(dataset, chosen), rng)
        # rows chosen from arrays are copies, which nobody else holds
        made = asarray if isinstance(chosen, slice) else taken
        return tuple(made(part) for part in dataset.batch(chosen))

    def _made(self, examples: list[Any], rng: Any) -> Any:
        if self.collate_fn is not None:
            return self.collate_fn(examples)
        return self._finished(collated(examples), rng)

    def _finished(self, batch: Any, rng: Any) -> Any:
        if self.transform is not None:
            if not isinstance(batch, (tuple, list)):
                return asarray(self.transform(batch, rng))
            first, *others = batch
            batch = (self.transform(first, rng), *others)
        return converted(batch, asarray)

    def first(self, count: int) -> Any:
        """A batch of the first examples; no generator of the program is drawn from."""
        rng = np.random.default_rng(0)
        with drawing_from(rng):
            if self._is_iterable:
                return self._made(list(itertools.islice(iter(self.dataset), count)), rng)
            if self.batch_sampler is None and self.batch_size is None:
                return self._batch(self.dataset, 0, rng)
            return self._batch(self.dataset, np.arange(min(count, len(self.dataset))), rng)

    def in_order(self) -> DataLoader:
        """A loader of the same examples, unshuffled and with all batches, else as this one."""
        new: DataLoader = object.__new__(type(self))
        vars(new).update(vars(self), shuffle=False, drop_last=False)
        new.sampler = _unshuffled(self.sampler)
        new.batch_sampler = _unshuffled(self.batch_sampler)
        return new

    # ---- going on ------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Where the loader's own generators stand (nothing, if it uses the default one)."""
        return {name: rng.bit_generator.state for name, rng in self._generators().items()}

    def _generators(self) -> dict[str, np.random.Generator]:
        """Those of the loader, and of a sampler that it was given."""
        inner = getattr(self.batch_sampler, "sampler", None)
        found = {"rng": self.rng}
        for name, sampler in (("sampler", self.sampler), ("batch_sampler", inner)):
            rng = getattr(sampler, "rng", None)
            if isinstance(rng, np.random.Generator) and rng is not self.rng:
                found[name] = rng
        return {name: rng for name, rng in found.items() if rng is not None}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where a loader's generators stood."""
        mine = self._generators()
        if state_dict.keys() != mine.keys():
            raise StateDictError(
                "the state is of a loader with a generator of its own and this one has none, or "
                "the other way round; make both with rng= or both without"
            )
        for name, rng in mine.items():
            rng.bit_generator.state = state_dict[name]


def _examples(dataset: Any) -> Any:
    """The dataset of a loader with a collate_fn, which sees the items of a list, also arrays."""
    return Examples(dataset) if isinstance(dataset, list) else as_dataset(dataset)


def _shown(dataset: Any, examples: list[Any]) -> list[Any]:
    """Examples for a function of the user's: the rows of arrays as Tensors."""
    if not isinstance(dataset, TensorDataset):
        return examples
    return [converted(example, asarray) for example in examples]


def _unshuffled(sampler: Any) -> Any:
    """The numbers of a sampler that shuffles, in their own order; any other as it is."""
    if type(sampler) is samplers.RandomSampler and not sampler.replacement:
        return samplers.SequentialSampler(sampler.data_source)
    if type(sampler) is samplers.SubsetRandomSampler:
        return list(sampler.indices)
    if isinstance(sampler, DistributedSampler):  # of all processes: each example once
        return samplers.SequentialSampler(sampler.dataset)
    if type(sampler) is samplers.BatchSampler:
        return samplers.BatchSampler(_unshuffled(sampler.sampler), sampler.batch_size, False)
    return sampler
