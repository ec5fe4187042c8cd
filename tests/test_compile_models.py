"""Every network of nn.models, thin, is fitted by plans to the losses of eager training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import nn
import optim

M = nn.models
IMAGE = (3, 32, 32)
LARGER = (3, 64, 64)  # so that a norm sees more than one place
MODELS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "LeNet5": (lambda: M.LeNet5(5), (1, 28, 28)),
    "LeNet5 of 1998": (lambda: M.LeNet5(5, activation="tanh", pool="avg"), (1, 28, 28)),
    "AlexNet": (lambda: M.AlexNet(5), (3, 227, 227)),
    "VGG11": (lambda: M.VGG11(5), IMAGE),
    "VGG11 with norms": (lambda: M.VGG11(5, batch_norm=True), IMAGE),
    "GoogLeNet": (lambda: M.GoogLeNet(5), LARGER),
    "ResNet18": (lambda: M.ResNet18(5, width=8), LARGER),
    "ResNet50": (lambda: M.ResNet50(5, width=8), LARGER),
    "ResNet20": (lambda: M.ResNet20(5), IMAGE),
    "MLP": (lambda: M.MLP([9, 8, 5], "tanh"), (9,)),
    "Perceptron with a loss": (lambda: nn.Sequential(nn.Linear(9, 5)), (9,)),
}
# Of those with the kinds of kernels that others have too there are enough.
NATIVE = ["LeNet5", "LeNet5 of 1998", "VGG11", "ResNet18", "MLP", "Perceptron with a loss"]
THINNER = 8  # so many times fewer channels


@pytest.fixture(autouse=True)
def thin(monkeypatch: Any) -> None:
    """AlexNet and VGG have no width to choose: their layers get fewer channels as they are made."""
    for kind in ("Linear", "Conv2d", "BatchNorm2d"):
        monkeypatch.setattr(nn, kind, partial(thinned, getattr(nn, kind)))


def thinned(kind: Any, *sizes: Any, **options: Any) -> Any:
    wide = 1 if kind.__name__ == "BatchNorm2d" else 2
    return kind(*map(thinner, sizes[:wide]), *sizes[wide:], **options)


def thinner(count: int) -> int:
    return count // THINNER if count % THINNER == 0 and count >= 2 * THINNER else count


class Losses(nn.callbacks.Callback):
    """Those of each step."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(logs["loss"])


def losses(name: str, jit: bool) -> tuple[list[float], bytes]:
    """Steps of Adam, of which the last has a smaller batch: the losses, and the weights."""
    make, shape = MODELS[name]
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, *shape)).astype("float32"), rng.integers(0, 5, 5)
    model = make()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    model.compile(optimizer, nn.CrossEntropyLoss(), jit_compile=jit)
    found = Losses()
    model.fit(x, y, batch_size=2, epochs=1, shuffle=False, verbose=0, callbacks=[found])
    return found.seen, b"".join(p.numpy().tobytes() for p in model.state_dict().values())


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_fitted_to_the_same_bits_where_nothing_is_fused(
    name: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: "kernels")
    assert losses(name, True) == losses(name, False)


@pytest.mark.parametrize("name", NATIVE)
def test_a_model_is_fitted_to_the_same_losses_by_native_code(name: str) -> None:
    """Plans check their first calls by bounds of their own; from there on roundings grow by steps
    of Adam, which divides a small gradient by itself: half a rate, at most, of a weight.
    """
    pytest.importorskip("llvmlite")
    found, right = losses(name, True)[0], losses(name, False)[0]
    np.testing.assert_allclose(found[0], right[0], rtol=1e-5)
    np.testing.assert_allclose(found, right, rtol=1e-2)
