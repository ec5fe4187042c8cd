"""Datasets, samplers and loaders beside torch.utils.data: batches, orders, lengths, dtypes, errors.

A case is a small program that gets the library's `data` module; its batches are compared as nested
lists with shapes and dtypes. Ours come as tuples where PyTorch makes lists.
"""

from __future__ import annotations

from collections import OrderedDict, UserDict, deque, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.data as theirs

import autograd as ag
from nn import data as ours

Point = namedtuple("Point", "x y")  # as programs make them
X = np.arange(21, dtype=np.float32).reshape(7, 3)
Y = np.array([0, 1, 0, 2, 1, 0, 2])


class Plain:
    """Nothing but the two methods."""

    def __init__(self, size: int = 7, item: Callable[[int], Any] = lambda i: (X[i], int(Y[i]))):
        self.size = size
        self.item = item

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Any:
        return self.item(index)


class Many(Plain):
    def __getitems__(self, indices: list[int]) -> list[Any]:
        return [self.item(i) for i in indices]


def stream(data: Any, size: int = 7, counted: bool = False) -> Any:
    """An iterable dataset, shared out among workers as PyTorch's documentation does."""

    class Stream(data.IterableDataset):  # type: ignore[misc,name-defined]
        def __iter__(self) -> Any:
            info = data.get_worker_info()
            step, start = (1, 0) if info is None else (info.num_workers, info.id)
            return iter(range(start, size, step))

    if counted:
        Stream.__len__ = lambda self: size  # type: ignore[attr-defined]
    return Stream()


def plain(value: Any) -> Any:
    """A batch as nested Python, with shapes and dtypes of what holds numbers."""
    if isinstance(value, (torch.Tensor, ag.Tensor)):
        array = value.numpy()
        return "Tensor", str(array.dtype), array.shape, array.tolist()
    if isinstance(value, (dict, UserDict)):
        return type(value).__name__, {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value).__name__, [plain(part) for part in value]
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    return value


ITEMS: dict[str, Callable[[int], Any]] = {
    "pair": lambda i: (X[i], int(Y[i])),
    "array": lambda i: X[i],
    "int": lambda i: i,
    "float": lambda i: i / 2,
    "bool": lambda i: i % 2 == 0,
    "NumPy's number": lambda i: X[i, 0],
    "NumPy's integer": lambda i: Y[i],
    "half": lambda i: X[i].astype("float16"),
    "0-d array": lambda i: np.array(i, np.int32),
    "string": lambda i: "abcdefg"[i],
    "bytes": lambda i: b"abcdefg"[i : i + 1],
    "pair with a string": lambda i: (X[i], "abcdefg"[i]),
    "dict": lambda i: {"x": X[i], "label": int(Y[i]), "name": str(i)},
    "dict in a dict": lambda i: {"a": {"b": X[i]}, "c": [i, i / 2]},
    "ordered dict": lambda i: OrderedDict(x=X[i], y=i),
    "user's dict": lambda i: UserDict(x=X[i]),
    "list": lambda i: [i, X[i]],
    "tuple of tuples": lambda i: ((i, X[i]), (i / 2,)),
    "named": lambda i: Point(X[i], i),
    "empty array": lambda i: np.zeros((0, 2)),
}

PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "object": lambda d: d.DataLoader(Plain(), 3),
    "many at once": lambda d: d.DataLoader(Many(), 3),
    "list of tuples": lambda d: d.DataLoader([(X[i], int(Y[i])) for i in range(7)], 3),
    "list of lists": lambda d: d.DataLoader([[1, 2.0], [3, 4.0], [5, 6.0]], 2),
    "list of pairs of numbers": lambda d: d.DataLoader(list(zip(range(5), range(5, 10))), 2),  # noqa: B905
    "tuple of tuples": lambda d: d.DataLoader(((1, 2.0), (3, 4.0), (5, 6.0)), 2),
    "list of numbers": lambda d: d.DataLoader([1, 2, 3], 2),
    "list of strings": lambda d: d.DataLoader(["a", "b", "c"], 2),
    "list of dicts": lambda d: d.DataLoader([{"x": i} for i in range(5)], 2),
    "range": lambda d: d.DataLoader(range(5), 2),
    "deque": lambda d: d.DataLoader(deque([1, 2, 3]), 2),
    "dict by number": lambda d: d.DataLoader({0: "a", 1: "b", 2: "c"}, 2),
    "dict by key": lambda d: d.DataLoader({"p": 1, "q": 2}, 1, sampler=["q", "p"]),
    "keys that are pairs": lambda d: d.DataLoader(
        {(0, 1): 5, (1, 0): 6}, 2, sampler=[(1, 0), (0, 1)]),
    "default batch": lambda d: d.DataLoader(Plain()),
    "drop_last": lambda d: d.DataLoader(Plain(), 3, drop_last=True),
    "more than there are": lambda d: d.DataLoader(Plain(), 30),
    "none at all": lambda d: d.DataLoader(Plain(), 30, drop_last=True),
    "one by one": lambda d: d.DataLoader(Plain(), batch_size=None),
    "one by one, collated": lambda d: d.DataLoader(Plain(), batch_size=None, collate_fn=repr),
    "dicts one by one": lambda d: d.DataLoader(Plain(3, ITEMS["dict"]), batch_size=None),
    "sampler": lambda d: d.DataLoader(Plain(), 2, sampler=[4, 2, 2]),
    "sampler of the library": lambda d: d.DataLoader(
        Plain(), 2, sampler=d.SequentialSampler(range(3))),
    "batch_sampler": lambda d: d.DataLoader(Plain(), batch_sampler=[[4, 2], [0], [1, 1, 1]]),
    "BatchSampler": lambda d: d.DataLoader(
        Plain(), batch_sampler=d.BatchSampler(d.SequentialSampler(Plain()), 4, True)),
    "collate_fn": lambda d: d.DataLoader(Plain(), 3, collate_fn=lambda b: [len(b), b[0][1]]),
    "collate_fn of a list": lambda d: d.DataLoader([1, 2, 3], 2, collate_fn=sum),
    "positions": lambda d: d.DataLoader(Plain(), 3, False, None, None, 0, None, False, True),
    "no effect": lambda d: d.DataLoader(
        Plain(), 3, pin_memory=False, timeout=0, worker_init_fn=None, persistent_workers=False,
        prefetch_factor=None),
    "iterable": lambda d: d.DataLoader(stream(d), 3),
    "iterable, drop_last": lambda d: d.DataLoader(stream(d), 3, drop_last=True),
    "iterable with a length": lambda d: d.DataLoader(stream(d, counted=True), 3),
    "iterable one by one": lambda d: d.DataLoader(stream(d), batch_size=None),
    "iterable, shuffle=False": lambda d: d.DataLoader(stream(d), 4, shuffle=False),
    "chain": lambda d: d.DataLoader(stream(d, 3) + stream(d, 2), 4),
    "ChainDataset": lambda d: d.DataLoader(d.ChainDataset([stream(d, 3), stream(d, 2)]), 2),
    "concat": lambda d: d.DataLoader(d.ConcatDataset([Plain(), Plain(2)]), 4),
    "concat of lists": lambda d: d.DataLoader(d.ConcatDataset([[1, 2], [3]]), 2),
    "stack": lambda d: d.DataLoader(d.StackDataset(Plain(), range(7)), 4),
    "stack by name": lambda d: d.DataLoader(d.StackDataset(a=Plain(), b=range(7)), 4),
    "subset": lambda d: d.DataLoader(d.Subset(Plain(), [5, 1, 1]), 2),
    "subset of a subset": lambda d: d.DataLoader(
        d.Subset(d.Subset(Plain(), [5, 1, 3]), [2, 0]), 2),
    "subset of a list": lambda d: d.DataLoader(d.Subset(["a", "b", "c"], [2, 0]), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_loader_brings_the_batches_that_pytorchs_brings(name: str) -> None:
    program = PROGRAMS[name]
    mine, other = program(ours), program(theirs)
    found, wanted = [plain(batch) for batch in mine], [plain(batch) for batch in other]
    assert found == wanted
    assert [plain(batch) for batch in mine] == wanted  # a second epoch
    try:
        length = len(other)
    except TypeError:
        with pytest.raises(TypeError):
            len(mine)
    else:
        assert len(mine) == length


@pytest.mark.parametrize("name", [name for name in PROGRAMS if "iterable" not in name])
def test_workers_bring_the_same_batches_in_the_same_order(name: str) -> None:
    wanted = [plain(batch) for batch in PROGRAMS[name](theirs)]
    for workers in (1, 3):
        loader = PROGRAMS[name](ours)
        loader.num_workers = workers
        if "chain" not in name.lower():
            assert [plain(batch) for batch in loader] == wanted


@pytest.mark.parametrize("name", ITEMS)
def test_default_collate_makes_what_pytorchs_makes(name: str) -> None:
    batch = [ITEMS[name](i) for i in range(4)]
    assert plain(ours.default_collate(batch)) == plain(theirs.default_collate(batch))
    if name != "string":  # kept as it is in both
        assert plain(ours.default_convert(batch[0])) == plain(theirs.default_convert(batch[0]))


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_of_an_iterable_share_it_in_pytorchs_order(workers: int) -> None:
    def batches(d: Any) -> Any:
        return [plain(batch) for batch in d.DataLoader(stream(d), 2, num_workers=workers)]

    assert batches(ours) == batches(theirs)


def _tensors(d: Any) -> Any:
    return d.TensorDataset(*map(torch.tensor, (X, Y))) if d is theirs else d.TensorDataset(X, Y)


@pytest.mark.parametrize("options", [{}, {"batch_size": 3}, {"batch_size": 3, "drop_last": True},
                                     {"sampler": [6, 0, 2]}, {"batch_size": None}])  # fmt: skip
def test_tensors(options: dict[str, Any]) -> None:
    mine, other = (d.DataLoader(_tensors(d), **options) for d in (ours, theirs))
    assert [plain(batch) for batch in mine] == [plain(batch) for batch in other]
    assert len(mine) == len(other)


@pytest.mark.parametrize("index", [0, -1, slice(1, 3), [4, 2], np.array([1, 0])], ids=str)
def test_items_of_a_tensor_dataset(index: Any) -> None:
    found = _tensors(ours)[index]
    wanted = _tensors(theirs)[index]
    assert [np.asarray(x).tolist() for x in found] == [x.tolist() for x in wanted]


ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "shuffle": lambda d, g: d.DataLoader(range(10), 3, shuffle=True, generator=g),
    "RandomSampler": lambda d, g: d.RandomSampler(range(10), generator=g),
    "fewer": lambda d, g: d.RandomSampler(range(10), num_samples=4, generator=g),
    "more": lambda d, g: d.RandomSampler(range(10), num_samples=24, generator=g),
    "replacement": lambda d, g: d.RandomSampler(range(10), True, 40, generator=g),
    "subset": lambda d, g: d.SubsetRandomSampler([3, 5, 9], generator=g),
    "weights": lambda d, g: d.WeightedRandomSampler([0, 1, 3.0, 0], 40, generator=g),
    "weights once": lambda d, g: d.WeightedRandomSampler([1.0, 2, 3], 3, False, generator=g),
    "batches": lambda d, g: d.BatchSampler(d.RandomSampler(range(10), generator=g), 4, False),
    "split": lambda d, g: [list(p) for p in d.random_split(range(10), [3, 7], generator=g)],
    "shares": lambda d, g: [list(p) for p in d.random_split(range(10), [0.25, 0.75], generator=g)],
    "three shares": lambda d, g: [
        list(p) for p in d.random_split(range(11), [0.3, 0.3, 0.4], generator=g)],
}  # fmt: skip


def numbers_of(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)) or getattr(value, "ndim", 0):
        return [n for part in value for n in numbers_of(part)]
    return [int(value)]


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_is_drawn_from_the_same_numbers(name: str) -> None:
    """Other generators draw other orders; what there is to draw, and how often, is the same."""
    make = ORDERS[name]
    mine, other = make(ours, 0), make(theirs, torch.Generator().manual_seed(0))
    found, wanted = list(mine), list(other)
    assert [np.shape(part) for part in found] == [np.shape(part) for part in wanted]
    if "replacement" in name or name == "weights":
        assert set(numbers_of(found)) <= set(numbers_of(wanted))
    elif name != "fewer" and name != "more":
        assert sorted(numbers_of(found)) == sorted(numbers_of(wanted))
    if hasattr(other, "__len__"):
        assert len(mine) == len(other)
    again = make(ours, 0)
    assert [plain(part) for part in again] == [plain(part) for part in found]


class Bad(Plain):
    def __getitem__(self, index: int) -> Any:
        if index == 4:
            raise KeyError("four")
        return index


MISTAKES: dict[str, Callable[[Any], Any]] = {
    "sampler and shuffle": lambda d: d.DataLoader(range(3), sampler=[0], shuffle=True),
    "batch_sampler and batch_size": lambda d: d.DataLoader(range(3), 2, batch_sampler=[[0]]),
    "batch_sampler and shuffle": lambda d: d.DataLoader(
        range(3), shuffle=True, batch_sampler=[[0]]),
    "batch_sampler and sampler": lambda d: d.DataLoader(range(3), sampler=[0], batch_sampler=[[0]]),
    "batch_sampler and drop_last": lambda d: d.DataLoader(
        range(3), drop_last=True, batch_sampler=[[0]]),
    "no batches, drop_last": lambda d: d.DataLoader(range(3), None, drop_last=True),
    "batch_size 0": lambda d: d.DataLoader(range(3), 0),
    "negative batch_size": lambda d: d.DataLoader(range(3), -1),
    "negative workers": lambda d: d.DataLoader(range(3), num_workers=-1),
    "negative timeout": lambda d: d.DataLoader(range(3), timeout=-1),
    "prefetch_factor alone": lambda d: d.DataLoader(range(3), prefetch_factor=2),
    "persistent_workers alone": lambda d: d.DataLoader(range(3), persistent_workers=True),
    "iterable, shuffle": lambda d: d.DataLoader(stream(d), shuffle=True),
    "iterable, sampler": lambda d: d.DataLoader(stream(d), sampler=[0]),
    "iterable, batch_sampler": lambda d: d.DataLoader(stream(d), batch_sampler=[[0]]),
    "unknown option": lambda d: d.DataLoader(range(3), workers=2),
    "shuffled empty": lambda d: d.DataLoader([], shuffle=True),
    "empty dataset": lambda d: d.RandomSampler([]),
    "num_samples 0": lambda d: d.RandomSampler([1], num_samples=0),
    "weights of two axes": lambda d: d.WeightedRandomSampler([[1.0]], 1),
    "weights, num_samples 0": lambda d: d.WeightedRandomSampler([1.0], 0),
    "negative weights": lambda d: list(d.WeightedRandomSampler([1.0, -1.0], 2)),
    "BatchSampler of 0": lambda d: d.BatchSampler(range(3), 0, False),
    "lengths": lambda d: d.random_split(range(3), [1, 1]),
    "no datasets": lambda d: d.ConcatDataset([]),
    "concat of iterables": lambda d: d.ConcatDataset([stream(d)]),
    "concat's end": lambda d: d.ConcatDataset([[1], [2]])[-3],
    "stack of none": lambda d: d.StackDataset(),
    "stack of both": lambda d: d.StackDataset([1], a=[1]),
    "stack of lengths": lambda d: d.StackDataset([1], [1, 2]),
    "dataset's own error": lambda d: list(d.DataLoader(Bad(), 2)),
    "shapes": lambda d: list(d.DataLoader([(np.ones(2),), (np.ones(3),)], 2)),
    "lengths of tuples": lambda d: list(d.DataLoader([(1, 2), (1,)], 2)),
    "None": lambda d: list(d.DataLoader([None, None], 2)),
    "objects": lambda d: list(d.DataLoader([object(), object()], 2)),
    "array of strings": lambda d: d.default_collate([np.array(["a"]), np.array(["b"])]),
    "keys": lambda d: d.default_collate([{"a": 1}, {"b": 1}]),
    "no length": lambda d: len(d.DataLoader(stream(d))),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_pytorch_refuses_is_refused_by_a_class_of_its_error(name: str) -> None:
    with pytest.raises(Exception) as wanted:  # noqa: PT011 - whatever PyTorch raises
        MISTAKES[name](theirs)
    kinds = (ValueError, TypeError, RuntimeError, KeyError, IndexError, AssertionError)
    kind = next(k for k in kinds if isinstance(wanted.value, k))
    alike = {
        ValueError: (ValueError, TypeError, IndexError), RuntimeError: (ValueError, RuntimeError),
        AssertionError: (ValueError, TypeError), KeyError: (KeyError, ValueError),
    }  # fmt: skip
    with pytest.raises(alike.get(kind, kind)) as found:
        MISTAKES[name](ours)
    assert "dataset's own" not in name or found.value.__notes__ == ["at example 4 of Bad"]


@pytest.mark.parametrize("size", [1, 2, 5, 8, 9])
@pytest.mark.parametrize("replicas", [1, 2, 3, 4])
@pytest.mark.parametrize("drop_last", [False, True])
def test_a_distributed_sampler_shares_as_theirs(size: int, replicas: int, drop_last: bool) -> None:
    for rank in range(replicas):
        made = [
            library.DistributedSampler(
                range(size), replicas, rank, shuffle=False, drop_last=drop_last
            )
            for library in (ours, theirs)
        ]
        one, two = ((list(s), len(s), s.num_samples, s.total_size, s.epoch, s.seed) for s in made)
        assert one == two
