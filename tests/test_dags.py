"""Random expression graphs, of any shape and with shared nodes, against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.tensors.numpy_protocol import _ours
from tests.numeric import ATOL, RTOL, numeric_gradient

LENGTHS = st.sampled_from([0, 1, 2, 3])
SHAPES = st.lists(LENGTHS, max_size=3).map(tuple)

# Every step keeps values of size about one, so that derivatives up to the fifth stay of that size,
# and the tolerance of the differences (which is derived for functions of size one) holds.
UNARY: dict[str, Callable[[Any], Any]] = {
    "negative": lambda x: -x,
    "tanh": np.tanh,
    "sin": np.sin,
    "exp of bounded": lambda x: np.exp(np.tanh(x)) * 0.5,
    "square of bounded": lambda x: np.square(np.sin(x)),
    "scaled": lambda x: 0.5 * x + 0.25,
    "reciprocal": lambda x: 1.0 / (1.5 + np.square(np.tanh(x))),
    "reshape": lambda x: np.reshape(x, (-1,)),
    "turned": lambda x: np.transpose(x),
    "with an axis": lambda x: np.expand_dims(x, -1),
    "sum": lambda x: np.sum(np.tanh(x) * (1.0 / max(x.size, 1))),
    "sum over last": lambda x: np.sum(x, axis=-1) * (1 / max(x.shape[-1], 1)) if x.ndim else x,
    "mean kept": lambda x: np.mean(x, axis=0, keepdims=True) if x.ndim and x.shape[0] else x,
    "reversed": lambda x: x[::-1] if x.ndim else x,
    "first": lambda x: x[0] if x.ndim and x.shape[0] else x,
    "tail": lambda x: x[..., 1:] if x.ndim else x,
    "repeated rows": lambda x: x[np.zeros(2, int)] if x.ndim and x.shape[0] else x,
    "selected": lambda x: x[np.arange(x.shape[0]) % 2 == 0] if x.ndim else x,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: 0.5 * (x + y),
    "subtract": lambda x, y: 0.5 * (x - y),
    "multiply": lambda x, y: x * np.tanh(y),
    "divide": lambda x, y: x / (1.5 + y * y),
    "matmul": lambda x, y: np.matmul(x, y) * (1 / max(x.shape[-1], 1)),
}


@dataclass(frozen=True)
class Program:
    """Leaf shapes, and steps that name earlier values by number."""

    shapes: tuple[tuple[int, ...], ...]
    steps: tuple[tuple[str, int, int], ...]
    seed: int

    def leaves(self) -> list[np.ndarray[Any, Any]]:
        rng = np.random.default_rng(self.seed)
        return [rng.uniform(-1.0, 1.0, shape) for shape in self.shapes]

    def run(self, *leaves: Any) -> Any:
        """A number: the weighted mean of the values that no later step has used."""
        values, used = list(leaves), set()
        for name, i, j in self.steps:
            i, j = i % len(values), j % len(values)
            if name in UNARY:
                values.append(UNARY[name](values[i]))
                used.add(i)
            elif fits(name, values[i].shape, values[j].shape):
                values.append(BINARY[name](values[i], values[j]))
                used |= {i, j}
        rng = np.random.default_rng(self.seed + 1)
        total: Any = 0.0
        for number, value in enumerate(values):
            if number not in used:
                weights = rng.uniform(0.5, 1.5, value.shape) / max(value.size, 1)
                total = total + np.sum(value * weights)
        return total


def fits(name: str, x: tuple[int, ...], y: tuple[int, ...]) -> bool:
    if name == "matmul":
        if not x or not y or x[-1] != y[max(len(y) - 2, 0)]:
            return False
        x, y = x[:-2], y[:-2]
    try:
        size = int(np.prod(np.broadcast_shapes(x, y)))
    except ValueError:
        return False
    return size <= 30


@st.composite
def programs(draw: st.DrawFn, max_steps: int) -> Program:
    shapes = tuple(draw(st.lists(SHAPES, min_size=1, max_size=3)))
    names = st.sampled_from([*UNARY, *BINARY, *BINARY, *BINARY])  # binary steps share nodes
    number = st.integers(0, 20)
    steps = draw(st.lists(st.tuples(names, number, number), min_size=1, max_size=max_steps))
    return Program(shapes, tuple(steps), draw(st.integers(0, 1000)))


def tensors(arrays: list[np.ndarray[Any, Any]]) -> list[ag.Tensor]:
    return [ag.Tensor(a, requires_grad=True) for a in arrays]


def check(found: Any, f: Callable[..., float], arrays: list[np.ndarray[Any, Any]]) -> None:
    for position, (g, value) in enumerate(zip(found, arrays, strict=True)):
        expected = numeric_gradient(f, arrays, position)
        actual = np.zeros(value.shape) if g is None else np.asarray(g)
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(actual, expected, RTOL, ATOL * scale)
        assert actual.shape == value.shape


@given(programs(max_steps=12))
def test_gradients_of_random_graphs_agree_with_differences(program: Program) -> None:
    arrays = program.leaves()
    leaves = tensors(arrays)
    out = program.run(*leaves)
    np.testing.assert_allclose(out.item(), float(program.run(*arrays)), rtol=1e-13, atol=1e-14)
    found = ag.grad(out, leaves, allow_unused=True, retain_graph=True)
    check(found, lambda *xs: float(program.run(*xs)), arrays)
    out.backward()  # the same sweep, accumulating
    for g, x in zip(found, leaves, strict=True):
        assert (g is None) == (x.grad is None)
        if x.grad is not None:
            np.testing.assert_array_equal(x.grad.numpy(), g.numpy())
            assert x.grad.dtype == x.dtype


@given(programs(max_steps=7))
def test_second_derivatives_of_random_graphs_agree_with_differences(program: Program) -> None:
    arrays = program.leaves()
    rng = np.random.default_rng(program.seed + 2)
    directions = [rng.uniform(-1.0, 1.0, a.shape) / max(a.size, 1) for a in arrays]

    def slope(leaves: list[ag.Tensor], create_graph: bool) -> Any:
        """<v, gradient>"""
        out = program.run(*leaves)
        found = ag.grad(out, leaves, create_graph=create_graph, allow_unused=True)
        terms = [(g * v).sum() for g, v in zip(found, directions, strict=True) if g is not None]
        return sum(terms, ag.Tensor(np.float64(0.0)))

    leaves = tensors(arrays)
    total = slope(leaves, create_graph=True)
    first = slope(tensors(arrays), create_graph=False)
    np.testing.assert_allclose(total.item(), first.item(), rtol=1e-12, atol=1e-13)
    found = (
        ag.grad(total, leaves, allow_unused=True) if total.requires_grad else [None] * len(leaves)
    )
    check(found, lambda *xs: float(slope(tensors(list(xs)), create_graph=False)), arrays)


@given(programs(max_steps=10))
def test_a_random_graph_replays_itself(program: Program) -> None:
    arrays = program.leaves()
    leaves = tensors(arrays)
    out = program.run(*leaves)
    graph = ag.Graph(out)
    np.testing.assert_array_equal(graph.replay(), out.numpy())
    moved = [a * 0.5 for a in arrays]
    own = dict(zip(leaves, moved, strict=True))
    taking_part = {x: v for x, v in own.items() if x._node in graph}
    kept = [own[x] if x in taking_part else a for x, a in zip(leaves, arrays, strict=True)]
    np.testing.assert_allclose(
        float(graph.replay(taking_part)), float(program.run(*kept)), rtol=1e-13, atol=1e-14
    )
    again = ag.Graph(program.run(*tensors(moved)))
    assert graph.same_structure(again)


def test_every_function_that_the_programs_use_is_recorded() -> None:
    functions = {np.tanh, np.sin, np.exp, np.square, np.reshape, np.transpose, np.expand_dims,
                 np.sum, np.mean, np.matmul}  # fmt: skip
    assert functions <= set(_ours())
