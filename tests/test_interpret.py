"""The one interpreter and the one pull are what the sweep does, which has them written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.modes import current_mode, enable_grad
from autograd.engine.node import Node, reachable
from autograd.engine.operands import raw
from autograd.engine.outputs import wrap
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample, draw
from autograd.engine.watch import Watch
from autograd.graph.formula import Symbol
from autograd.graph.interpret import interpret, pull_back
from autograd.sweep.backward import sweep
from autograd.sweep.cotangent import lifted
from autograd.sweep.limits import matters
from autograd.sweep.pull import pull
from tests.by_op import by_op
from tests.layers import CASES as LAYERS
from tests.layers.case import Call, Case, flatten

SAMPLES = [
    pytest.param(op, sample, id=f"{name}-{number}-{sample}")
    for name, op in sorted(OPS.items())
    if op.differentiable
    for number, sample in enumerate(op.samples() if op.samples else ())
]


def recorded(op: Op, sample: Sample) -> list[Node]:
    """The roots of a call, all of whose inputs that may have a gradient have one."""
    inputs = [
        ag.Tensor(x, requires_grad=True, dtype=np.asarray(x).dtype)
        if x is not None and np.asarray(x).dtype.kind in "fc"
        else x
        for x in sample.inputs
    ]
    result = op.record(*inputs, **sample.params)
    return roots_of(result if isinstance(result, (tuple, list)) else [result])


def roots_of(results: Sequence[Any]) -> list[Node]:
    nodes = (getattr(y, "_node", None) for y in results)
    return list(dict.fromkeys(node for node in nodes if node is not None))


def seeds_of(roots: Sequence[Node]) -> list[Any]:
    return [
        np.asarray(draw(*r.shape, seed=i, complex_=r.dtype.kind == "c")).astype(r.dtype)[()]
        for i, r in enumerate(roots)
    ]


def swept(roots: list[Node], seeds: list[Any], create_graph: bool) -> dict[Node, Any]:
    leaves = [node for node in reachable(roots) if node.is_leaf]
    once = {"accumulate": False, "retain_graph": True, "create_graph": create_graph}
    return sweep(roots, seeds, inputs=leaves, **once)  # type: ignore[arg-type]


def plainly(roots: list[Node], seeds: list[Any], create_graph: bool) -> dict[Node, Any]:
    """The same by the interpreter's own sweep and the one pull."""
    nodes = list(ag.Graph(*roots))

    def pulled(node: Node, g: Any) -> list[Any]:
        return pull(node, g, lifted(node, node.saved) if create_graph else node.saved)

    with enable_grad():
        found = pull_back(nodes, dict(zip(roots, seeds, strict=True)), pulled)
    return {node: g for node, g in found.items() if node.is_leaf}


def bits(found: dict[Node, Any]) -> dict[int, tuple[Any, ...]]:
    arrays = {node.number: np.asarray(raw(g)) for node, g in found.items()}
    return {number: (a.shape, a.dtype, a.tobytes()) for number, a in arrays.items()}


def hold_equal(roots: list[Node], create_graph: bool) -> None:
    if matters(reachable(roots)):
        return  # limits where values coincide: the sweep alone knows them (see limits.py)
    seeds = seeds_of(roots)
    given = [wrap(g) for g in seeds] if create_graph else seeds
    with np.errstate(all="ignore"):
        fast = bits(swept(roots, given, create_graph))
        with Watch():
            watched = bits(swept(roots, given, create_graph))
        plain = bits(plainly(roots, given, create_graph))
    assert fast == watched
    assert fast == plain


@pytest.mark.parametrize("create_graph", [False, True], ids=["arrays", "tensors"])
@by_op(("op", "sample"), SAMPLES)
def test_the_sweep_and_the_one_pull_agree_to_the_bit(
    op: Op, sample: Sample, create_graph: bool
) -> None:
    roots = recorded(op, sample)
    if roots:
        hold_equal(roots, create_graph)


@pytest.mark.parametrize("case", LAYERS, ids=[f"{n}-{case}" for n, case in enumerate(LAYERS)])
def test_they_agree_on_whole_layers(case: Case) -> None:
    layer, arrays, positions = case.make(), case.arrays(), case.differentiated()
    leaves = list(flatten(arrays))
    given = [ag.Tensor(leaves[p], requires_grad=True) for p in positions]
    roots = roots_of(list(flatten(Call(layer, arrays, positions)(*given))))
    for create_graph in (False, True) if roots else ():
        hold_equal(roots, create_graph)


def test_a_graph_runs_on_arrays_tensors_and_symbols_alike() -> None:
    x = ag.Tensor(2.0, requires_grad=True, name="x")
    graph = ag.Graph(ag.exp(x * x) + 1)
    (leaf,) = graph.leaves
    on_array, on_tensor, on_symbol = (
        interpret(graph.nodes, {leaf: value})[graph.outputs[0]]
        for value in (np.float32(3.0), ag.Tensor(3.0), Symbol("x", np.float32(3.0)))
    )
    assert on_array == on_tensor.item() == on_symbol.value
    assert str(on_symbol) == "add(exp(multiply(x, x)), 1)"


# ---- the hook ------------------------------------------------------------------------------------


class Told(Watch):
    """Keeps what it is told."""

    sees_forward = True

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def forward(self, op: Any, run: Any, /, *values: Any, **params: Any) -> Any:
        self.heard.append(("forward", op.name, values))
        return super().forward(op, run, *values, **params)

    def rule(self, node: Any, position: Any, rule: Any, /, g: Any, *saved: Any) -> Any:
        self.heard.append(("rule", node.op.name, position, g, saved))
        return super().rule(node, position, rule, g, *saved)

    def passed(self, node: Any, position: int, g: Any) -> None:
        self.heard.append(("passed", node.op.name, position, np.asarray(g).tolist()))


def test_a_watch_is_told_of_each_forward_and_rule_and_of_what_goes_on() -> None:
    x = ag.Tensor(3.0, requires_grad=True)
    y = ag.Tensor([2.0, 4.0])
    with Told() as told:
        z = x * y
        z.backward(ag.Tensor([1.0, 10.0]))
    kinds = [event[:3] if event[0] != "forward" else event[:2] for event in told.heard]
    assert kinds == [("forward", "multiply"), ("rule", "multiply", 0), ("passed", "multiply", 0)]
    assert told.heard[1][4][0].tolist() == [2.0, 4.0]
    assert told.heard[2][3] == 42.0, "summed over the axis that was repeated"
    count = len(told.heard)
    x * y
    assert len(told.heard) == count


def test_a_joint_rule_is_told_of_once_and_each_of_its_cotangents() -> None:
    layer, joint = nn.LayerNorm(3), {name for name, op in OPS.items() if op.joint}
    y = layer(ag.Tensor([[1.0, 2.0, 4.0]], requires_grad=True))
    with Told() as told:
        y.sum().backward()
    of_joint = [e for e in told.heard if e[0] == "rule" and e[1] in joint]
    assert [e[2] for e in of_joint] == [None]
    assert of_joint[0][1] in {e[1] for e in told.heard if e[0] == "passed"}


def test_the_outermost_watch_is_asked_first_and_may_change_what_is_given() -> None:
    class Times(Watch):
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def rule(self, node: Any, position: Any, rule: Any, /, g: Any, *saved: Any) -> Any:
            order.append(self.factor)
            return super().rule(node, position, rule, g, *saved) * self.factor

    order: list[float] = []
    x = ag.Tensor(3.0, requires_grad=True)
    with Times(2.0), Times(5.0):
        (dx,) = ag.grad(x * x, x)
    assert dx.item() == 60.0
    assert order == [2.0, 5.0] * 2


def test_a_watch_keeps_what_is_switched_inside_of_it() -> None:
    try:
        with Watch():
            ag.set_grad_enabled(False)
        assert not ag.is_grad_enabled()
    finally:
        ag.set_grad_enabled(True)
    assert current_mode().watches == ()


def test_an_error_of_a_watched_rule_says_where_it_came_from() -> None:
    class Fails(Watch):
        def rule(self, node: Any, position: Any, rule: Any, /, g: Any, *saved: Any) -> Any:
            raise ValueError("on purpose")

    x, y = ag.Tensor(3.0, requires_grad=True), ag.Tensor(3.0, requires_grad=True)
    with Fails(), pytest.raises(ValueError, match="on purpose") as caught:
        (x * y).backward()
    assert caught.value.__notes__ == [
        "while the rule of multiply for x ran (record under autograd.tracing() to see the line)"
    ]


def test_profile_and_detect_anomaly_look_on_together() -> None:
    x = ag.Tensor(0.0, requires_grad=True)
    with np.errstate(all="ignore"), ag.profile() as p, ag.detect_anomaly():
        y = ag.sqrt(x) * 0.0
        with pytest.raises(ag.errors.NaNError, match="sqrt: the rule for x gave NaN"):
            y.backward()
    assert [(e.kind, e.name) for e in p.events] == [
        ("forward", "sqrt"), ("forward", "multiply"), ("backward", "multiply"), ("backward", "sqrt")
    ]  # fmt: skip
