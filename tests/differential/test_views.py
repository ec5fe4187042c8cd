"""Writing through views beside PyTorch: the same lines, the same numbers, the same gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
from tests.differential.compare import agree

X = np.random.default_rng(0).normal(size=(4, 4))
W = np.random.default_rng(1).normal(size=4)


def rows(y: Any, x: Any, w: Any) -> None:
    y[1:3] *= w
    y[0] += y[1]
    y[-1] -= x[0]


def columns(y: Any, x: Any, w: Any) -> None:
    y[:, 1] = w * 2
    y[:, :1] *= 0
    y[..., 2:] /= 1 + w[:2] ** 2


def turned(y: Any, x: Any, w: Any) -> None:
    y.T[2] += w
    t = y.T
    t[0] = x[1] * w
    t[1:, 1:] *= w[1:]


def flat(y: Any, x: Any, w: Any) -> None:
    v = y.reshape(-1)
    v[3:9] *= 2
    v[::5] = w
    v += 1


def middle(y: Any, x: Any, w: Any) -> None:
    y.diagonal()[:] = w
    d = y.diagonal()
    d *= w


def nested(y: Any, x: Any, w: Any) -> None:
    y[1:][0][1:] -= w[1:]
    y[2][1] = w[0] * x[0, 0]
    y[1:].T[2][1] *= 3


def among_themselves(y: Any, x: Any, w: Any) -> None:
    y[3] = w
    y[0] = y[1]
    y[1] += y[0] * 2
    v = y[2]
    v += v
    v -= y[3]


def axes(y: Any, x: Any, w: Any) -> None:
    y.swapaxes(0, 1)[0] *= w
    y[None, 1:].squeeze(0)[0] += w
    y.unsqueeze(1)[:, 0, 0] = w


def by_index(y: Any, x: Any, w: Any) -> None:
    y[[0, 2]] *= w
    y.T[[1, 3]] += w
    y[1:][y[1:] > 0] = 0.5


RECORDED: list[Callable[[Any, Any, Any], None]] = [
    rows, columns, turned, flat, middle, nested, among_themselves, axes, by_index,
]  # fmt: skip


@pytest.mark.parametrize("program", RECORDED)
@pytest.mark.parametrize("start", ["a function of a leaf", "a constant"])
def test_a_write_in_the_graph_has_pytorchs_gradients(program: Any, start: str) -> None:
    found = []
    for make in (
        lambda a: ag.Tensor(a, requires_grad=True),
        lambda a: torch.tensor(a, requires_grad=True),
    ):
        x, w = make(X), make(W)
        if start == "a constant" and program is flat:
            return  # PyTorch takes a view of a constant for the leaf that the write makes of it
        y = x * x if start != "a constant" else (x.detach() * 1.0)
        program(y, x, w)
        (y * make(X + 1).detach()).sum().backward()
        found.append((y, w.grad, x.grad))
    (mine, dw, dx), (theirs, their_dw, their_dx) = found
    agree(mine.detach(), theirs.detach(), program.__name__)
    for grad, wanted in ((dw, their_dw), (dx, their_dx)):
        assert (grad is None) == (wanted is None)
        if wanted is not None:
            agree(grad, wanted, program.__name__)


def by_rows(p: Any, g: Any) -> None:
    for i in range(4):
        p[i] -= 0.1 * g[i]


def by_iteration(p: Any, g: Any) -> None:
    for row in p:
        row /= row.sum()


def by_data(p: Any, g: Any) -> None:
    p.data -= g
    p.data[1:3] *= 2
    p.data.T[0] = 7.0
    d = p.data
    d += 1
    d[0, 0] = 5.0
    p.data.view(-1)[4:8] = 0.0
    p.detach()[2] *= 3


def by_parts(p: Any, g: Any) -> None:
    a, b = p.chunk(2, 1)
    a *= 2
    b += a
    for part in p.split([1, 3]) if isinstance(p, torch.Tensor) else p.split([1]):
        part -= 1
    p.unbind(0)[3][1] = 9.0


def by_halves(p: Any, g: Any) -> None:
    n = p.shape[0]
    p[n // 4 : n // 2] = 1.0
    p.view(2, 8)[1][2:4] = -1.0
    p.diagonal()[:] += 1.0
    p.T[1] *= 2


@pytest.mark.parametrize("program", [by_rows, by_iteration, by_data, by_parts, by_halves])
def test_a_write_to_a_parameter_outside_the_graph_does_what_pytorchs_does(program: Any) -> None:
    mine, theirs = ag.Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    with ag.no_grad():
        program(mine, ag.Tensor(X))
    with torch.no_grad():
        program(theirs, torch.tensor(X))
    agree(mine.detach(), theirs.detach(), program.__name__)
    assert mine.is_leaf
    assert mine.requires_grad
    (mine * mine).sum().backward()
    (theirs * theirs).sum().backward()
    agree(mine.grad, theirs.grad, program.__name__)


@pytest.mark.parametrize("write", [
    lambda p: p.__setitem__(0, 1.0),
    lambda p: p.T.__setitem__(0, 1.0),
    lambda p: p.view(-1).__iadd__(1.0),
    lambda p: p[:2].__imul__(2.0),
    lambda p: p.diagonal().__itruediv__(2.0),
])  # fmt: skip
def test_a_view_of_a_leaf_in_the_graph_is_refused_as_there(write: Any) -> None:
    with pytest.raises(RuntimeError, match="leaf Variable"):
        write(torch.tensor(X, requires_grad=True))
    mine = ag.Tensor(X, requires_grad=True)
    with pytest.raises(ag.errors.InPlaceError, match="a leaf that requires grad"):
        write(mine)
    np.testing.assert_array_equal(mine.numpy(), X)
