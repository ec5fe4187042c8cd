"""Datasets, loaders and transforms: every example once, in an order that can be had again."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ShapeError, StateDictError
from nn.data import DataLoader, Dataset, Subset, TensorDataset, random_split, train_test_split
from nn.data import transforms as T


class Squares(Dataset):
    """Has nothing but the two methods that every dataset has."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> Any:
        return np.array([index, index**2]), index


def flat(loader: DataLoader) -> list[Any]:
    return [v for batch in loader for v in np.ravel(batch[-1].numpy()).tolist()]


@given(size=st.integers(1, 20), batch=st.integers(1, 8), shuffle=st.booleans(),
       drop_last=st.booleans(), prefetch=st.integers(0, 2))  # fmt: skip
def test_an_epoch_has_every_example_once(
    size: int, batch: int, shuffle: bool, drop_last: bool, prefetch: int
) -> None:
    loader = DataLoader(
        np.arange(size), batch, shuffle, drop_last=drop_last, rng=0, prefetch=prefetch
    )
    sizes = [len(x) for (x,) in loader]
    assert len(sizes) == len(loader)
    assert all(n == batch for n in sizes[:-1])
    seen = flat(loader)
    expected = size - size % batch if drop_last else size
    assert len(set(seen)) == len(seen) == expected
    assert shuffle or seen == list(range(expected))


def test_the_same_seed_gives_the_same_epochs_and_each_has_its_own_order() -> None:
    one, two = (DataLoader(np.arange(50), 8, shuffle=True, rng=3, prefetch=p) for p in (0, 2))
    first = flat(one), flat(one)
    assert first == (flat(two), flat(two))
    assert first[0] != first[1]
    nn.manual_seed(5)
    default = DataLoader(np.arange(50), 8, shuffle=True)
    once = flat(default)
    nn.manual_seed(5)
    assert flat(default) == once


def test_a_state_goes_on_with_the_epochs_that_would_have_come() -> None:
    loader = DataLoader(np.arange(20), 4, shuffle=True, rng=1)
    flat(loader)
    state = loader.state_dict()
    expected = flat(loader)
    other = DataLoader(np.arange(20), 4, shuffle=True, rng=99)
    other.load_state_dict(state)
    assert flat(other) == expected
    with pytest.raises(StateDictError, match="a generator of its own"):
        DataLoader(np.arange(20)).load_state_dict(state)


def test_batches_are_tensors_of_the_arrays_dtypes_and_shuffling_keeps_rows_together() -> None:
    x, y = np.arange(20, dtype=np.float32).reshape(10, 2), np.arange(10)
    for a, b in DataLoader((x, y), 3, shuffle=True, rng=0):
        assert isinstance(a, Tensor)
        assert a.dtype == np.float32
        assert b.dtype == np.int64
        np.testing.assert_array_equal(a.numpy(), x[b.numpy()])


def test_a_dataset_of_two_methods_is_enough() -> None:
    loader = DataLoader(Squares(), 3)
    batches = [(a.tolist(), b.tolist()) for a, b in loader]
    assert batches[0] == ([[0, 0], [1, 1], [2, 4]], [0, 1, 2])
    assert len(batches) == 3
    assert flat(DataLoader(Subset(Squares(), [5, 1]), 2)) == [5, 1]


class Noisy(Squares):
    """Draws from the default generator, in whatever thread it is asked."""

    def __getitem__(self, index: int) -> Any:
        return ag.random.randn(3).numpy() + index, index


DRAWING: dict[str, Any] = {
    "transform": (np.zeros((7, 3)), lambda x, rng: x + rng.normal(size=x.shape)),
    "transform of the default": (np.zeros((7, 3)), lambda x, rng: x + nn.functional.dropout(
        Tensor(np.ones(x.shape))).numpy()),
    "dataset": (Noisy(), None),
    "both": (Noisy(), lambda x, rng: x * rng.random()),
    "part": (Subset(Noisy(), [4, 2, 5, 1]), None),
    "neither": (np.zeros((7, 3)), None),
}  # fmt: skip


@pytest.mark.parametrize("rng", [None, 3])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("kind", DRAWING)
def test_what_is_prefetched_is_what_would_have_come(kind: str, shuffle: bool, rng: Any) -> None:
    """Also while the loop draws too, as dropout does, however the threads take turns."""
    data, transform = DRAWING[kind]

    def epochs(prefetch: int, stop: int = 99) -> list[Any]:
        nn.manual_seed(7)
        loader = DataLoader(data, 2, shuffle, transform=transform, rng=rng, prefetch=prefetch)
        found: list[Any] = []
        for _ in range(2):
            for number, (x, *_rest) in enumerate(loader):
                found += [x.tolist(), ag.random.rand(2).tolist()]
                if prefetch:
                    time.sleep(0.0005 * (number % 2))
                if number == stop:
                    break
        return [*found, loader.state_dict(), ag.random.rand(2).tolist()]

    wanted = epochs(0)
    assert epochs(3) == epochs(1) == wanted
    assert epochs(2, stop=0) == epochs(0, stop=0)
    if kind != "neither":
        assert wanted[0] != wanted[2]


class Endless:
    """What another library calls a dataset: NumPy would never find its end."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: Any) -> Any:
        return np.array([index, 1.0], "float32"), index % 2


class OfOurs(Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: Any) -> Any:
        return np.array([index, 1.0], "float32"), index % 2


@pytest.mark.parametrize("kind", [Endless, OfOurs])
def test_a_dataset_ends_where_its_length_says(kind: Any) -> None:
    def model() -> nn.Sequential:
        net = nn.Sequential(nn.Linear(2, 2))
        net.compile("sgd", nn.CrossEntropyLoss())
        return net

    assert flat(DataLoader(kind(), 3)) == [0, 1, 0, 1]
    assert flat(DataLoader(Subset(kind(), [3, 0]), 3)) == [1, 0]
    assert sum(len(part) for part in random_split(kind(), [0.5, 0.5])) == 4
    assert len(model().fit(kind(), verbose=0, validation_data=kind()).history) == 2
    assert model().evaluate(kind())["loss"] > 0
    assert model().predict(kind()).shape == (4, 2)
    with pytest.raises(TypeError, match="is a dataset and no array: give it to DataLoader"):
        TensorDataset(kind())
    with pytest.raises(TypeError, match="is a dataset and no array"):
        train_test_split(kind())
    with pytest.raises(ValueError, match="brings its own y"):
        model().fit(kind(), np.ones(4))
    assert [example[1] for example in OfOurs()] == [0, 1, 0, 1]


def test_a_list_of_tuples_is_a_list_of_examples() -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    for pairs in (list(zip(x, y, strict=True)), list(zip(map(Tensor, x), y, strict=True))):
        first, second = DataLoader(pairs, 2)
        assert [v.shape for v in (*first, *second)] == [(2, 2), (2,), (1, 2), (1,)]
        assert len(Subset(pairs, [0, 2])) == 2
        assert [len(part) for part in random_split(pairs, [Tensor(0.5), np.array(0.5)], 0)] == [
            2,
            1,
        ]
    assert [v.shape for v in next(iter(DataLoader([x, y], 2)))] == [(2, 2), (2,)]


class Named(Squares):
    def __getitem__(self, index: int) -> Any:
        return {"x": np.float32([index, 1]), "label": index % 2}


def test_examples_that_are_dicts_make_batches_that_are_and_training_says_what_to_return() -> None:
    first = next(iter(DataLoader(Named(), 2)))
    assert first["x"].tolist() == [[0, 1], [1, 1]]
    assert first["label"].tolist() == [0, 1]
    model = nn.Sequential(nn.Linear(2, 2))
    model.compile("sgd", nn.CrossEntropyLoss())
    for data in (Named(), DataLoader(Named(), 2)):
        with pytest.raises(TypeError, match=r"a dict with the keys x, label(.|\n)*labels last"):
            model.fit(data, verbose=0)
    assert model.fit(DataLoader(Named(), 2, collate_fn=_pairs), verbose=0).history["loss"]


def _pairs(examples: list[Any]) -> Any:
    return nn.data.default_collate([(e["x"], e["label"]) for e in examples])


def test_a_loop_that_breaks_off_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    for _ in DataLoader(np.arange(100), 2, prefetch=3):
        break
    assert threading.active_count() == before


def test_an_error_of_the_background_is_raised_in_the_loop() -> None:
    def broken(x: Any, rng: Any) -> Any:
        raise RuntimeError("broken transform")

    with pytest.raises(RuntimeError, match="broken transform"):
        list(DataLoader(np.arange(4), 2, transform=broken, prefetch=1))


@given(size=st.integers(0, 40), share=st.floats(0, 1))
def test_parts_are_disjoint_and_together_the_whole(size: int, share: float) -> None:
    parts = random_split(TensorDataset(np.arange(size)), [share, 1 - share], rng=0)
    seen = sorted(i for part in parts for i in part.indices.tolist())
    assert seen == list(range(size))
    assert abs(len(parts[0]) - share * size) <= 1


def test_arrays_are_split_together() -> None:
    x, y = np.arange(40).reshape(20, 2), np.arange(20)
    train, val, test = train_test_split(x, y, test_size=0.2, validation_size=0.1, rng=0)
    assert [len(part[0]) for part in (train, val, test)] == [14, 2, 4]
    for a, b in (train, val, test):
        np.testing.assert_array_equal(a[:, 0], 2 * b)


# ---- transforms ----------------------------------------------------------------------------------


def images(channels: int = 2) -> Any:
    return np.arange(3 * channels * 4 * 5, dtype=np.float32).reshape(3, channels, 4, 5)


def test_a_flip_turns_some_images_whole_and_leaves_the_input() -> None:
    x = images()
    kept = x.copy()
    turned = T.RandomHorizontalFlip(0.5)(x, np.random.default_rng(2))
    np.testing.assert_array_equal(x, kept)
    ways = [
        "same" if np.array_equal(a, b) else "turned" if np.array_equal(a, b[..., ::-1]) else "?"
        for a, b in zip(turned, x, strict=True)
    ]
    assert set(ways) == {"same", "turned"}


@pytest.mark.parametrize("channels", [None, 2])
def test_a_crop_is_a_window_of_the_padded_image(channels: int | None) -> None:
    x = images(2) if channels else images(1)[:, 0]
    padded = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(1, 1), (1, 1)])
    out = T.RandomCrop((3, 4), padding=1)(x, np.random.default_rng(0))
    assert out.shape == (*x.shape[:-2], 3, 4)
    assert out.dtype == x.dtype
    for image, whole in zip(out, padded, strict=True):
        windows = [whole[..., i : i + 3, j : j + 4] for i in range(4) for j in range(4)]
        assert any(np.array_equal(image, window) for window in windows)


def test_a_shift_keeps_the_size() -> None:
    assert T.RandomShift(2)(images(), np.random.default_rng(0)).shape == images().shape


def test_normalised_channels_have_mean_0_and_deviation_1() -> None:
    x = images()
    mean, std = x.mean(axis=(0, 2, 3)), x.std(axis=(0, 2, 3))
    out = T.Normalize(mean, std)(x)
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(out.std(axis=(0, 2, 3)), 1, rtol=1e-6)
    assert out.dtype == np.float32


def test_one_hot_rows() -> None:
    assert T.OneHot(3)(np.array([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TensorDataset(), TypeError, "at least one array"),
        (lambda: TensorDataset(np.ones(3), np.ones(4)), ShapeError, "have 3 and 4 examples"),
        (lambda: TensorDataset(np.float64(1)), ShapeError, "without axes"),
        (lambda: TensorDataset(np.ones(3))[3], IndexError, "there are 3 examples"),
        (lambda: Subset(TensorDataset(np.ones(3)), [3]), IndexError, "no number 3"),
        (lambda: DataLoader(np.ones((0, 2))), ValueError, "the dataset is empty"),
        (lambda: DataLoader(np.ones(2), batch_size=0), ValueError, "batch_size must be at least"),
        (lambda: DataLoader(np.ones(2), prefetch=-1), ValueError, "prefetch must not be negative"),
        (lambda: random_split(TensorDataset(np.ones(3)), [1, 1]), ValueError, r"sum to 2; they"),
        (lambda: train_test_split(np.ones(3), test_size=1.5), ValueError, "are shares"),
        (lambda: T.Normalize([1, 2], [1, 0]), ValueError, "std must be positive"),
        (lambda: T.Normalize([1] * 3, [1] * 3)(images()), ShapeError, r"expected \(N, 3, H, W\)"),
        (lambda: T.RandomCrop(9)(images(), np.random.default_rng()), ShapeError, "no window of"),
        (lambda: T.RandomHorizontalFlip(2), ValueError, "p is a probability"),
        (lambda: T.OneHot(2)(np.array([0, 2])), ValueError, "label 2 is out of range"),
        (lambda: len(Dataset()), NotImplementedError, "has no __len__"),
        (lambda: Dataset()[0], NotImplementedError, "has no __getitem__"),
    ],
)
def test_what_data_refuses(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()
