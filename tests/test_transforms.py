"""Transforms: a batch image by image, or one picture as torchvision's programs have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.errors import AutogradError
from nn.data import transforms as T

PICTURE = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
IMAGE = Tensor(PICTURE.transpose(2, 0, 1).astype("float32"))

DRAWN: dict[str, Callable[[], Any]] = {
    "turned": lambda: T.RandomHorizontalFlip(0.5),
    "upside down": lambda: T.RandomVerticalFlip(0.5),
    "crop": lambda: T.RandomCrop(3),
    "shift": lambda: T.RandomShift(1),
    "all": lambda: T.Compose([T.RandomHorizontalFlip(), T.RandomCrop(3), T.RandomVerticalFlip()]),
}


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (PICTURE, PICTURE.transpose(2, 0, 1) / np.float32(255)),
        (PICTURE[..., 0], PICTURE[None, ..., 0] / np.float32(255)),
        (PICTURE[..., :1] > 3, (PICTURE[None, ..., 0] > 3).astype("float32")),
        (PICTURE / 7, PICTURE.transpose(2, 0, 1) / 7),
        (PICTURE.astype("int32"), PICTURE.transpose(2, 0, 1).astype("int32")),
    ],
    ids=["bytes", "one channel", "booleans", "floats", "integers"],
)
def test_a_picture_becomes_a_tensor_with_its_channels_first(picture: Any, expected: Any) -> None:
    made = T.ToTensor()(picture)
    assert isinstance(made, Tensor)
    assert made.dtype == expected.dtype
    np.testing.assert_array_equal(made.numpy(), expected)


@pytest.mark.parametrize("name", DRAWN)
def test_a_tensor_is_one_image_whose_channels_move_together(name: str) -> None:
    transform = DRAWN[name]()
    seen = set()
    for seed in range(12):
        made = transform(IMAGE, np.random.default_rng(seed))
        assert isinstance(made, Tensor)
        flat = made.numpy()
        inside = (flat[1:] != 0) & (flat[:-1] != 0)  # what was shifted in is 0
        assert np.all((flat[1:] - flat[:-1])[inside] == 1)  # as in the picture
        seen.add(flat.tobytes())
        same = transform(IMAGE[None].numpy(), np.random.default_rng(seed))
        np.testing.assert_array_equal(same[0], flat)
    assert len(seen) > 1
    nn.manual_seed(3)
    first = transform(IMAGE).tolist()
    nn.manual_seed(3)
    assert transform(IMAGE).tolist() == first  # drawn from the default generator


def test_a_program_of_torchvision_prepares_its_pictures() -> None:
    transform = T.Compose([
        T.ToTensor(), T.Normalize((0.5, 0.5, 0.5), (0.2, 0.2, 0.2)), T.RandomHorizontalFlip(1.0),
        T.Lambda(lambda x: x.reshape(-1)), np.asarray, lambda x: x * 2,
    ])  # fmt: skip
    expected = (PICTURE.transpose(2, 0, 1) / np.float32(255) - np.float32(0.5)) / np.float32(0.2)
    made = transform(PICTURE)
    np.testing.assert_allclose(made, 2 * expected[..., ::-1].ravel(), rtol=1e-6)


STILL: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "pad": (T.Pad(1), lambda x: np.pad(x, [(0, 0), (1, 1), (1, 1)])),
    "pad two": (
        T.Pad((1, 2), fill=7),
        lambda x: np.pad(x, [(0, 0), (2, 2), (1, 1)], constant_values=7),
    ),
    "pad four": (T.Pad([1, 2, 3, 0]), lambda x: np.pad(x, [(0, 0), (2, 0), (1, 3)])),
    "centre": (T.CenterCrop(2), lambda x: x[:, 2:4, 1:3]),
    "centre, wide": (T.CenterCrop((5, 6)), lambda x: np.pad(x, [(0, 0), (0, 0), (1, 1)])),
    "gray": (
        T.Grayscale(),
        lambda x: (x * [[[0.2989]], [[0.587]], [[0.114]]]).sum(0, keepdims=True),
    ),
    "gray thrice": (
        T.Grayscale(3),
        lambda x: np.repeat((x * [[[0.2989]], [[0.587]], [[0.114]]]).sum(0, keepdims=True), 3, 0),
    ),
    "upside down": (T.RandomVerticalFlip(1.0), lambda x: x[:, ::-1]),
}


@pytest.mark.parametrize("name", STILL)
def test_what_draws_nothing(name: str) -> None:
    transform, reference = STILL[name]
    expected = reference(IMAGE.numpy())
    np.testing.assert_allclose(transform(IMAGE).numpy(), expected, rtol=1e-6)
    batch = np.stack([IMAGE.numpy()] * 2)
    np.testing.assert_allclose(transform(batch), np.stack([expected] * 2), rtol=1e-6)


def test_workers_draw_the_same_crops() -> None:
    class Pictures(nn.data.Dataset):
        transform = T.Compose([T.ToTensor(), T.RandomCrop(3), T.RandomHorizontalFlip()])

        def __len__(self) -> int:
            return 9

        def __getitem__(self, index: int) -> Any:
            return self.transform(PICTURE + index), index

    def batches(workers: int) -> Any:
        loader = nn.data.DataLoader(Pictures(), 4, num_workers=workers, rng=3)
        return [x.tolist() for x, _ in loader]

    assert batches(0) == batches(2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: T.RandomHorizontalFlip()(PICTURE[..., 0]), "one image is a Tensor"),
        (
            lambda: T.Normalize([0.5], [0.5])(IMAGE),
            r"1 channels are described, the batch is \(1, 3",
        ),
        (lambda: T.Grayscale()(IMAGE[:2]), "expected three channels"),
        (lambda: T.Pad((1, 2, 3)), "1, 2 or 4 numbers, got 3"),
        (lambda: T.ToTensor()(np.zeros(3)), r"pic must be a picture(.|\n)*float64 of shape \(3,\)"),
        (lambda: T.ToTensor()("cat.png"), "pic must be a picture"),
        (lambda: T.CenterCrop(0), "size must be at least 1"),
    ],
)
def test_what_transforms_refuse(call: Any, message: str) -> None:
    with pytest.raises(AutogradError, match=message):
        call()
