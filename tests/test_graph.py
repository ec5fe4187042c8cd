"""Graph: the recorded operations as an object that is walked, replayed, compared and printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.node import Constant
from autograd.errors import BackwardError, ShapeError


def leaf(data: Any, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(data, float), requires_grad=True, name=name)


def ops(graph: ag.Graph) -> list[str]:
    return [node.op.name for node in graph]


# ---- what it holds -------------------------------------------------------------------------------


def test_nodes_come_parents_first_and_once() -> None:
    x, y = leaf(2.0, "x"), leaf(3.0, "y")
    a = x * y
    out = (a + x) * a
    graph = ag.Graph(out)
    assert ops(graph) == ["leaf", "leaf", "multiply", "add", "multiply"]
    seen: set[Any] = set()
    for node in graph.nodes:
        assert all(parent in seen for parent in node.inputs)
        seen.add(node)
    assert len(graph) == len(seen) == 5
    assert repr(graph) == "<Graph of 5 nodes, 2 leaves>"
    assert graph.outputs == (out.grad_fn,)
    assert a.grad_fn in graph
    assert (x * y).grad_fn not in graph


def test_leaves_are_those_that_take_part() -> None:
    x, y, unused = leaf(1.0, "x"), leaf(2.0, "y"), leaf(3.0, "unused")
    graph = ag.Graph(y * x)
    assert [node.name for node in graph.leaves] == ["x", "y"]
    assert unused._node not in graph


def test_a_graph_of_several_outputs_and_of_a_leaf() -> None:
    x = leaf(2.0)
    a, b = x * 3, x + 1
    graph = ag.Graph(a, b)
    assert len(graph.outputs) == 2
    assert graph.replay() == (6.0, 3.0)
    assert ops(ag.Graph(x)) == ["leaf"]
    assert ag.Graph(x).replay({x: 5.0}) == 5.0
    assert ag.Graph(a.grad_fn).replay() == 6.0


def test_constants_are_listed_once() -> None:
    x = leaf([1.0, 2.0])
    weights, named = np.ones(2), ag.Tensor(np.zeros(2), name="offset")
    out = x * weights + named + weights * x + named + 2.0
    constants = ag.Graph(out).constants
    arrays = [c for c in constants if isinstance(c, np.ndarray)]
    others = [c for c in constants if isinstance(c, Constant)]
    assert len(arrays) == 1
    assert arrays[0].tolist() == weights.tolist()
    assert [c.name for c in others] == ["offset"]


def test_what_has_no_graph_is_refused() -> None:
    with pytest.raises(BackwardError, match="Tensor has no graph: it does not require grad"):
        ag.Graph(ag.Tensor(1.0))
    with pytest.raises(BackwardError, match="float has no graph"):
        ag.Graph(1.0)


# ---- replay --------------------------------------------------------------------------------------


def f(x: Any, w: Any) -> Any:
    return ((x * w).tanh() + x[:1] - w / 2.0).sum(axis=0)


def test_replay_gives_the_same_value_and_takes_new_leaves_by_tensor_node_or_name() -> None:
    x, w = leaf([1.0, 2.0], "x"), leaf([0.5, -0.5], "w")
    out = f(x, w)
    graph = ag.Graph(out)
    assert graph.replay() == out.item()
    new_x, new_w = np.array([3.0, -1.0]), np.array([0.2, 0.7])
    expected = (np.tanh(new_x * new_w) + new_x[:1] - new_w / 2).sum()
    for leaves in (
        {x: new_x, w: new_w},
        {"x": new_x, "w": new_w},
        {x._node: new_x, "w": [0.2, 0.7]},
    ):
        found = graph.replay(leaves)
        assert not isinstance(found, ag.Tensor)
        np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert x.tolist() == [1.0, 2.0]


def test_replay_records_anew_where_a_leaf_is_a_tensor() -> None:
    x, w = leaf([1.0, 2.0], "x"), leaf([0.5, -0.5], "w")
    graph = ag.Graph(f(x, w))
    new = leaf([3.0, -1.0], "new")
    out = graph.replay({"x": new})
    assert isinstance(out, ag.Tensor)
    out.backward()
    again = leaf([3.0, -1.0])
    f(again, w.detach()).backward()
    assert new.grad is not None
    assert again.grad is not None
    assert new.grad.tolist() == again.grad.tolist()
    assert x.grad is None
    assert ag.Graph(out).leaves[0].name == "new"


def test_replay_works_after_backward_has_freed_the_saved_values() -> None:
    x = leaf([1.0, 2.0])
    out = (x.exp() * x).sum()
    graph = ag.Graph(out)
    out.backward()
    np.testing.assert_allclose(graph.replay(), out.item(), rtol=0)


def test_values_gives_every_intermediate() -> None:
    x = leaf([1.0, 2.0])
    y = x * 3
    z = y + 1
    values = ag.Graph(z).values({x: [10.0, 20.0]})
    assert values[y._node].tolist() == [30.0, 60.0]
    assert values[z._node].tolist() == [31.0, 61.0]


def test_replay_takes_the_dtype_of_the_leaf() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert ag.Graph(x * 2).replay({x: [1, 2]}).dtype == np.float32


def test_replay_of_static_parameters_and_indices() -> None:
    x = leaf(np.arange(6.0).reshape(2, 3))
    out = x[:, [0, 2]].sum(axis=1, keepdims=True).reshape((2,))
    np.testing.assert_array_equal(ag.Graph(out).replay({x: np.ones((2, 3))}), [2.0, 2.0])


def test_replay_refuses_what_does_not_fit() -> None:
    x, y = leaf([1.0, 2.0], "x"), leaf(1.0, "y")
    graph = ag.Graph(x * 2)
    with pytest.raises(KeyError, match=r"'z' is no leaf of this graph \(leaves by name: x\)"):
        graph.replay({"z": 1.0})
    w = ag.Tensor(2.0, requires_grad=True)
    square = ag.Graph(w * w)
    with pytest.raises(
        KeyError, match=r"none has a name; the Tensor itself is a key, \{w: value\}"
    ):
        square.replay({"w": 3.0})
    assert square.replay({w: 3.0}) == 9.0
    with pytest.raises(KeyError, match="is no leaf of this graph"):
        graph.replay({y: 1.0})
    with pytest.raises(ShapeError, match=r"replay: x is \(2,\), the new value \(3,\)"):
        graph.replay({"x": [1.0, 2.0, 3.0]})


# ---- comparison ----------------------------------------------------------------------------------


def test_the_same_function_gives_the_same_structure() -> None:
    one = ag.Graph(f(leaf([1.0, 2.0]), leaf([1.0, 1.0])))
    two = ag.Graph(f(leaf([5.0, 6.0], "other"), leaf([0.0, 1.0])))
    assert one.same_structure(two)
    assert one.same_structure(one)


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (lambda x: x * 2, lambda x: x + 2),
        (lambda x: x * x, lambda x: x * 2),
        (lambda x: x - 2, lambda x: 2 - x),
        (lambda x: x.sum(axis=0), lambda x: x.sum(axis=1)),
        (lambda x: x[0], lambda x: x[1]),
        (lambda x: x[np.arange(2)], lambda x: x[np.array([1, 0])]),
        (lambda x: x[np.zeros(5000, int)], lambda x: x[np.repeat([0, 1, 0], [2000, 1000, 2000])]),
        (lambda x: x * 2.0, lambda x: x * np.full((2, 2), 2.0)),
        (lambda x: x * np.ones(2), lambda x: x * np.ones((2, 1))),
        (lambda x: x, lambda x: x[:1]),
        (lambda x: (x * 2) * 2, lambda x: x * 2),
        (lambda x: x, lambda x: x.astype("float32")),
    ],
)
def test_another_computation_has_another_structure(make: Any, other: Any) -> None:
    x = leaf(np.ones((2, 2)))
    assert not ag.Graph(make(x)).same_structure(ag.Graph(other(x)))


def test_shapes_and_dtypes_are_part_of_the_structure() -> None:
    base = ag.Graph(leaf(np.ones(2)) * 2)
    assert not base.same_structure(ag.Graph(leaf(np.ones(3)) * 2))
    assert not base.same_structure(ag.Graph(ag.Tensor([1.0, 1.0], requires_grad=True) * 2))


# ---- printing ------------------------------------------------------------------------------------


def test_a_graph_prints_as_a_table() -> None:
    x = leaf([1.0, 2.0], "x")
    with ag.scope("encoder"):
        y = x * ag.Tensor(np.float64(3.0), name="scale") + np.ones(2)
    y.name = "shifted"
    out = (y * 0.5).sum()
    table = """
#  op        inputs          shape   dtype    name     module
0  leaf                      2       float64  x
1  multiply  #0, scale       2       float64           encoder
2  add       #1, float64[2]  2       float64  shifted  encoder
3  multiply  #2, 0.5         2       float64
4  sum       #3              scalar  float64
"""
    assert str(ag.Graph(out)) == table.strip()


def test_nodes_print_what_they_are() -> None:
    x = leaf([1.0, 2.0], "x")
    y = (x * 3.0).sum(axis=0)
    total = y.grad_fn
    assert total is not None
    product = total.inputs[0]
    assert repr(product) == "<multiply(x, 3.0)>"
    assert repr(product.inputs[0]) == "<leaf x (2,) float64>"
    assert repr(total) == f"<sum({product.label()}, axis=0, keepdims=False)>"
    assert product.label() == f"multiply#{product.number}"
