"""Correct digits of each node, where they are lost, and what to write instead; kept memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.node import Node
from autograd.engine.row import OPS
from tests.test_ops import DIFFERENTIABLE, call, leaves, outputs, wanted

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
LONG = np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant


def leaf(*data: Any, dtype: str = "float32") -> Any:
    return ag.Tensor(np.array(data), requires_grad=True, dtype=dtype)


# A formula that loses digits, where it does, and what is better: a part of the advice, and code
# which shows that the advice is good (None where it is an op of another signature).
F = nn.functional
LOSING: dict[str, tuple[Callable[[Any], Any], tuple[Any, ...], str, Any]] = {
    "log1p": (lambda x: ag.log(1 + x), (1e-4,), "log1p(x)", ag.log1p),
    "log1p, minus": (lambda x: ag.log(1 - x), (1e-4,), "log1p(-x)", lambda x: ag.log1p(-x)),
    "log2": (lambda x: ag.log2(x + 1), (1e-4,), "log1p(x) / log(2)",
     lambda x: ag.log1p(x) / np.log(2)),
    "expm1": (lambda x: ag.exp(x) - 1, (1e-4,), "expm1(x)", ag.expm1),
    "1 - exp": (lambda x: 1 - ag.exp(x), (1e-4,), "-expm1(x)", lambda x: -ag.expm1(x)),
    "expm1, added": (lambda x: ag.exp(x) + (-1.0), (1e-4,), "expm1(x)", ag.expm1),
    "expm1, Tensors": (lambda x: ag.exp(x) - ag.ones(1), (1e-4,), "expm1(x)", ag.expm1),
    "logsumexp": (lambda x: ag.log(ag.exp(x).sum()), (100.0, 99.0), "logsumexp", ag.logsumexp),
    "logmeanexp": (lambda x: ag.log(ag.exp(x).mean()), (100.0, 99.0), "logsumexp(x) - log(n)",
                   lambda x: ag.logsumexp(x) - np.log(2)),
    "logaddexp": (lambda x: ag.log(ag.exp(x[0]) + ag.exp(x[1])), (100.0, 99.0), "logaddexp(x, y)",
                  lambda x: ag.logaddexp(x[0], x[1])),
    "hypot": (lambda x: ag.sqrt(x[0] ** 2 + x[1] ** 2), (1e-25, 2e-25), "hypot(x, y)",
              lambda x: ag.hypot(x[0], x[1])),
    "norm": (lambda x: ag.sqrt((x * x).sum()), (1e25, 2e25), "linalg.norm(x)", ag.linalg.norm),
    "log softmax": (lambda x: ag.log(ag.softmax(x)), (-200.0, 20.0), "log_softmax(x)",
     ag.log_softmax),
    "cross-entropy": (lambda x: -ag.log(ag.softmax(x)[0] + 0.0), (-200.0, 20.0), "cross_entropy",
                      lambda x: F.cross_entropy(x, np.array(0))),
    "log softmax by hand": (lambda x: ag.log(ag.exp(x) / ag.exp(x).sum()), (-100.0, 20.0),
     "softmax", ag.log_softmax),
    "softmax by hand": (lambda x: ag.exp(x) / ag.exp(x).sum(), (100.0, 99.0), "softmax(x)",
     ag.softmax),
    "log sigmoid": (lambda x: ag.log(ag.sigmoid(x)), (-200.0,), "logsigmoid(x)", F.logsigmoid),
    "sigmoid by hand": (lambda x: 1 / (1 + ag.exp(-x)), (-100.0,), "sigmoid(x)", ag.sigmoid),
    "softplus by hand": (lambda x: ag.log(1 + ag.exp(x)), (100.0,), "softplus(x)", F.softplus),
    "1 - sigmoid": (lambda x: 1 - ag.sigmoid(x), (12.0,), "sigmoid(-x)", lambda x: ag.sigmoid(-x)),
    "variance": (lambda x: (x**2).mean() - x.mean() ** 2, (1000.0, 1000.5, 1001.0), "var(x)",
     ag.var),
    "variance by sums": (lambda x: (x * x).sum() / 3 - (x.sum() / 3) ** 2, (1000.0, 1000.5,
     1001.0), "var(x)", ag.var),
    "1 - tanh2": (lambda x: 1 - ag.tanh(x) ** 2, (5.0,), "1 / cosh(x)**2",
     lambda x: 1 / ag.cosh(x) ** 2),
    "1 - tanh": (lambda x: 1 - ag.tanh(x), (5.0,), "2 * sigmoid(-2 * x)",
     lambda x: 2 * ag.sigmoid(-2 * x)),
    "1 - cos": (lambda x: 1 - ag.cos(x), (1e-2,), "2 * sin(x / 2)**2",
     lambda x: 2 * ag.sin(x / 2) ** 2),
    "1 - cos2": (lambda x: 1 - ag.cos(x) ** 2, (1e-2,), "sin(x)**2", lambda x: ag.sin(x) ** 2),
    "erfc": (lambda x: 1 - ag.erf(x), (3.0,), "erfc(x)", ag.erfc),
    "squares": (lambda x: x[0] ** 2 - x[1] ** 2, (1000.3, 1000.1), "(x - y) * (x + y)",
                lambda x: (x[0] - x[1]) * (x[0] + x[1])),
    "square - 1": (lambda x: x**2 - 1, (1.0001,), "(x - 1) * (x + 1)", lambda x: (x - 1) * (x + 1)),
    "roots": (lambda x: ag.sqrt(x[0]) - ag.sqrt(x[1]), (1000001.0, 1e6), "(sqrt(x) + sqrt(y))",
              lambda x: (x[0] - x[1]) / (ag.sqrt(x[0]) + ag.sqrt(x[1]))),
    "root - 1": (lambda x: ag.sqrt(1 + x) - 1, (1e-4,), "x / (1 + sqrt(1 + x))",
     lambda x: x / (1 + ag.sqrt(1 + x))),
    "logarithms": (lambda x: ag.log(x[0]) - ag.log(x[1]), (100001.0, 100000.0),
     "log1p((x - y) / y)",
                   lambda x: ag.log1p((x[0] - x[1]) / x[1])),
    "exponentials": (lambda x: ag.exp(x[0]) - ag.exp(x[1]), (1.0001, 1.0), "expm1(x - y)",
                     lambda x: ag.exp(x[1]) * ag.expm1(x[0] - x[1])),
    "interest": (lambda x: (1 + x) ** 1000, (1e-5,), "exp(n * log1p(x))",
     lambda x: ag.exp(1000 * ag.log1p(x))),
    "interest - 1": (lambda x: (1 + x) ** 10 - 1, (1e-5,), "expm1(n * log1p(x))",
                     lambda x: ag.expm1(10 * ag.log1p(x))),
    "product": (lambda x: ag.log(ag.prod(x)), (1e-20,) * 3, "sum(log(x))",
     lambda x: ag.log(x).sum()),
    "determinant": (lambda x: ag.log(ag.linalg.det(x * np.eye(2, dtype="f4"))), (1e-25,) * 2,
     "slogdet",
                    lambda x: ag.linalg.slogdet(x * np.eye(2, dtype="f4"))[1]),
    "cancels": (lambda x: (x + 1e4) - 1e4, (1e-3,), "nearly equal", None),
    "sum cancels": (lambda x: x.sum(), (1e8, 1.2345, -1e8), "add up in float64", None),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSING)
def test_lost_digits_are_told_with_a_formula_that_keeps_them(name: str) -> None:
    f, data, words, better = LOSING[name]
    with ag.tracing():
        found = ag.Graph(f(leaf(*data))).precision()
    assert found.digits < 5.9
    assert words in "\n".join(row.advice for row in found.worst)
    assert any("test_precision.py:" in str(row.where) for row in found.worst)
    assert words in str(found)
    if better is not None:
        again = ag.Graph(better(leaf(*data))).precision()
        assert again.digits > min(found.digits + 0.8, 6.0)


SOUND: dict[str, Callable[[Any], Any]] = {
    "polynomial": lambda x: x * x + 2 * x + 1,
    "softmax": lambda x: ag.log_softmax(x),
    "root": lambda x: ag.sqrt(1 + x),
    "choice": lambda x: ag.sort(x * 2)[::-1],
    "whole numbers": lambda x: x[np.array([0, 1])] * np.arange(2),
    "layer": lambda x: nn.functional.layer_norm(x, (2,)),
}


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_sound_is_not_told(name: str, dtype: str) -> None:
    found = ag.Graph(SOUND[name](leaf(1.5, 3.0, dtype=dtype))).precision()
    assert not found.worst, str(found)
    assert "no node loses any" in str(found)


def test_digits_are_those_of_the_error() -> None:
    x = np.float32(1e-3)
    found = ag.Graph(ag.exp(leaf(x)) - 1).precision()
    error = abs(float(np.exp(x) - 1) / np.expm1(float(x)) - 1)
    assert found.digits == pytest.approx(-np.log10(error), abs=1e-6)
    assert found.worst[0].double == pytest.approx(12.9, abs=1.5)
    assert [row.op for row in found.rows] == ["exp", "subtract"]


@pytest.mark.skipif(not LONG, reason="long double is double on this machine")
def test_double_is_measured_by_long_double() -> None:
    found = ag.Graph(ag.exp(leaf(1e-9, dtype="float64")) - 1).precision()
    assert 6 < found.digits < 9
    assert found.worst[0].op == "subtract"


def test_complex_numbers_and_half_precision_are_counted() -> None:
    (row,) = ag.Graph(ag.exp(leaf(1e-4 + 1e-4j, dtype="complex64")) - 1).precision().worst
    assert 2 < row.digits < 5
    (row,) = ag.Graph(ag.exp(leaf(1e-2, dtype="float16")) - 1).precision().worst
    assert row.digits < 2.5


def test_another_choice_in_more_digits_has_none_right() -> None:
    graph = ag.Graph(lambda x: ag.argmax(ag.stack([x + 1e8, x * 0 + 1e8])), np.float32(-1.0))
    assert graph.precision().digits == 0


def test_traced_calls_with_draws_state_and_control_flow_are_replayed() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.BatchNorm1d(4), nn.Linear(4, 2))
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    graph = ag.Graph(lambda x: F.cross_entropy(model(x), np.arange(8) % 2), x)
    assert graph.precision().digits > 5
    assert graph.tape.precision().digits > 5
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[key])
    cond = ag.Graph(
        lambda x: ag.cond(x > 0, lambda x: ag.exp(x) - 1, lambda x: x, x), np.float32(1e-4)
    )
    assert [row.op for row in cond.precision().worst] == ["cond"]
    drawn = ag.Graph(lambda x: ag.random.normal(2) + x, x[0, :2])
    assert drawn.precision().digits > 5
    steps = ag.Graph(lambda x: ag.grad(ag.log(1 + x).sum(), x)[0], leaf(1e-4))
    assert steps.precision().digits > 5


def test_the_page_is_the_table_and_escapes_it() -> None:
    with ag.scope("<b>"):
        found = ag.Graph(ag.exp(leaf(1e-3)) - 1).precision()
    page = found._repr_html_()
    assert "<th>digits</th>" in page
    assert "expm1(x)" in page
    assert "<b>" not in page
    assert repr(found).startswith("<Precision: ")


def test_every_op_of_the_table_is_replayed() -> None:
    """In single precision the samples keep the digits that they have, or lose them at a node."""
    failures, seen = [], set()
    for op, sample in (case.values for case in DIFFERENTIABLE):
        if op.name in seen or not sample.smooth:
            continue
        xs = leaves(sample, wanted(op, sample))
        ys = [y for y in outputs(call(op, sample, xs)) if y.requires_grad and y.size]
        if not ys:
            continue
        seen.add(op.name)
        found = ag.Graph(ys[0]).precision()
        if found.digits < 10:
            failures.append(f"{op.name} {sample}: {found}")
    assert not failures, "\n".join(failures)
    assert len(seen) > 0.7 * sum(o.differentiable for o in OPS.values())


def test_what_cannot_be_looked_into_is_told() -> None:
    def f(x: Any) -> Any:
        return ag.exp(x) - 1

    compiled = ag.compile(f)
    compiled(leaf(1e-3))
    for opaque, name in ((compiled, "compiled"), (ag.checkpoint(f), "checkpoint")):
        found = ag.Graph(opaque(leaf(1e-3))).precision()
        assert f"(not looked into, and taken as exact: {name};" in str(found)
    assert ag.Graph(f(leaf(1e-3))).precision().notes == () or not LONG
    (note,) = ag.Graph(ag.linalg.inv(leaf([2.0, 1.0], [1.0, 2.0]))).precision().notes[-1:]
    assert note == "(no more than float64: inv)"


def test_whole_numbers_are_exact() -> None:
    graph = ag.Graph(lambda i: i * 2 + 1, np.arange(3))
    assert str(graph.precision()) == "The result is exact; no node loses any"


# ---- memory --------------------------------------------------------------------------------------


def test_memory_counts_each_array_once_and_tells_what_backward_frees() -> None:
    x = ag.ones((10, 10), dtype="float64", requires_grad=True)
    y = ag.exp(x)  # keeps its output
    z = (y[:5] * y[5:]).sum()  # which are views of it
    found = ag.Graph(z).memory()
    assert found.total[2:] == (0, 800, 0, 800, 800)
    assert found.total.bytes == 1600
    z.backward()
    assert ag.Graph(z).memory().total[2:] == (0, 0, 0, 800, 0)


def test_memory_tells_inputs_from_outputs_and_constants() -> None:
    x = ag.ones(100, dtype="float64", requires_grad=True)
    a = ag.sin(x + 1.0)  # its input
    b = ag.exp(a)  # its output
    found = ag.Graph((b * np.arange(100.0)).sum()).memory()
    by_op = {row.name: row for row in found.by_op}
    assert by_op["sin"].inputs == 800
    assert by_op["exp"].outputs == 800
    assert by_op["multiply"].constants == 800
    assert by_op["leaf"].leaves == 800
    assert found.total.freed == 1600
    assert sum(row.bytes for row in found.by_op) == found.total.bytes


def test_memory_is_told_by_module() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
    graph = ag.Graph(model(ag.ones((2, 4))).sum())
    found = graph.memory()
    by_module = {row.name: row for row in found.by_module}
    assert by_module["1"].outputs == 2 * 8 * 4
    assert sum(row.bytes for row in found.by_module) == found.total.bytes
    assert "module  nodes  saved inputs" in str(found)
    assert "backward frees 64 B" in repr(found)
    traced = ag.Graph(lambda x: model(x).sum(), ag.ones((2, 4))).memory()
    assert traced.total.freed == found.total.freed


def test_what_is_freed_is_what_dies() -> None:
    """By weak references to all that rules read."""
    import weakref

    x = ag.ones(50, requires_grad=True)
    loss = (ag.exp(ag.sin(x * 2.0)) * ag.tanh(x)).sum()
    said = ag.Graph(loss).memory().total.freed
    kept = {
        id(a): weakref.ref(a)
        for node in ag.Graph(loss)
        if isinstance(node, Node) and not node.is_leaf
        for a in node.saved
        if isinstance(a, np.ndarray) and a is not x._value
    }
    sizes = sum(ref().nbytes for ref in kept.values())  # type: ignore[union-attr]
    assert said == sizes
    loss.backward()
    assert not any(ref() is not None for ref in kept.values())
