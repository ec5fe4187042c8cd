"""Steps of training, from a small MLP to a block of a transformer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networks
from data import images, normal
from library import Step, fill, training


def network(nn: Any, sizes: list[int], nonlinearity: Any, after_last: bool = False) -> Any:
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nonlinearity()]
    return nn.Sequential(*(layers if after_last else layers[:-1]))


def inference(library: Any, sizes: list[int]) -> Step:
    """An MLP on one image."""
    model = fill(library, network(library.nn, sizes, library.nn.ReLU))
    x = library.constant(images((1, sizes[0]))[0])
    return lambda: model(x)


def mlp(library: Any, sizes: list[int], batch: int) -> Step:
    """One step of Adam on an MLP."""
    x, target = map(library.constant, images((batch, sizes[0]), sizes[-1]))
    model = fill(library, network(library.nn, sizes, library.nn.ReLU))
    criterion, optimizer = library.nn.CrossEntropyLoss(), library.optim.Adam(model.parameters())
    return training(library, optimizer, lambda: criterion(model(x), target))


def convolutional(library: Any, name: str, shape: tuple[int, ...], sizes: dict[str, Any]) -> Step:
    """One step of SGD with momentum on a convolutional network."""
    x, target = map(library.constant, images(shape))
    model = fill(library, getattr(networks, name)(library.nn, **sizes))
    criterion = library.nn.CrossEntropyLoss()
    optimizer = library.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return training(library, optimizer, lambda: criterion(model(x), target))


def transformer(library: Any, batch: int, length: int, width: int, heads: int) -> Step:
    """One step of Adam on a block with causal attention."""
    x = library.constant(normal(batch, length, width))
    model = fill(library, networks.block(library, width, heads))
    optimizer = library.optim.Adam(model.parameters())
    return training(library, optimizer, lambda: (model(x) ** 2).mean())


def lstm_loop(library: Any, length: int, batch: int, inputs: int, hidden: int) -> Step:
    """One step of SGD on an LSTMCell that a Python loop calls."""
    x = [library.constant(row) for row in normal(length, batch, inputs)]
    zeros = library.constant(0 * normal(batch, hidden))
    cell = fill(library, library.nn.LSTMCell(inputs, hidden))

    def loss() -> Any:
        h = c = zeros
        for row in x:
            h, c = cell(row, (h, c))
        return (h * h).mean()

    return training(library, library.optim.SGD(cell.parameters(), lr=0.01), loss)


def lstm(library: Any, length: int, batch: int, inputs: int, hidden: int) -> Step:
    """The same by nn.LSTM."""
    x = library.constant(normal(length, batch, inputs))
    model = fill(library, library.nn.LSTM(inputs, hidden))
    optimizer = library.optim.SGD(model.parameters(), lr=0.01)
    return training(library, optimizer, lambda: (model(x)[0][-1] ** 2).mean())


def hessian_vector(library: Any, sizes: list[int], batch: int) -> Step:
    """The Hessian of the loss of a tanh MLP, times a vector."""
    x, target = map(library.constant, images((batch, sizes[0]), sizes[-1]))
    model = fill(library, network(library.nn, sizes, library.nn.Tanh))
    criterion, parameters = library.nn.CrossEntropyLoss(), list(model.parameters())
    vector = [library.constant(normal(*p.shape, seed=1)) for p in parameters]

    def step() -> Any:
        loss = criterion(model(x), target)
        gradients = library.grad(loss, parameters, create_graph=True)
        along = sum((g * v).sum() for g, v in zip(gradients, vector, strict=True))
        return loss, library.grad(along, parameters)  # given, or a compiler would leave it out

    return step


def adam(library: Any, count: int, size: int) -> Step:
    """One step of Adam alone, on `count` square parameters."""
    parameters = [library.leaf(normal(size, size, seed=seed)) for seed in range(count)]
    for parameter in parameters:
        parameter.grad = library.constant(normal(size, size, seed=count))
    return library.optim.Adam(parameters).step
