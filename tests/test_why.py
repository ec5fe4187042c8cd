"""why: every way to lose a gradient is told apart, and found with its line."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.trail import exits
from autograd.errors import BackwardError
from tests.graphs import deep_network, leaf

LINE = r"at .*test_why\.py:\d+"


def detached(w: Any) -> Any:
    return (w * 3).detach() * leaf(1.0)


def through_numpy(w: Any) -> Any:
    return ag.Tensor(np.asarray(w * 3), requires_grad=True) * 2


def through_item(w: Any) -> Any:
    return (w * 3).sum().item() * leaf(1.0)


def through_float(w: Any) -> Any:
    return float(w.sum()) * leaf(1.0)


def unrecorded(w: Any) -> Any:
    with ag.no_grad():
        h = ag.tanh(w)
    return h * leaf(1.0)


def unrecorded_product(w: Any) -> Any:
    with ag.no_grad():
        h = w * 2
    return h * leaf(1.0)


def unrecorded_sum(w: Any) -> Any:
    with ag.no_grad():
        h = w.sum(axis=0)
    return h * leaf(1.0)


def integers(w: Any) -> Any:
    return (w * 3).astype("int64") * leaf(1.0)


def without_rule(w: Any) -> Any:
    return ag.argmax(w) * leaf(1.0)


@pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (detached, rf"detach\(\) {LINE} takes multiply#\d+, which depends on w, out of the graph"),
        (through_numpy, rf"np\.asarray {LINE} hands .* to NumPy or Python"),
        (through_item, rf"item\(\) {LINE} hands"),
        (through_float, rf"float\(\) {LINE} hands"),
        (unrecorded, rf"tanh {LINE} used w while no_grad was on"),
        (unrecorded_product, rf"multiply {LINE} used w while no_grad was on"),
        (unrecorded_sum, rf"sum {LINE} used w while no_grad was on"),
        (integers, rf"astype {LINE} turns multiply#\d+, which depends on w, into integers"),
        (without_rule, rf"argmax {LINE} has no derivative, and it used w"),
    ],
)
def test_what_cut_a_gradient_is_named_with_its_line(cut: Callable[..., Any], words: str) -> None:
    w = leaf([1.0, 2.0], "w")
    with ag.tracing():
        loss = cut(w).sum()
        loss.backward()
    assert w.grad is None
    reason = ag.why(w)
    assert reason.state == "none"
    assert reason.headline == "w.grad is None: the loss does not depend on it through the graph."
    assert any(re.search(words, finding) for finding in reason.findings), str(reason)
    assert str(ag.why(w, loss)) == str(reason)


def test_the_trail_is_kept_only_while_tracing_and_starts_anew() -> None:
    w = leaf(1.0, "w")
    with ag.tracing():
        w.detach()
        repr(w)  # what this package does for itself is no exit
    assert [each.kind for each in exits()] == ["detach"]
    w.detach()
    assert len(exits()) == 1
    with ag.tracing():
        pass
    assert exits() == ()


def test_the_trail_keeps_no_graph_alive_but_the_last() -> None:
    w = leaf([1.0, 2.0], "w")
    gone = []
    with ag.tracing():
        for _ in range(3):
            loss = (w * 3.0).sum()
            loss.item()
            loss.backward()
            gone.append(weakref.ref(loss._node))
            del loss
    assert [node() is None for node in gone] == [True, True, False]
    assert len(exits()) == 3
    assert all(w._node in each.sources for each in exits())


def test_a_tensor_that_no_graph_knows() -> None:
    assert "does not require grad" in str(ag.why(ag.Tensor([1.0], name="w")))
    assert "int64, which has no derivative" in str(ag.why(ag.Tensor([1], name="w")))
    with ag.tracing():
        pass
    reason = str(ag.why(leaf(1.0, "w")))
    assert "no backward() has run under tracing" in reason
    assert "autograd.tracing()" in reason


def test_a_gradient_that_was_not_asked_for_yet() -> None:
    w = leaf(1.0, "w")
    loss = w * 2
    assert "call backward() on the loss" in str(ag.why(w, loss))
    assert "call backward() on the loss" in str(ag.why(w, ag.Graph(loss)))


def test_dead_units_stop_a_gradient() -> None:
    x = leaf(np.linspace(-2, -1, 4), "x")
    with ag.tracing():
        ag.relu(x).sum().backward()
    reason = ag.why(x)
    assert reason.state == "zero"
    assert re.search(rf"relu {LINE} stops it: 100 % of its units are dead", str(reason))


def test_a_loss_that_does_not_change_gives_zeros() -> None:
    x = leaf(2.0, "x")
    (x * 0.0 * 5.0).backward()
    loss = x * 0.0 * 5.0
    assert "stops it" in str(ag.why(x, loss))
    y = leaf(2.0, "y")
    loss = (y * 3.0) * 0.0
    loss.backward()
    assert ag.why(y, loss).state == "zero"


def test_saturated_units_shrink_a_gradient() -> None:
    x = leaf(np.linspace(-2, 2, 5), "x")
    with ag.tracing():
        z = x
        for _ in range(8):
            z = ag.sigmoid(z * 8.0)
        z.sum().backward()
    reason = ag.why(x)
    assert reason.state == "tiny"
    assert re.search(rf"sigmoid {LINE} passes on × .*units are saturated", reason.findings[0])
    assert "more ops pass on less" in reason.findings[-1]


def test_zero_times_infinity_is_found_where_it_happens() -> None:
    x = leaf([0.0, 1.0], "x")
    with ag.tracing(), np.errstate(all="ignore"):
        (ag.sqrt(x) * np.array([0.0, 1.0])).sum().backward()
    reason = ag.why(x)
    assert reason.state == "nan"
    assert re.search(rf"backward: sqrt {LINE} gives NaN for x", str(reason))
    assert "(0 · ∞)" in str(reason)
    assert "x[0] is 0" in str(reason)


def test_a_loss_that_is_no_number_is_traced_to_the_op_that_made_it() -> None:
    x = leaf([-1.0, 1.0], "x")
    with ag.tracing(), np.errstate(all="ignore"):
        ag.log(x * 2.0).sum().backward()
    assert re.search(rf"forward: log {LINE} gives NaN from numbers \(multiply from −2 to 2\)",
                     str(ag.why(x)))  # fmt: skip


def test_a_sound_gradient_is_called_sound() -> None:
    loss = deep_network(2)
    model_leaf = ag.Graph(loss).leaves[0]
    loss.backward()
    x = leaf([1.0, 2.0], "x")
    y = (x * x).sum()
    y.backward()
    reason = ag.why(x, y)
    assert reason.state == "sound"
    assert "rms 3.2" in reason.headline
    assert model_leaf.name is not None


def mean_free(x: Any) -> Any:
    return (x - x.mean()).sum()


def opposed(x: Any) -> Any:
    a, b = 3.0 * x, -3.0 * x
    return (a + b + 1.0).sum()


def above(x: Any) -> Any:
    h = x * 2.0
    return (ag.exp(h) - ag.exp(h)).sum()


@pytest.mark.parametrize("value", [2.0, [1.0, 2.0, 5.5], np.linspace(0, 1, 7)])
@pytest.mark.parametrize("loss", [mean_free, opposed, above, lambda x: (x - x).sum()])
def test_paths_that_cancel_are_told_with_what_each_gives(loss: Any, value: Any) -> None:
    x = leaf(value, "x")
    with ag.tracing():
        loss(x).backward()
    reason = ag.why(x)
    assert reason.state in ("zero", "tiny")
    met = "multiply" if loss is above else "x"
    assert re.search(rf"the paths that meet at {met} cancel: .*{LINE}", str(reason)), reason
    assert re.search(r"by \w+ ← .*x$", str(reason)), "the ledger names the paths"
    assert "dead" not in str(reason)


@pytest.mark.parametrize(
    ("loss", "value", "words"),
    [
        (lambda x: (x - 3.0) ** 2, 3.0, "its slope is 0 where subtract = 0: a minimum"),
        (lambda x: ag.mean((x - 3.0) ** 2), [3.0, 3.0], "where subtract = 0 everywhere: a minimum"),
        (lambda x: nn.functional.mse_loss(x, ag.Tensor([3.0, 3.0])), [3.0, 3.0], "a minimum"),
        (ag.abs, 0.0, "where x = 0: a minimum"),
        (ag.cos, 0.0, "where x = 0: a maximum"),
        (lambda x: (x**3).sum(), [0.0, 0.0], "a level point"),
        (ag.linalg.norm, [0.0, 0.0], "a minimum"),
    ],
)
def test_a_loss_at_its_minimum_is_not_dead(loss: Any, value: Any, words: str) -> None:
    x = leaf(value, "x")
    reason = str(ag.why(x, retained(loss(x))))
    assert words in reason
    assert "dead" not in reason


@pytest.mark.parametrize(
    ("loss", "value", "words"),
    [
        (lambda x: ag.softmax(x, axis=-1).sum(), [1.0, 2.0, 5.0], "the sum of what it gives does"),
        (lambda x: nn.LayerNorm(3)(x).sum(), [[1.0, 2.0, 5.0]], "not change with x"),
        (lambda x: ag.maximum(x, 4.0).sum(), [1.0, 2.0], "4 is greater than x everywhere"),
        (lambda x: ag.minimum(x, leaf(0.5, "c")), 1.0, "c is less than x"),
        (lambda x: ag.floor(x).sum(), [1.5, 2.5], "its derivative is 0 everywhere"),
        (lambda x: ag.sign(x) + ag.round(x), 1.5, "sign stops it: its derivative is 0 everywhere"),
        (lambda x: ag.clip(x, 0.0, 1.0).sum(), [2.0, 3.0], "x from 2 to 3 is out of its bounds"),
        (lambda x: ag.where(np.array(False), x, 1.0), 2.0, "it takes the other one here"),
        (lambda x: ag.tanh(x), 40.0, "100 % of its units are saturated (x = 40)"),
        (lambda x: x[0:0].sum(), [2.0, 3.0], "getitem is empty"),
        (ag.linalg.det, np.zeros((3, 3)), "det stops it: its derivative is 0 here"),
        (
            lambda x: nn.functional.linear(x, leaf([[0.0, 0.0]], "w")).sum(),
            [[1.0, 2.0]],
            "the other factor: w = 0 everywhere",
        ),
        (
            lambda x: nn.functional.conv1d(x, leaf([[[0.0, 0.0]]], "w")).sum(),
            [[[1.0, 2.0]]],
            "the other factor: w = 0 everywhere",
        ),
    ],
)
def test_what_passes_nothing_is_told_by_what_it_does(loss: Any, value: Any, words: str) -> None:
    x = leaf(value, "x")
    reason = str(ag.why(x, retained(loss(x))))
    assert words in reason
    assert "dead" not in reason
    assert "level point" not in reason


def test_a_minimum_is_one_in_every_direction() -> None:
    x = leaf([0.0, 0.0, 2.0], "x")
    assert "where x from 0 to 2: a level point" in str(ag.why(x, retained(ag.prod(x))))
    z = ag.Tensor(1 + 1j, requires_grad=True, name="z")
    reason = str(ag.why(z, retained(ag.abs(z - (1 + 1j)))))
    assert "a minimum" in reason
    assert "dead" not in reason


def test_what_has_no_name_is_called_as_the_caller_calls_it() -> None:
    mine = ag.Tensor(2.0, requires_grad=True)
    h = mine * 3.0
    loss = retained(h * h)
    assert str(ag.why(mine, loss)).startswith("mine.grad is there")
    assert "h.grad is None: h is no leaf" in str(ag.why(h, loss))
    assert "Call h.retain_grad() before" in str(ag.why(h, loss))
    held = [ag.Tensor(1), ag.Tensor(1.0), ag.Tensor(1.0, name="two words"), {}]
    assert "Make it floating: .astype" in str(ag.why(next(iter([ag.Tensor(1)]))))
    assert "Call .requires_grad_() on it" in str(ag.why(held[2]))
    assert "Tensor." not in str(ag.why(ag.Tensor(1.0)))


def test_a_loss_that_drops_an_infinity_is_told_forward_and_backward() -> None:
    x = leaf([0.0, 1.0, 4.0], "x")
    with ag.tracing(), np.errstate(all="ignore"):
        loss = retained(ag.where(x > 0, ag.log(x), 0.0).sum())
    forward, backward, remedy = ag.why(x, loss).findings
    assert forward.startswith("forward: log at")
    assert "(0 · ∞)" in backward
    assert "log(where(good, x, 1))" in remedy


def retained(loss: Any) -> Any:
    loss.backward()
    return loss


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda x: x * 1e-12, r"passes on × 1e−12: the other factor: 1e−12"),
        (lambda x: x / 1e12, r"passes on × 1e−12: the divisor: 1e12"),
        (lambda x: x * leaf([1e-12, 1e-13], "c"), "the other factor: c from 1e−13 to 1e−12"),
        (lambda x: x * leaf(0.0, "c"), "stops it: the other factor: c is 0"),
    ],
)
def test_a_small_factor_is_named_and_not_called_saturated(loss: Any, words: str) -> None:
    x = leaf([1.0, 2.0], "x")
    reason = str(ag.why(x, retained(loss(x).sum())))
    assert words in reason
    assert "saturated" not in reason
    assert "dead" not in reason


def test_what_is_computed_keeps_no_gradient_unless_it_is_asked_to() -> None:
    w = leaf(2.0, "w")
    a = w * 3.0
    a.name = "a"
    loss = retained(a * a)
    reason = ag.why(a, loss)
    assert reason.state == "none"
    assert "a.grad is None: a is no leaf but what multiply gave" in reason.headline
    assert "a.retain_grad()" in reason.findings[0]
    assert "The gradient at a is there: rms 12" in reason.findings[1]
    b = w * 3.0
    b.retain_grad()
    assert ag.why(b, retained(b * b)).state == "sound"


@pytest.mark.parametrize(
    ("loss", "value", "words"),
    [
        (ag.sqrt, [1.0, 0.0], "backward: sqrt .* gives infinity for x: .*; x[1] is 0"),
        (lambda x: ag.where(x > 0.5, ag.sqrt(x), 0.0), [1.0, 0.0],
         "backward: sqrt .* NaN .*(0 · ∞); x[1] is 0.*where .* drops these elements forward"),
        (lambda x: 1 / x, [1.0, 0.0], "forward: divide .* infinity .*; x[1] is 0"),
        (ag.exp, [[1.0, 2.0], [1e4, 0.0]], "forward: exp .* infinity .*; x[1, 0] is 10000"),
        (lambda x: x * 2.0, [1.0, np.nan], "forward: x came with it: x[1] is NaN"),
    ],
)  # fmt: skip
def test_the_cause_of_an_infinite_gradient_is_named_with_its_place(
    loss: Any, value: Any, words: str
) -> None:
    x = leaf(value, "x")
    with ag.tracing(), np.errstate(all="ignore"):
        total = loss(x).sum()
        total.backward()
    reason = str(ag.why(x, total)).replace("\n", " ")
    assert re.search(re.escape(words).replace(r"\.\*", ".*").replace(r"\ ", " "), reason), reason


def test_reasons_are_text_in_html_too() -> None:
    w = ag.Tensor([1], name="<b>")
    assert "&lt;b&gt;" in ag.why(w)._repr_html_()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ag.why(3), TypeError, "why takes a Tensor, got int"),
        (lambda: ag.why(leaf(1.0), 3), TypeError, "loss must be a Tensor or a Graph"),
        (lambda: ag.why(leaf(1.0), ag.Tensor(2.0)), BackwardError, "the loss has no graph"),
    ],
)
def test_what_why_refuses(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_each_parameter_is_told_the_op_that_spoilt_its_own_gradient() -> None:
    a, b, c = leaf([0.0, 4.0], "a"), leaf(0.0, "b"), leaf(1.0, "c")
    with np.errstate(all="ignore"), ag.tracing():
        loss = ag.where(a > 0, ag.sqrt(a), 0.0).sum() + ag.log1p(ag.sqrt(b)) + c
        loss.backward()
    for p, word in ((a, "gives NaN for a: its local"), (b, "gives infinity for b")):
        found = ag.why(p, loss).findings[0]
        assert word in found
        assert f"{p.name}[0] is 0" in found or f"{p.name} is 0" in found
    assert ag.why(c, loss).state == "sound"


def test_the_forward_birth_is_told_to_those_alone_whom_it_reaches() -> None:
    a, b = leaf(-1.0, "a"), leaf(0.0, "b")
    with np.errstate(all="ignore"):
        hidden = ag.where(ag.Tensor(False), ag.log(a), 1.0)
        loss = hidden + ag.sqrt(b)
        loss.backward()
    assert ag.why(b, loss).findings[0].startswith("backward: sqrt")


INFINITE: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "sqrt": (ag.sqrt, "sqrt at", "w[1] is 0"),
    "norm": (lambda w: ag.sqrt((w.reshape(2, 2) ** 2).sum(axis=1)), "sqrt at", "sum[0] is 0"),
    "log": (ag.log, "log at", "w[1] is 0"),
    "division by it": (lambda w: 1 / w, "divide at", "w[1] is 0"),
    "division by 0": (lambda w: w / 0.0, "(w from 0 to 3, 0)", "w[0] is 0"),
    "a root": (lambda w: w**0.5, "power at", "w[1] is 0"),
    "where": (lambda w: ag.where(w > 0, ag.sqrt(w), 0.0), "(0 · ∞)", "w[1] is 0"),
    "a mask": (lambda w: ag.sqrt(w) * np.array([1, 0, 1, 1]), "(0 · ∞)", "w[1] is 0"),
    "exp": (lambda w: ag.exp(1e3 * w), "exp at", "multiply[2] is 2000"),
    "a cosine": (lambda w: w / ag.sqrt((w * 0).sum()), "divide at", "w[0] is 0"),
}


@pytest.mark.parametrize("kind", INFINITE)
def test_an_infinite_gradient_has_its_cause_with_index_line_and_remedy(kind: str) -> None:
    f, op, place = INFINITE[kind]
    first = 0.0 if kind in ("norm", "division by 0", "a cosine", "exp") else 1.0
    w = leaf([first, 0.0, 2.0, 3.0], "w")
    with np.errstate(all="ignore"), ag.tracing():
        f(w).sum().backward()
    found = ag.why(w)
    assert found.state == "nan"
    told = " ".join(found.findings)
    assert op in told
    assert place in told
    assert found.where is not None
    assert re.search(r"test_why\.py:\d+", found.where)
    assert ("logsumexp" in found.remedy) is (kind == "exp")


@pytest.mark.parametrize("width", [8, 32])
def test_what_many_sigmoids_take_comes_before_what_one_layer_takes(width: int) -> None:
    nn.manual_seed(0)
    layers = [layer for _ in range(16) for layer in (nn.Linear(width, width), nn.Sigmoid())]
    model = nn.Sequential(*layers, nn.Linear(width, 1))
    loss = (model(ag.randn(5, width)) ** 2).mean()
    loss.backward()
    many, *others = ag.why(model[0].weight, loss).findings
    assert re.match(r"sigmoid passes on × 0\.2\d, 16 times: × .*e−\d+ in all", many)
    assert any(re.search(r"linear .*passes on × 0\.\d+: the other factor", o) for o in others)
