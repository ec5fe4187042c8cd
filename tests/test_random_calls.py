"""Random programs: a replay on other inputs equals the call, with its draws and its state."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn

SHAPE = (3, 4)


def assigned(a: Any, b: Any, n: Any, m: Any) -> Any:
    copied = ag.Tensor(a)
    copied[1:] = b[1:] * 2
    return copied


def filled(a: Any, b: Any, n: Any, m: Any) -> Any:
    new = ag.zeros(SHAPE, dtype="float64")
    new += a
    new[m] = 0.5
    return new


@ag.no_grad
def outside(a: Any, b: Any, n: Any, m: Any) -> Any:
    return ag.exp(ag.minimum(a, 1.0))


def slope(a: Any, b: Any, n: Any, m: Any) -> Any:
    return a if a.is_leaf else ag.grad((a * a * b).sum(), a, create_graph=True)[0]


# of two arrays, integers and a mask: what is none of the shape is an integer or a mask again
STEPS: list[Callable[[Any, Any, Any, Any], Any]] = [
    assigned, filled, outside, slope,
    lambda a, b, n, m: a + b,
    lambda a, b, n, m: a * b,
    lambda a, b, n, m: ag.tanh(a),
    lambda a, b, n, m: ag.where(m, a, b),
    lambda a, b, n, m: a > b,
    lambda a, b, n, m: ~m,
    lambda a, b, n, m: ag.argsort(a, axis=0)[0] % 3,
    lambda a, b, n, m: ag.take(a, n, axis=0)[:3],
    lambda a, b, n, m: a[ag.argsort(b.sum(axis=1))],
    lambda a, b, n, m: ag.sort(a, axis=1),
    lambda a, b, n, m: ag.topk(a, 4, axis=1)[0],
    lambda a, b, n, m: ag.max(a, axis=1, keepdims=True) + b,
    lambda a, b, n, m: a.detach() * 2,
    lambda a, b, n, m: a.T.reshape(SHAPE),
    lambda a, b, n, m: ag.concat([a[:1], b[1:]]),
    lambda a, b, n, m: nn.functional.dropout(a),
    lambda a, b, n, m: a + ag.random.randn(*SHAPE, dtype="float64"),
]  # fmt: skip


class Program(nn.Module):
    """Steps on whatever there is so far, and a buffer that adds up what comes by."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        plan, numbers = random.Random(seed), np.random.default_rng(seed)
        self.steps = [
            (plan.choice(STEPS), [plan.random() for _ in range(4)])
            for _ in range(plan.randrange(3, 12))
        ]
        self.weight = nn.Parameter(numbers.standard_normal(SHAPE))
        self.register_buffer("total", ag.Tensor(np.zeros(SHAPE)))
        self.constant = ag.Tensor(numbers.standard_normal(SHAPE))

    def forward(self, x: Any, i: Any) -> Any:
        self.total += x
        pools = [[x, self.weight * 1, self.constant, self.total * 0.5], [i], [x > 0]]
        for step, picks in self.steps:
            a, b, n, m = (
                pool[int(pick * len(pool))]
                for pool, pick in zip((pools[0], *pools), picks, strict=True)
            )
            y = step(a, b, n, m)
            pools["fib".index(y.dtype.kind)].append(y)
        return tuple(pool[-1] for pool in pools)


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_a_random_program_is_run_again_to_the_bit(start: int) -> None:
    for seed in range(start, start + 50):
        numbers = np.random.default_rng(seed)
        x, y = numbers.standard_normal((2, *SHAPE))
        i, j = numbers.integers(0, 3, (2, 4))
        program, twin = Program(seed), Program(seed)
        graph = ag.Graph(program, x, i)
        for rng in (1, 2):  # the second call finds what the first has written
            found = graph.replay({"x": y, "i": j}, rng=rng, update_state=True)
            with ag.random.drawing_from(ag.random.generator(rng)):
                right = twin(ag.Tensor(y), ag.Tensor(j))
            for a, b in zip(found, right, strict=True):
                assert a.dtype == b.dtype, seed
                np.testing.assert_array_equal(a, b.detach().numpy(), err_msg=str(seed))
        assert program.total.tolist() == twin.total.tolist()
