"""Ops that users define: functions of the exported model, by their names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ExportError
from autograd.extend import Array, defvjp, draw, elementwise, op, primitive, sample, samples
from autograd.graph.pytree import flat
from autograd.onnx import export, load
from tests.test_onnx_export import agree, run

X = np.linspace(0.5, 1.5, 6).reshape(2, 3)


@op(
    "1/(1 + x²)",
    x=lambda g, x, out: g * (-2 * x * out * out),
    elementwise=True,
    samples=elementwise((-2.0, 2.0)),
    reference=lambda x: np.reciprocal(np.square(x) + 1),
)
def lorentz(x: Array, /) -> Array:
    """The Lorentz curve."""
    return 1 / (1 + x * x)


@op(
    "k · x + n",
    x=lambda g, k: g * k,
    samples=samples(lambda: sample(draw(3), k=2.0)),
    reference=lambda x, k: x * k + np.arange(3),
)
def climbing(x: Array, /, k: float = 2.0) -> Array:
    """k times x, and the number of the column."""
    return x * k + np.arange(3)


@op(
    "x², x - mean",
    joint=lambda g, x: (g[0] * 2 * x + g[1] - np.mean(g[1], axis=0),),
    outputs=2,
    samples=samples(lambda: sample(draw(3, 2))),
    reference=lambda x: (x * x, x - np.mean(x, axis=0)),
)
def squared_and_centred(x: Array, /) -> tuple[Array, Array]:
    """The square, and the distance from the mean of the batch."""
    return x * x, x - np.mean(x, axis=0)


@primitive
def log_of_sum(x: Any) -> Any:
    """log Σ eˣ."""
    return np.log(np.sum(np.exp(x)))


defvjp(log_of_sum, lambda ans, x: lambda g: g * np.exp(x - ans))

for own in ("lorentz", "climbing", "squared_and_centred"):
    del ag.OPS[own]  # they are of this file alone

CALLS = {
    "called twice": (lambda x: lorentz(x) + lorentz(x * 2), {"lorentz": 2}),
    "with a parameter": (
        lambda x: climbing(x, k=2.0) + climbing(x, k=3.0) + climbing(x, k=2.0),
        {"climbing": 2, "climbing_2": 1}),
    "of two results": (squared_and_centred, {"squared_and_centred": 1}),
    "of one of two results": (lambda x: squared_and_centred(x)[1], {"squared_and_centred": 1}),
    "a primitive": (lambda x: log_of_sum(x) * 2, {"log_of_sum": 1}),
    "in a scan": (
        lambda x: ag.scan(lambda c, a: (c + lorentz(a), c), x[0] * 0, x)[0], {"lorentz": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_an_own_op_is_a_function_of_the_model(name: str, tmp_path: Any) -> None:
    call, counts = CALLS[name]
    model = export(call, X, dynamic_axes={0: {0: "n"}}, path=tmp_path / "own.onnx")
    assert {f.name for f in model.functions} == counts.keys()
    assert all(f.doc_string and f.domain == "chaingrad" for f in model.functions)
    graphs = [
        model.graph,
        *(a.g for n in model.graph.node for a in n.attribute if a.name == "body"),
    ]
    kinds = [node.op_type for graph in graphs for node in graph.node]
    assert {kind: kinds.count(kind) for kind in counts} == counts
    back = load(tmp_path / "own.onnx")
    for x in (X, np.vstack([X, X + 1])):
        right = flat(call(ag.Tensor(x)))
        agree(run(model, x), right, "float64")
        agree([y.numpy() for y in flat(back(x))], right, "float64")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.own = nn.Linear(3, 3, dtype="float64")

    def forward(self, x: Any) -> Any:
        return lorentz(self.own(x)).mean() + squared_and_centred(self.own(x))[1].max()


def test_the_gradient_of_an_own_op_is_there_too() -> None:
    nn.manual_seed(0)
    net = Net()
    model = export(net, X, train=True, dynamic_axes={0: {0: "n"}})
    x = np.vstack([X, X[:1] * 3])
    found = dict(zip([o.name for o in model.graph.output], run(model, x), strict=True))
    slopes = ag.grad(net(ag.Tensor(x)), list(net.parameters()))
    for (name, _), g in zip(net.named_parameters(), slopes, strict=True):
        agree([found[f"grad.{name}"]], [g], "float64")


@primitive
def chosen(x: Any) -> Any:
    return np.exp(x) if float(x.sum()) > 0 else x


def test_an_own_function_that_looks_at_values_says_so() -> None:
    with pytest.raises(ExportError, match=r"chosen .*ONNX has no operators"):
        export(chosen, X)
