"""The moves that random programs are made of: each makes a Tensor of those that are there.

A move gets a source of choices of its own, so that it chooses alike each time that the program is
called on Tensors of the same shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

import autograd as ag
import nn

__all__ = ["MOVES", "World"]

F = nn.functional


class World:
    """What a program has beside its values: state, layers, arrays and a generator of its own."""

    def __init__(self, dtype: Any) -> None:
        numbers = np.random.default_rng(7)
        self.total = ag.Tensor(numbers.standard_normal((3, 4)).astype(dtype), name="total")
        self.count = ag.Tensor(0, name="count")
        self.array = numbers.standard_normal((3, 4)).astype(dtype)
        self.linear = nn.Linear(4, 4, rng=0, dtype=dtype)
        self.norm = nn.BatchNorm1d(4, momentum=None, dtype=dtype)
        self.table = nn.Embedding(5, 4, rng=1, dtype=dtype)
        self.rng = np.random.default_rng(8)

    def holders(self) -> list[Any]:
        return [self.total, self.count, self.linear, self.norm, self.table, Bits(self.rng)]


class Bits:
    """The state of a generator, to be compared."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bits) and (
            self.rng.bit_generator.state == other.rng.bit_generator.state
        )

    __hash__ = None  # type: ignore[assignment]


Move = Callable[[Random, list[Any], World], Any]
MOVES: dict[str, Move] = {}


def move(function: Move) -> Move:
    MOVES[function.__name__] = function
    return function


UNARY = (
    ag.sin, ag.tanh, ag.exp, ag.relu, ag.sigmoid, ag.abs, ag.sign, ag.square, ag.floor, F.gelu,
    F.silu, F.softplus, F.elu, F.leaky_relu, F.hardtanh, F.mish,
    lambda x: -x, lambda x: x * 0.5 + 1, lambda x: 1 / (1 + x * x), lambda x: abs(x) ** 1.5,
    lambda x: ag.clip(x, -1, 1), lambda x: ag.log(x * x + 1), lambda x: x**3,
    lambda x: ag.nan_to_num(x), lambda x: x.copy(), lambda x: x - x.detach() * 0.3,
)  # fmt: skip
BINARY = (
    ag.add, ag.subtract, ag.multiply, ag.maximum, ag.minimum, ag.arctan2, ag.hypot,
    lambda x, y: x / (1 + y * y), lambda x, y: ag.where(x > y, x, y * 0.1),
    lambda x, y: ag.where(ag.isfinite(y), x, 0), lambda x, y: 2 - x * y,
)  # fmt: skip
REDUCTIONS = (ag.sum, ag.mean, ag.max, ag.min, ag.var, ag.logsumexp)


def pick(choose: Random, values: list[Any]) -> Any:
    return values[choose.randrange(len(values))]


def axis_of(choose: Random, x: Any) -> Any:
    return choose.choice([None, *range(-x.ndim, x.ndim)]) if x.ndim else None


def matrix(x: Any) -> Any:
    """The numbers of a value as (3, 4), by views where that goes."""
    if x.shape == (3, 4):
        return x
    flat = x.reshape(-1)
    if flat.size < 12:
        return ag.broadcast_to(flat.sum(), (3, 4))
    return flat[:12].reshape(3, 4)


def index(choose: Random, x: Any) -> Any:
    """An index into a value: numbers, slices, ellipsis, new axes, arrays."""
    kinds = [
        choose.choice([
            slice(None), slice(1, None), slice(None, None, -1), slice(None, None, 2),
            slice(-2, None), choose.randrange(n), -1, [0, n - 1], np.arange(n)[::-1],
        ]) if n else slice(None)
        for n in x.shape[: choose.randint(0, x.ndim)]
    ]  # fmt: skip
    if sum(isinstance(k, (list, np.ndarray)) for k in kinds) > 1:
        kinds = [slice(None) if isinstance(k, (list, np.ndarray)) else k for k in kinds]
    return choose.choice([tuple(kinds), (*kinds, ...), (..., None), ...])


def basic(choose: Random, x: Any) -> Any:
    found = index(choose, x)
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(slice(None) if isinstance(k, (list, np.ndarray)) else k for k in parts)


def view(choose: Random, x: Any) -> Any:
    ways: list[Callable[[], Any]] = [
        lambda: x.T, lambda: x.reshape(-1), lambda: x[basic(choose, x)],
        lambda: ag.expand_dims(x, 0), lambda: ag.squeeze(x), lambda: ag.flip(x), lambda: x.ravel(),
    ]  # fmt: skip
    if x.ndim > 1:
        ways += [lambda: ag.swapaxes(x, 0, -1), lambda: ag.diagonal(x), lambda: x[0]]
    return choose.choice(ways)()


@move
def unary(choose: Random, values: list[Any], world: World) -> Any:
    return choose.choice(UNARY)(pick(choose, values))


@move
def binary(choose: Random, values: list[Any], world: World) -> Any:
    x, y = pick(choose, values), pick(choose, values)
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        x, y = matrix(x), matrix(y)
    return choose.choice(BINARY)(x, y)


@move
def reduced(choose: Random, values: list[Any], world: World) -> Any:
    x = pick(choose, values)
    keepdims = choose.random() < 0.5
    return choose.choice(REDUCTIONS)(x, axis=axis_of(choose, x), keepdims=keepdims)


@move
def centred(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values))
    ways = [ag.softmax, ag.log_softmax, ag.cumsum, lambda x, axis: x - x.mean(axis, keepdims=True)]
    return choose.choice(ways)(x, axis=choose.choice([0, 1, -1]))


@move
def viewed(choose: Random, values: list[Any], world: World) -> Any:
    return view(choose, pick(choose, values))


@move
def viewed_twice(choose: Random, values: list[Any], world: World) -> Any:
    return view(choose, view(choose, pick(choose, values)))


@move
def indexed(choose: Random, values: list[Any], world: World) -> Any:
    x = pick(choose, values)
    return x[index(choose, x)]


@move
def joined(choose: Random, values: list[Any], world: World) -> Any:
    x, y = matrix(pick(choose, values)), matrix(pick(choose, values))
    ways: list[Callable[[], Any]] = [
        lambda: ag.concatenate([x[1:], y[:1]]), lambda: ag.stack([x, y], axis=1)[:, 0],
        lambda: ag.concatenate(ag.split(x, 2, axis=1)[::-1], axis=1),
        lambda: ag.Tensor([x[0, 0], y[1, 1], 2.0]), lambda: ag.roll(x, 1, axis=0),
    ]  # fmt: skip
    return choose.choice(ways)()


@move
def product(choose: Random, values: list[Any], world: World) -> Any:
    x, y = matrix(pick(choose, values)), matrix(pick(choose, values))
    ways: list[Callable[[], Any]] = [
        lambda: x @ y.T * 0.1, lambda: ag.einsum("ij,ij->i", x, y), lambda: ag.outer(x[0], y[1]),
        lambda: world.linear(x), lambda: F.linear(x, y), lambda: x @ y[0],
        lambda: ag.tensordot(x, y, ([0], [0])) * 0.1,
    ]  # fmt: skip
    return choose.choice(ways)()


@move
def chosen(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values))
    rows = x.argmax(axis=1)
    ways: list[Callable[[], Any]] = [
        lambda: ag.take_along_axis(x, ag.argsort(x, axis=1), axis=1), lambda: x[rows % 3],
        lambda: world.table(rows), lambda: F.cross_entropy(x, rows), lambda: ag.sort(x, axis=0),
        lambda: (rows * 2 - 1).astype(x.dtype), lambda: (x > 0).sum(axis=0) * x[0],
        lambda: F.one_hot(rows, 4) * x, lambda: x[ag.arange(3), rows],
    ]  # fmt: skip
    return choose.choice(ways)()


@move
def layered(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values))
    ways: list[Callable[[], Any]] = [
        lambda: world.norm(x), lambda: F.layer_norm(x, (4,)), lambda: F.dropout(x, 0.5),
        lambda: F.mse_loss(x, world.array), lambda: F.rms_norm(x, (4,)),
    ]  # fmt: skip
    return choose.choice(ways)()


@move
def drawn(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values))
    random = ag.random
    ways: list[Callable[[], Any]] = [
        lambda: x + random.randn(3, 4).astype(x.dtype) * 0.1, lambda: x * random.rand(4),
        lambda: x * random.bernoulli(ag.full((3, 4), 0.5)),
        lambda: x + random.randn(3, 4, rng=world.rng), lambda: x[random.randint(0, 3, (2,))],
    ]  # fmt: skip
    return choose.choice(ways)()


@move
def outside(choose: Random, values: list[Any], world: World) -> Any:
    x = pick(choose, values)
    with ag.no_grad():
        y = ag.sin(x) * 2
    return choose.choice([y, x.detach(), x.data * 2, y + x])


@move
def cast(choose: Random, values: list[Any], world: World) -> Any:
    x = pick(choose, values)
    other = choose.choice(["float16", "float32", "float64", "complex64"])
    y = x.astype(other)
    return ag.real(y * 2j) + ag.abs(y) if other == "complex64" else (y * y).astype(x.dtype)


@move
def written(choose: Random, values: list[Any], world: World) -> Any:
    """A value of its own, written to in places, by views and masks."""
    y = pick(choose, values) * 1
    for _ in range(choose.randint(1, 3)):
        write(choose, y, pick(choose, values))
    return y


@move
def written_through(choose: Random, values: list[Any], world: World) -> Any:
    y = pick(choose, values) * 1
    part = view(choose, y)
    write(choose, part, pick(choose, values))
    return choose.choice([y, y + part.sum(), part])


def write(choose: Random, y: Any, other: Any) -> None:
    amount = choose.choice([2.0, other.sum(), other.detach().mean()])
    at = index(choose, y)
    way = choose.randrange(8)
    if way == 0:
        y[at] = amount
    elif way == 1:
        y[at] += amount
    elif way == 2:
        y[at] *= amount
    elif way == 3:
        y *= 0.5
    elif way == 4:
        y += amount
    elif way == 5:
        y[y > 0.5] = 0.25
    elif way == 6:
        y[...] = y * y
    else:
        part = y[basic(choose, y)]
        part -= amount


@move
def state(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values)).detach()
    total = world.total
    with ag.no_grad():
        way = choose.randrange(5)
        if way == 0:
            total[...] = total * 0.5 + x
        elif way == 1:
            total[1] += x[0]
        elif way == 2:
            row = total[0]
            row *= 0.5
        elif way == 3:
            total.data = x * 2
        else:
            total *= 0.9
        world.count[...] = world.count + 1
    return total * x + world.count


@move
def arrays(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values))
    ways = (lambda: x * world.array, lambda: world.array[1] - x, lambda: np.sin(x) + np.ones(4))
    return choose.choice(ways)()


@move
def slope(choose: Random, values: list[Any], world: World) -> Any:
    x = pick(choose, values)
    if not x.requires_grad:
        return x * 2
    create = choose.random() < 0.5
    (g,) = ag.grad((ag.sin(x) * x).sum(), x, create_graph=create, retain_graph=True)
    return g


@move
def curvature(choose: Random, values: list[Any], world: World) -> Any:
    x = pick(choose, values)
    if not x.requires_grad:
        return x * 3
    (g,) = ag.grad((x**3).sum(), x, create_graph=True)
    (h,) = ag.grad((g * x.detach()).sum(), x, create_graph=choose.random() < 0.5)
    return h


@move
def differentiated(choose: Random, values: list[Any], world: World) -> Any:
    x = matrix(pick(choose, values))
    ways: list[Callable[[], Any]] = [
        lambda: ag.grad(lambda y: (ag.sin(y) * y).sum())(x),
        lambda: ag.jvp(lambda y: ag.tanh(y) * y, (x,), (x.detach() * 0 + 1,))[1],
    ]
    return choose.choice(ways)()


@move
def hooked(choose: Random, values: list[Any], world: World) -> Any:
    y = pick(choose, values) * 1.5
    if y.requires_grad:
        y.register_hook(lambda g: g * 0.5)
    return y
