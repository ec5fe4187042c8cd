"""Graph.verify: a wrong rule somewhere in a model is found, with its node, op and source line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.gradcheck.check import check
from autograd.gradcheck.naming.nodes import first_bad_node
from autograd.gradcheck.verify import verify


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Spoil what the rule of an op for one input gives."""

    def plant(name: str, spoil: Callable[[Any], Any], position: int = 0) -> None:
        pulls = list(OPS[name].pulls)
        rule, slots = pulls[position]
        assert rule is not None
        pulls[position] = (lambda g, *saved: spoil(rule(g, *saved)), slots)
        monkeypatch.setattr(OPS[name], "pulls", tuple(pulls))

    return plant


def leaf(*shape: int, name: str | None = None, dtype: str = "float64") -> ag.Tensor:
    values = np.random.default_rng(len(shape)).uniform(0.5, 1.5, shape)
    return ag.Tensor(values.astype(dtype), requires_grad=True, name=name)


def gate(x: Any, weight: Any) -> Any:
    """A small model, with an assignment in it: `here` is the number of its line."""
    h = (x @ weight).tanh()
    h[:, 1] = h[:, 0] * 2.0  # the line that is looked for
    return (h * h).sum()


def line_of(f: Callable[..., Any], text: str) -> int:
    lines, start = inspect.getsourcelines(f)
    return start + next(i for i, line in enumerate(lines) if text in line)


# ---- right graphs --------------------------------------------------------------------------------


def test_right_rules_pass_and_are_counted() -> None:
    graph = ag.Graph(gate(leaf(3, 4), leaf(4, 2)))
    report = graph.verify()
    assert report
    assert not report.failures
    operations = [node for node in graph if not node.is_leaf]
    assert f"{len(operations)} nodes checked, each at the values it saw" in report.notes
    assert first_bad_node(graph, check) is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_model_of_layers_passes(dtype: str) -> None:
    model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.GELU(), nn.Linear(5, 3, rng=1)).to(dtype)
    x = np.random.default_rng(0).normal(size=(2, 4)).astype(dtype)
    loss = nn.CrossEntropyLoss()(model(ag.Tensor(x)), ag.Tensor(np.array([0, 2])))
    assert ag.Graph(loss).verify()


def test_ops_of_several_outputs_and_of_any_number_of_inputs_pass() -> None:
    x, y = leaf(4, name="x"), leaf(3)
    values, _ = ag.topk(x, 2)
    part, whole = ag.modf(ag.concat([x, y * 1.1, values]))
    assert ag.Graph((part * part).sum() + whole.sum()).verify()


def test_constants_are_kept_as_they_were() -> None:
    x = leaf(3)
    scale, mask = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])
    out = (np.where(mask, x * scale, x / 2.0)[[0, 0, 2]] + ag.Tensor(scale, name="scale")).sum()
    assert ag.Graph(out).verify()


def test_complex_nodes_pass() -> None:
    z = ag.Tensor(np.array([1 + 2j, 0.5 - 1j]), requires_grad=True)
    assert ag.Graph(ag.real(z * z.exp()).sum()).verify()


# ---- wrong rules ---------------------------------------------------------------------------------


def test_a_wrong_rule_is_found_with_its_number_op_and_line(plant: Callable[..., None]) -> None:
    plant("setitem", lambda g: g * np.array([-1.0, 1.0]))
    with ag.tracing():
        out = gate(leaf(3, 4), leaf(4, 2))
    graph = ag.Graph(out)
    number = next(i for i, node in enumerate(graph) if node.op.name == "setitem")
    line = line_of(gate, "the line that is looked for")
    place = f"node {number}, setitem, test_graph_verify.py:{line}"
    assert first_bad_node(graph, check) == place
    report = graph.verify()
    assert not report
    assert place in str(report)
    assert "matmul" not in str(report)


def test_the_first_of_several_is_the_one_that_ran_first(plant: Callable[..., None]) -> None:
    plant("exp", lambda g: g * 2.0)
    plant("tanh", lambda g: -g)
    graph = ag.Graph(leaf(3).tanh().exp().sum())
    assert first_bad_node(graph, check) == "node 1, tanh"
    assert "node 2, exp" in str(verify(graph))


def test_a_node_of_a_module_says_which(plant: Callable[..., None]) -> None:
    plant("tanh", lambda g: g * 1.05)
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh())
    found = first_bad_node(ag.Graph(model(ag.Tensor([[0.5, -1.0]])).sum()), check)
    assert found is not None
    assert "tanh" in found
    assert found.endswith("in 1 (Tanh)")


@pytest.mark.parametrize("position", [0, 1])
def test_the_input_whose_rule_is_wrong_is_named(plant: Callable[..., None], position: int) -> None:
    plant("matmul", lambda g: g * 0.5, position)
    report = ag.Graph((leaf(2, 3) @ leaf(3, 2)).sum()).verify()
    assert not report
    right = OPS["matmul"].inputs[1 - position]
    assert all(f"d {right}\n" not in str(finding) for finding in report.failures)


def test_only_the_values_that_were_seen_decide() -> None:
    @op("bad", x=lambda g, x: np.where(x < 0, -g, g))
    def wrong_below_zero(x: Any, /) -> Any:
        return x * 1.0

    below = ag.Tensor([-1.0, 2.0], requires_grad=True, dtype="float64")
    assert ag.Graph(wrong_below_zero(leaf(3)).sum()).verify()
    assert (
        first_bad_node(ag.Graph(wrong_below_zero(below).sum()), check) == "node 1, wrong_below_zero"
    )


def test_a_wrong_second_derivative_is_found_at_order_two() -> None:
    def first(g: Any, x: Any) -> Any:
        # right in value, constant for the second derivative
        return g * 3.0 * getattr(x, "_value", x) ** 2

    @op("x³", x=lambda g, x: first(g, x))
    def cubed(x: Any, /) -> Any:
        return x * x * x

    graph = ag.Graph(cubed(leaf(3)).sum())
    assert graph.verify()
    assert not graph.verify(order=2)


def test_a_wrong_rule_for_one_output_of_several() -> None:
    def forward(x: Any, /) -> Any:
        return x * 2.0, x * 3.0

    both = op("both", outputs=2, x=lambda g: g[0] * 2.0 - g[1] * 3.0)(forward)
    a, b = both(leaf(3))
    assert first_bad_node(ag.Graph((a + b).sum()), check) == "node 1, forward"


# ---- what cannot be checked ----------------------------------------------------------------------


def test_values_that_are_not_finite_are_left_out_with_a_note() -> None:
    x = ag.Tensor([1.0, 0.0], requires_grad=True, dtype="float64")
    with np.errstate(all="ignore"):
        graph = ag.Graph((np.log(x) * 2.0).sum())
        report = graph.verify()
    assert any(note.startswith("node 1, log: not checked: ") for note in report.notes)


def test_verify_changes_nothing() -> None:
    x, w = leaf(3, 4), leaf(4, 2)
    out = gate(x, w)
    before = x.tolist(), w.tolist()
    ag.Graph(out).verify()
    assert (x.tolist(), w.tolist()) == before
    assert x.grad is None
    out.backward()  # what the nodes saved is still there
    assert x.grad is not None


def test_a_graph_can_be_verified_after_backward() -> None:
    out = gate(leaf(3, 4), leaf(4, 2))
    graph = ag.Graph(out)
    out.backward()
    assert graph.verify()
