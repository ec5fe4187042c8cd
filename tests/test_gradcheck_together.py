"""Many coordinates at once: what a stack of points gives is what f gives at each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.stacks import Stacks

F = nn.functional
LABELS = ag.Tensor(np.array([0, 2, 1]))

CASES: dict[str, tuple[Callable[..., Any], list[tuple[int, ...]]]] = {
    "matmul, both": (lambda x, y: ag.tanh(x @ y), [(3, 4), (4, 2)]),
    "matmul, a vector": (lambda x, y: x @ y, [(3, 4), (4,)]),
    "broadcast": (lambda x, y: x * y + y, [(2, 3, 4), (4,)]),
    "linear": (F.linear, [(2, 3, 4), (5, 4), (5,)]),
    "reduced": (lambda x: (x.sum(axis=0), x.mean(), ag.max(x, axis=-1)), [(3, 4)]),
    "softmax": (lambda x: ag.softmax(x, axis=0) * ag.log_softmax(x), [(3, 4)]),
    "shapes": (lambda x: ag.swapaxes(x.reshape(2, 6, 1), 0, 1)[1:, 0], [(3, 4)]),
    "transposed": (lambda x: ag.permute_dims(x, (2, 0, 1)) * x.T.mT, [(3, 3, 3)]),
    "fancy": (lambda x: x[[0, 2], :][:, [1, 1]], [(3, 4)]),
    "layer norm": (lambda x, w, b: F.layer_norm(x, (4,), w, b), [(3, 4), (4,), (4,)]),
    "batch norm": (lambda x: F.batch_norm(x, None, None, training=True), [(3, 4)]),
    "convolution": (lambda x, w, b: F.conv2d(x, w, b), [(2, 2, 5, 5), (3, 2, 3, 3), (3,)]),
    "convolution in groups": (
        lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=2),
        [(2, 2, 5, 5), (4, 1, 3, 3), (4,)],
    ),
    "convolution, of sequences": (
        lambda x, w: F.conv1d(x, w, stride=2, dilation=2),
        [(1, 2, 9), (3, 2, 2)],
    ),
    "pooling": (lambda x: F.max_pool2d(x, 2), [(2, 2, 4, 4)]),
    "cross entropy": (lambda x: F.cross_entropy(x, LABELS), [(3, 4)]),
    "attention": (F.scaled_dot_product_attention, [(2, 3, 4)] * 3),
    "an op without a row": (lambda x: ag.sort(ag.cumsum(x, axis=0), axis=1), [(3, 4)]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_stack_of_points_gives_what_each_point_gives(case: str) -> None:
    f, shapes = CASES[case]
    rng = np.random.default_rng(0)
    values = [rng.normal(size=shape) for shape in shapes]
    function = Function(f, values, range(len(values)), [str(n) for n in range(len(values))])
    stacks = Stacks(function.record())
    assert stacks.possible
    moving = [[n] for n in range(len(values))] + [list(range(len(values)))]
    for numbers in moving:
        given = {n: values[n] + rng.normal(size=(4, *shapes[n])) for n in numbers}
        found = stacks.run(given)
        for k in range(4):
            arrays = [given[n][k] if n in given else v for n, v in enumerate(values)]
            expected = function(np.concatenate([a.ravel() for a in arrays]))
            np.testing.assert_allclose(found[k], expected, rtol=1e-12, atol=1e-12)


def counted(f: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], list[int]]:
    calls = [0]

    def g(x: Any) -> Any:
        calls[0] += 1
        return f(x)

    return g, calls


def test_most_coordinates_need_no_call_of_f() -> None:
    f, calls = counted(lambda x: ag.tanh(x) @ np.ones(300))
    assert ag.gradcheck(f, ag.Tensor(np.linspace(-1, 1, 300)))
    assert calls[0] < 300


def test_what_a_graph_does_not_hold_is_left_to_f() -> None:
    def lost(x: Any) -> Any:
        return (x * x.numpy()).sum()

    report = ag.gradcheck(lost, ag.Tensor(np.linspace(0.5, 1, 100)), raise_exception=False)
    assert not report
    assert "100 disagree" in str(report)
