"""Control flow in exported models: If, Scan and Loop, which decide anew at each run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ExportError
from autograd.graph.pytree import flat
from autograd.onnx import export
from tests.test_onnx_export import agree, image, onnx, run

X = np.array([1.0, 2.0, 3.0])
N = np.array(3)
W = ag.Tensor([2.0, 3.0, 4.0], dtype="float64", requires_grad=True)


def slope(f: Any, x: Any, *others: Any) -> Any:
    x = x.detach().requires_grad_()
    return ag.grad(f(x, *others), x)[0]


# What is called, its inputs of two runs, the axes that may have any length, and what it becomes.
CALLS = {
    "cond": (
        lambda x: ag.cond(x.sum() > 0, lambda x: x * W, lambda x: -x, x), [X], [-X], {}, "If"),
    "cond of two results": (
        lambda x: ag.cond(x[0] > 0, lambda: (x, W), lambda: (W, x + 1)), [X], [-X], {}, "If"),
    "while": (
        lambda x: ag.while_loop(lambda c: c.sum() < 100, lambda c: c * 2 * W, x),
        [X], [X * 100], {}, "Loop"),
    "while of numbers": (
        lambda n: ag.while_loop(lambda c: c[0] < n, lambda c: (c[0] + 1, c[1] * 2), (0, 1)),
        [N], [N + 3], {}, "Loop"),
    "fori": (lambda x: ag.fori_loop(0, 4, lambda i, c: c * x + i, x), [X], [-X], {}, "Scan"),
    "fori up to a value": (
        lambda n, x: ag.fori_loop(0, n, lambda i, c: c * x + i, x), [N, X], [N - 3, X], {}, "Loop"),
    "scan": (
        lambda x: ag.scan(lambda c, a: (c + a * W[0], c * a), 0.0, x), [X], [-X], {}, "Scan"),
    "scan in reverse": (
        lambda x: ag.scan(lambda c, a: (c + a, {"y": c * a, "z": c}), 0.0, x, reverse=True),
        [X], [-X], {}, "Scan"),
    "scan without slices": (
        lambda x: ag.scan(lambda c, _: (c * 2, c), x, length=4), [X], [-X], {}, "Scan"),
    "scan of no turns": (
        lambda x: ag.scan(lambda c, a: (c + a, c), x, x[:0]), [X], [-X], {}, ""),
    "scan of any length": (
        lambda x: ag.scan(lambda c, a: (c + a, c), 0.0, x),
        [X], [np.arange(5.0)], {0: {0: "t"}}, "Scan"),
    "cond in a scan": (
        lambda x: ag.scan(
            lambda c, a: (ag.cond(a > 1.5, lambda c: c + a, lambda c: c - a, c), c), 0.0, x),
        [X], [-X], {}, "Scan"),
    "gradient of cond": (
        lambda x: slope(
            lambda x: ag.cond(x.sum() > 0, lambda x: (x * x * W).sum(), lambda x: -x.sum(), x), x),
        [X], [-X], {}, "If"),
    "gradient of scan": (
        lambda x: slope(lambda x: ag.scan(lambda c, a: (c * a + W[0], c), x[0], x)[0], x),
        [X], [-X], {}, "Scan"),
    "gradient of scan of any length": (
        lambda m, x: slope(
            lambda m: ag.scan(lambda c, a: (c * a + m, c * m), m * 0, x)[1].sum(), m),
        [np.ones((2, 3)), np.arange(4.0)], [np.arange(9.0).reshape(3, 3), np.arange(3.0)],
        {0: {0: "n"}, 1: {0: "t"}}, "Scan"),
    "gradient of while": (
        lambda x: slope(
            lambda x: ag.while_loop(lambda c: c.sum() < 100, lambda c: c * 2 * W, x).sum(), x),
        [X], [X * 9], {}, "Loop"),
    "gradient of while without turns": (
        lambda x: slope(
            lambda x: ag.while_loop(lambda c: c.sum() < 100, lambda c: c * 2 * W, x).sum(), x),
        [X], [X * 900], {}, "Loop"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_control_flow_decides_there_as_it_does_here(name: str) -> None:
    call, first, second, axes, kind = CALLS[name]
    model = export(call, *first, dynamic_axes=axes)
    kinds = {node.op_type for node in model.graph.node}
    assert kind in kinds or not kind
    assert (kinds & {"If", "Loop", "Scan"}) == ({kind} - {""}) or "of while" in name
    for inputs in (first, second):
        agree(run(model, *inputs), flat(call(*map(ag.Tensor, inputs))), "float64")


class Cell(nn.Module):
    """A recurrent layer, written as a scan."""

    def __init__(self) -> None:
        super().__init__()
        self.own = nn.Linear(3, 3)

    def forward(self, x: Any) -> Any:
        return ag.scan(lambda c, a: (ag.tanh(self.own(a) + c), c), ag.zeros(3), x)[0].sum()


def test_a_loss_by_scan_is_trained_there() -> None:
    nn.manual_seed(0)
    net = Cell()
    model = export(net, image(4, 3), train=True, dynamic_axes={0: {0: "t"}})
    x = image(6, 3)
    value = net(ag.Tensor(x))
    found = dict(zip([o.name for o in model.graph.output], run(model, x), strict=True))
    assert found["loss"] == pytest.approx(value.item(), rel=1e-5)
    for (name, _), g in zip(
        net.named_parameters(), ag.grad(value, list(net.parameters())), strict=True
    ):
        agree([found[f"grad.{name}"]], [g], "float32")


def test_an_op_inside_that_has_no_operator_says_so() -> None:
    with pytest.raises(ExportError, match=r"svd .*iterations"):
        export(
            lambda x: ag.cond(x.sum() > 0, lambda x: ag.linalg.svd(x)[1], lambda x: x[0], x),
            np.eye(2),
        )


def test_weights_inside_are_initialisers_outside() -> None:
    model = export(Cell(), image(4, 3))
    assert {x.name for x in model.graph.initializer} >= {"own.weight", "own.bias"}
    onnx.checker.check_model(model, full_check=True)
