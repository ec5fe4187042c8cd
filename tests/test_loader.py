"""DataLoader: what it takes as a dataset, who prepares its batches, and how training is fed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ArgumentError, ArgumentTypeError, StateError
from nn.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    get_worker_info,
    random_split,
)

X = np.arange(36, dtype=np.float32).reshape(12, 3) / 36
Y = np.arange(12) % 3


class Drawing(Dataset):
    """Examples that are drawn anew each time, slowly where it would upset an order."""

    def __len__(self) -> int:
        return 12

    def __getitem__(self, index: int) -> Any:
        time.sleep(0.002 * (index % 3 == 0))
        return X[index] + ag.random.rand(3).numpy(), Y[index]


class Shared(IterableDataset):
    """A stream that its workers share out."""

    def __init__(self, size: int = 12) -> None:
        self.size = size

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        start, step = (0, 1) if info is None else (info.id, info.num_workers)
        return ((X[i], Y[i]) for i in range(start, self.size, step))


def lists(loader: Any) -> Any:
    return [[part.tolist() for part in batch] for batch in loader]


# ---- who prepares --------------------------------------------------------------------------------


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("rng", [None, 3])
def test_the_batches_are_the_same_whoever_prepares_them(shuffle: bool, rng: Any) -> None:
    """Also what is drawn while they are made, and what the loop itself draws meanwhile."""

    def epochs(**options: Any) -> Any:
        nn.manual_seed(5)
        loader = DataLoader(Drawing(), 5, shuffle, rng=rng, **options)
        found = []
        for _ in range(2):
            for x, y in loader:
                found.append([x.tolist(), y.tolist(), ag.random.rand(1).tolist()])
        return found, loader.state_dict(), ag.random.rand(1).tolist()

    wanted = epochs()
    for options in ({"num_workers": 1}, {"num_workers": 3}, {"prefetch": 2},
                    {"num_workers": 2, "prefetch_factor": 1, "persistent_workers": True},
                    {"num_workers": 20}):  # fmt: skip
        assert epochs(**options) == wanted
    assert wanted[0][:3] != wanted[0][3:]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_error_of_a_dataset_says_at_which_example(workers: int) -> None:
    class Broken(Dataset):
        def __len__(self) -> int:
            return 9

        def __getitem__(self, index: int) -> Any:
            if index == 4:
                raise KeyError("missing file")
            return index

    batches = iter(DataLoader(Broken(), 2, num_workers=workers))
    assert [next(batches).tolist(), next(batches).tolist()] == [[0, 1], [2, 3]]
    with pytest.raises(KeyError, match="missing file") as caught:
        next(batches)
    assert caught.value.__notes__[0] == "at example 4 of Broken"
    assert len(caught.value.__notes__) == 1 + (workers > 0)


def test_workers_go_no_further_ahead_than_they_may() -> None:
    asked: list[int] = []

    class Counting(Dataset):
        def __len__(self) -> int:
            return 100

        def __getitem__(self, index: int) -> int:
            asked.append(index)
            return index

    batches = iter(DataLoader(Counting(), 1, num_workers=2, prefetch_factor=3))
    assert not asked
    next(batches)
    time.sleep(0.05)
    assert len(asked) <= 7
    batches.close()  # type: ignore[attr-defined]


def test_workers_end_with_the_loop_that_they_work_for() -> None:
    before = threading.active_count()
    for loader in (DataLoader(Drawing(), 2, num_workers=3), DataLoader(Shared(), 2, num_workers=2)):
        for _ in loader:
            break
        assert threading.active_count() == before
        list(loader)
        assert threading.active_count() == before


def test_a_worker_knows_which_it_is_and_has_a_dataset_of_its_own() -> None:
    class Told(Dataset):
        mine = -1

        def __len__(self) -> int:
            return 6

        def __getitem__(self, index: int) -> Any:
            info = get_worker_info()
            assert info is not None
            assert info.dataset is self
            return info.id, info.num_workers, self.mine

    def start(number: int) -> None:
        info = get_worker_info()
        assert info is not None
        assert info.id == number
        info.dataset.mine = number

    data = Told()
    batches = lists(DataLoader(data, 2, num_workers=3, worker_init_fn=start))
    assert batches == [[[w, w], [3, 3], [w, w]] for w in range(3)]
    assert data.mine == -1
    assert get_worker_info() is None


def test_a_stream_is_shared_out_and_each_example_comes_once() -> None:
    for workers in (0, 1, 2, 5):
        labels = [y for _, ys in lists(DataLoader(Shared(11), 2, num_workers=workers)) for y in ys]
        assert sorted(labels) == sorted(Y[:11].tolist())


def test_a_worker_that_takes_too_long_is_reported() -> None:
    release = threading.Event()

    class Stuck(Dataset):
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> int:
            release.wait(5)
            return index

    with pytest.raises(StateError, match=r"timed out after 0\.05 seconds: worker 0"):
        list(DataLoader(Stuck(), num_workers=1, timeout=0.05))
    release.set()


def test_what_has_no_effect_on_threads_is_taken() -> None:
    loader = DataLoader(
        X, 4, num_workers=2, pin_memory=True, persistent_workers=True, prefetch_factor=4,
        multiprocessing_context="spawn", pin_memory_device="cuda", in_order=False,
    )  # fmt: skip
    assert lists(loader) == lists(DataLoader(X, 4))


# ---- what is a dataset ---------------------------------------------------------------------------


def test_arrays_are_columns_and_lists_are_examples() -> None:
    for columns in ((X, Y), [X, Y], (Tensor(X), Y), (X.tolist(), Y.tolist())):
        x, y = next(iter(DataLoader(columns, 2)))
        assert (x.shape, y.shape) == ((2, 3), (2,))
    for rows in (X, Tensor(X)):
        (x,) = next(iter(DataLoader(rows, 2)))
        assert x.shape == (2, 3)
    ragged = [np.ones(2), np.ones(3)]
    assert next(iter(DataLoader(ragged, 2, collate_fn=len))) == 2
    assert next(iter(DataLoader([X, X], 2, collate_fn=len))) == 2
    assert next(iter(DataLoader(nn.data.Examples([X, X]), 2))).shape == (2, 12, 3)
    with pytest.raises(ArgumentError, match=r"columns or examples(.|\n)*\(x, y\)(.|\n)*Examples"):
        DataLoader([X, X], 2)


def test_the_dataset_of_a_loader_is_the_one_that_it_was_given() -> None:
    class Foreign:
        classes = ("a", "b")

        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Any:
            return X[index], index % 2

    data = Foreign()
    assert DataLoader(data).dataset is data
    assert Subset(data, [1]).dataset is data
    assert random_split(data, [1, 3])[0].dataset is data
    assert ConcatDataset([data, data]).datasets == [data, data]
    assert len(DataLoader(data, 3).sampler) == 4


def test_a_collate_fn_sees_rows_of_arrays_as_tensors() -> None:
    def stacked(examples: list[Any]) -> Any:
        return ag.stack([x * 2 for x, _ in examples]), [y.item() for _, y in examples]

    x, y = next(iter(DataLoader((X, Y), 3, collate_fn=stacked)))
    np.testing.assert_array_equal(x.numpy(), X[:3] * 2)
    assert y == [0, 1, 2]


class OnlyItems:
    def __getitem__(self, index: int) -> Any:
        return index


REFUSED: dict[str, tuple[Callable[[], Any], type, str]] = {
    "generator": (
        lambda: DataLoader(x for x in X),
        ArgumentTypeError,
        "its examples once(.|\n)*list",
    ),
    "zip": (lambda: DataLoader(zip(X, Y, strict=True)), ArgumentTypeError, "a zip gives"),
    "no length": (
        lambda: DataLoader(OnlyItems()),
        ArgumentTypeError,
        r"OnlyItems has no __len__\(\)",
    ),
    "a number": (lambda: DataLoader(3), TypeError, "DataLoader: dataset must be a dataset"),
    "drop_last by position": (
        lambda: DataLoader(X, 2, False, True),
        ArgumentTypeError,
        "DataLoader: sampler must be an iterable",
    ),
    "sampler and shuffle": (
        lambda: DataLoader(X, shuffle=True, sampler=[1]),
        ArgumentError,
        "leave out shuffle=True",
    ),
    "batch_sampler": (
        lambda: DataLoader(X, 2, batch_sampler=[[1]]),
        ArgumentError,
        "leave out batch_size",
    ),
    "one by one": (
        lambda: DataLoader(X, None, drop_last=True),
        ArgumentError,
        "leave out drop_last",
    ),
    "stream, shuffled": (
        lambda: DataLoader(Shared(), shuffle=True),
        ArgumentError,
        "order of its own",
    ),
    "prefetch_factor": (
        lambda: DataLoader(X, prefetch_factor=2),
        ArgumentError,
        "needs num_workers",
    ),
    "persistent": (
        lambda: DataLoader(X, persistent_workers=True),
        ArgumentError,
        "needs num_workers",
    ),
    "prefetch too": (
        lambda: DataLoader(X, num_workers=1, prefetch=1),
        ArgumentError,
        "leave out prefetch",
    ),
    "two generators": (
        lambda: DataLoader(X, rng=1, generator=2),
        ArgumentError,
        "two names for one",
    ),
    "transform": (
        lambda: DataLoader(X, collate_fn=len, transform=len),
        ArgumentError,
        "in the collate_fn",
    ),
    "workers": (
        lambda: DataLoader(X, num_workers=-1),
        ValueError,
        "num_workers must not be negative",
    ),
    "split of a stream": (
        lambda: random_split(Shared(), [1]),
        ArgumentTypeError,
        "examples by number",
    ),
    "subset of a stream": (lambda: Subset(Shared(), [1]), ArgumentTypeError, "Subset takes"),
    "item of a stream": (lambda: Shared()[0], NotImplementedError, "none by number"),
    "stream without __iter__": (
        lambda: iter(IterableDataset()),
        NotImplementedError,
        "has no __iter__",
    ),
    "sampler without __iter__": (lambda: iter(nn.data.Sampler()), NotImplementedError, "__iter__"),
    "no sampler": (lambda: BatchSampler(3, 1, False), TypeError, "sampler must be an iterable"),
    "weights": (lambda: WeightedRandomSampler([1.0, -1.0], 1), ArgumentError, "not negative"),
    "weights that are used up": (
        lambda: WeightedRandomSampler([1.0, 0.0], 2, False),
        ArgumentError,
        "only 1 examples",
    ),
    "keys": (
        lambda: nn.data.default_collate([{"a": 1}, {"b": 1}]),
        ArgumentError,
        "example 1 .* no 'a'",
    ),
    "nothing": (lambda: nn.data.default_collate([]), ArgumentError, "no examples"),
    "shapes": (
        lambda: nn.data.default_collate([np.ones(2), np.ones(3)]),
        ValueError,
        r"\(2,\) and \(3,\)",
    ),
    "pictures": (lambda: nn.data.default_collate([OnlyItems()]), TypeError, "collate_fn"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_batches_is_refused_in_words(name: str) -> None:
    call, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        call()


# ---- training ------------------------------------------------------------------------------------


def model() -> Any:
    nn.manual_seed(1)
    net = nn.Sequential(nn.LazyLinear(3), nn.BatchNorm1d(3))
    net.compile("adam", nn.CrossEntropyLoss(), metrics=["accuracy"])
    return net


FED: dict[str, Callable[[], Any]] = {
    "workers": lambda: DataLoader((X, Y), 4, num_workers=2),
    "sampler": lambda: DataLoader((X, Y), 4, sampler=range(12)),
    "batch_sampler": lambda: DataLoader((X, Y), batch_sampler=BatchSampler(range(12), 4, False)),
    "collate_fn": lambda: DataLoader(
        list(zip(X, Y, strict=True)), 4, collate_fn=nn.data.default_collate
    ),
    "stream": lambda: DataLoader(Shared(), 4),
    "lists": lambda: DataLoader([[x, y] for x, y in zip(X, Y, strict=True)], 4),
}


@pytest.mark.parametrize("name", FED)
def test_training_takes_every_loader(name: str) -> None:
    wanted = model()
    history = wanted.fit(DataLoader((X, Y), 4), epochs=2, verbose=0).history
    net = model()
    assert (
        net.fit(FED[name](), epochs=2, verbose=0, validation_data=FED[name]()).history["loss"]
        == (history["loss"])
    )
    assert net.evaluate(FED[name]()) == wanted.evaluate(DataLoader((X, Y), 4))
    np.testing.assert_array_equal(net.predict(FED[name]()), wanted.predict(X, batch_size=4))


def test_a_stream_trains_as_it_is_and_a_bar_knows_no_end(capsys: Any) -> None:
    net = model()
    net.fit(Shared(), batch_size=4, epochs=1, verbose=2)
    assert "Epoch 1/1" in capsys.readouterr().out
    assert net.predict(Shared()).shape == (12, 3)


def test_predictions_come_unshuffled() -> None:
    net = model()
    net.fit(X, Y, verbose=0)
    wanted = net.predict(X)
    for loader in (
        DataLoader((X, Y), 5, shuffle=True, drop_last=True),
        DataLoader((X, Y), 5, sampler=RandomSampler(X)),
        DataLoader((X, Y), batch_sampler=BatchSampler(RandomSampler(X), 5, True)),
    ):
        np.testing.assert_allclose(net.predict(loader), wanted, rtol=1e-6)
    part = DataLoader((X, Y), 5, sampler=SubsetRandomSampler([7, 2, 4]))
    np.testing.assert_allclose(net.predict(part), wanted[[7, 2, 4]], rtol=1e-6)


@pytest.mark.parametrize("make", [
    lambda: DataLoader((X, Y), 4, shuffle=True, rng=2, num_workers=2),
    lambda: DataLoader((X, Y), 4, sampler=RandomSampler(X, generator=2)),
    lambda: DataLoader((X, Y), 4, sampler=WeightedRandomSampler(Y + 1.0, 12, rng=2), rng=4),
    lambda: DataLoader((X, Y), batch_sampler=BatchSampler(RandomSampler(X, rng=2), 4, False)),
])  # fmt: skip
def test_a_state_goes_on_with_every_sampler(make: Any) -> None:
    loader, other = make(), make()
    lists(loader)
    state = loader.state_dict()
    wanted = lists(loader)
    other.load_state_dict(state)
    assert lists(other) == wanted
    assert wanted != lists(loader)


def test_consecutive_rows_of_arrays_are_not_copied() -> None:
    data = TensorDataset(X, Y)
    for loader in (DataLoader(data, 4), DataLoader(data, 4, num_workers=2)):
        assert all(np.shares_memory(x.numpy(), X) for x, _ in loader)
    assert data.tensors[0].tolist() == X.tolist()
