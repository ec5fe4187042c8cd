"""A program of a user's, which strict type checkers pass, and what they know of it."""

from typing import Any, assert_type, reveal_type

import numpy as np

import autograd as ag
import autograd.numpy as anp
import autograd.scipy.stats.norm as norm
import nn
import nn.functional as F
import optim
from autograd import Tensor
from autograd.extend import Array, elementwise, op


def slope(g: Array, x: Array, scale: float) -> Array:
    return g * scale * 3 * x * x


def own_op(x: Tensor) -> Tensor:
    @op("x³", x=slope, elementwise=True, samples=elementwise((-2.0, 2.0)))
    def cube(x: Array, /, scale: float = 1.0) -> Array:
        return scale * x**3

    return cube(x, scale=2.0)


def double(x: Tensor) -> Tensor:
    return x * 2


class Net(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(3, width)
        self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.scale = nn.Parameter(1.0)

    def forward(self, x: Tensor, again: bool = False) -> Tensor:
        y = ag.relu(self.hidden(x))
        for block in self.blocks:
            y = block(y) + y
        return y * self.scale if again else y


def functions(x: Tensor, array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    reveal_type(x * 2)
    reveal_type(x == 1)
    assert_type(2.0 / x - array @ x, Tensor)
    assert_type(x.sum(axis=0, keepdims=True), Tensor)
    assert_type(x[0, 1:].T, Tensor)
    assert_type(ag.softmax(array, axis=-1), Tensor)
    assert_type(ag.where(x > 0, x, [0.0]), Tensor)
    assert_type(ag.modf(x), tuple[Tensor, Tensor])
    assert_type(ag.split(x, 2), tuple[Tensor, ...])
    assert_type(ag.linalg.svd(x).S, Tensor)
    assert_type(ag.unique(x), Tensor | Any)  # or several, by its flags
    values, counts = ag.unique(x, return_counts=True)
    print(values, counts)
    assert_type(ag.grad(x.sum(), x), tuple[Tensor, ...])
    assert_type(ag.jvp(double, (x,), (x,)), tuple[Tensor, Tensor])
    assert ag.gradcheck(double, x).passed


def pooling(x: Tensor) -> None:
    images = x.reshape(1, -1, 1, 1)
    assert_type(F.max_pool2d(images, 1), Tensor)
    assert_type(F.max_pool2d(images, 1, return_indices=True), tuple[Tensor, Tensor])
    assert_type(F.adaptive_max_pool2d(images, 1), Tensor)
    assert_type(F.adaptive_max_pool2d(images, (None, 1), True), tuple[Tensor, Tensor])
    assert_type(F.max_pool2d_with_indices(images, 1), tuple[Tensor, Tensor])
    largest: Tensor = nn.MaxPool2d(1)(images)
    _values, places = nn.MaxPool2d(1, return_indices=True)(images)
    assert_type(nn.MaxUnpool2d(1)(largest, places), Tensor)


def recurrent(x: Tensor) -> None:
    assert_type(nn.RNN(3, 2)(x), tuple[Tensor, Tensor])
    assert_type(nn.GRU(3, 2)(x, ag.zeros((1, 2))), tuple[Tensor, Tensor])
    output, (h, c) = nn.LSTM(3, 2)(x)
    assert_type((output, h, c), tuple[Tensor, Tensor, Tensor])
    packed = nn.utils.rnn.pack_sequence([x])
    assert_type(nn.GRU(3, 2)(packed), tuple[nn.utils.rnn.PackedSequence, Tensor])


def modules(x: Tensor, labels: Tensor) -> None:
    reveal_type(Net(4)(x, again=True))
    reveal_type(nn.Sequential(nn.Linear(3, 2), nn.ReLU())(x))
    assert_type(nn.LSTMCell(3, 2)(x), tuple[Tensor, Tensor])
    assert_type(nn.functional.cross_entropy(x, labels), Tensor)
    pooling(x)
    recurrent(x)
    model = Net(width=4)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    with ag.no_grad():
        assert_type(model.hidden.weight.grad, Tensor | None)
    loss = nn.CrossEntropyLoss()(model(x), labels)
    loss.backward()
    optimizer.step()
    optim.SGD([{"params": model.hidden.parameters()}, {"params": [model.scale], "lr": 0.1}])
    optim.LBFGS(p for p in model.parameters() if p.requires_grad)
    print(loss.item(), np.asarray(loss.detach()))


def operators(x: Any) -> None:
    def loss(x: Any) -> Any:
        return anp.sum(anp.linalg.norm(x) + norm.logpdf(x))

    assert_type(ag.grad(loss)(x), Any)
    assert_type(ag.grad(loss, argnum=0)(x), Any)
    print(ag.value_and_grad(loss)(x), ag.jacobian(loss, 0)(x), anp.random.randn(3))


if __name__ == "__main__":
    modules(ag.randn(5, 3), ag.randint(3, shape=(5,)))
