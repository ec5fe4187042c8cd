"""Steps of training, from a small MLP to a block of a transformer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networks
import numpy as np
from library import LOSSES, fill, seconds, step_time

MLP = [784, 256, 10]
LARGE_MLP = [784, 1024, 1024, 10]


def network(nn: Any, sizes: list[int], nonlinearity: Any, after_last: bool = False) -> Any:
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nonlinearity()]
    return nn.Sequential(*(layers if after_last else layers[:-1]))


def images(count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.random((count, MLP[0])).astype(np.float32), rng.integers(0, MLP[-1], count)


def inference(library: Any) -> float:
    """The MLP on one image, nothing recorded: µs."""
    pixels, _ = images(1)
    if library is None:
        from by_hand import Mlp

        by_hand = Mlp(MLP, "relu")
        return seconds(lambda: by_hand.forward(pixels)[-1]) * 1e6
    model, x = network(library.nn, MLP, library.nn.ReLU), library.constant(pixels)
    with library.no_grad():
        return seconds(lambda: model(x)) * 1e6


def training_step(library: Any) -> float:
    """One step of Adam on the MLP, batch 32: ms."""
    pixels, labels = images(32)
    if library is None:
        from by_hand import Adam, Mlp, cross_entropy

        by_hand = Mlp(MLP, "relu")
        adam = Adam(by_hand.parameters)

        def step_by_hand() -> None:
            outputs = by_hand.forward(pixels)
            _, g = cross_entropy(outputs[-1], labels)
            adam.step(by_hand.backward(outputs, g))

        return seconds(step_by_hand) * 1e3
    return mlp_step(library, MLP, 32)


def mlp_step(library: Any, sizes: list[int], batch: int) -> float:
    """One step of Adam on an MLP: ms."""
    pixels, labels = images(batch)
    model = fill(library, network(library.nn, sizes, library.nn.ReLU))
    criterion, optimizer = library.nn.CrossEntropyLoss(), library.optim.Adam(model.parameters())
    x, target = library.constant(pixels), library.constant(labels)
    return step_time(library, lambda: criterion(model(x), target), optimizer)


def large_mlp(library: Any) -> float:
    return mlp_step(library, LARGE_MLP, 256)


def image_step(library: Any, name: str) -> float:
    """One step of SGD with momentum on a convolutional network: ms."""
    rng = np.random.default_rng(0)
    shape = networks.IMAGES[name]
    x = library.constant(rng.random(shape).astype(np.float32))
    target = library.constant(rng.integers(0, 10, shape[0]))
    model = fill(library, getattr(networks, name)(library.nn))
    criterion = library.nn.CrossEntropyLoss()
    optimizer = library.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return step_time(library, lambda: criterion(model(x), target), optimizer)


def lenet(library: Any) -> float:
    return image_step(library, "lenet")


def resnet20(library: Any) -> float:
    return image_step(library, "resnet20")


def vgg(library: Any) -> float:
    return image_step(library, "vgg")


def transformer(library: Any) -> float:
    """A block of width 256 with 8 heads on 8 sequences of 128, causal, GELU, Adam: ms."""
    rng = np.random.default_rng(0)
    x = library.constant(rng.standard_normal((8, 128, 256)).astype(np.float32))
    model = fill(library, networks.block(library, 256, 8))
    optimizer = library.optim.Adam(model.parameters())
    return step_time(library, lambda: (model(x) ** 2).mean(), optimizer)


def lstm_loop(library: Any) -> float:
    """An LSTMCell of 128 on 50 steps of 32 sequences of 64, by a loop in Python; SGD: ms."""
    rng = np.random.default_rng(0)
    x = [library.constant(rng.standard_normal((32, 64)).astype(np.float32)) for _ in range(50)]
    zeros = library.constant(np.zeros((32, 128), np.float32))
    cell = fill(library, library.nn.LSTMCell(64, 128))
    optimizer = library.optim.SGD(cell.parameters(), lr=0.01)

    def loss() -> Any:
        h = c = zeros
        for row in x:
            h, c = cell(row, (h, c))
        return (h * h).mean()

    return step_time(library, loss, optimizer)


def lstm(library: Any) -> float:
    """The same by nn.LSTM."""
    rng = np.random.default_rng(0)
    x = library.constant(rng.standard_normal((50, 32, 64)).astype(np.float32))
    model = fill(library, library.nn.LSTM(64, 128))
    optimizer = library.optim.SGD(model.parameters(), lr=0.01)
    return step_time(library, lambda: (model(x)[0][-1] ** 2).mean(), optimizer)


def hessian_vector(library: Any) -> float:
    """The Hessian of the small MLP's loss, batch 32, times a vector: ms."""
    pixels, labels = images(32)
    model = fill(library, network(library.nn, MLP, library.nn.Tanh))
    criterion, parameters = library.nn.CrossEntropyLoss(), list(model.parameters())
    x, target = library.constant(pixels), library.constant(labels)
    rng = np.random.default_rng(1)
    vector = [library.constant(rng.standard_normal(tuple(p.shape)).astype(np.float32))
              for p in parameters]  # fmt: skip

    def product() -> None:
        loss = criterion(model(x), target)
        if not LOSSES:
            LOSSES.append(loss.item())
        gradients = library.grad(loss, parameters, create_graph=True)
        along = sum((g * v).sum() for g, v in zip(gradients, vector, strict=True))
        library.grad(along, parameters)

    return seconds(product) * 1e3


def adam(library: Any) -> float:
    """One step of Adam alone, on one million parameters in 16 pieces: ms."""
    rng = np.random.default_rng(0)
    parameters = [
        library.leaf(rng.standard_normal((250, 250)).astype(np.float32)) for _ in range(16)
    ]
    for parameter in parameters:
        parameter.grad = library.constant(rng.standard_normal((250, 250)).astype(np.float32))
    optimizer = library.optim.Adam(parameters)
    return seconds(optimizer.step) * 1e3
